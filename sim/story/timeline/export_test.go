package timeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// traces draws runs of a few nodes that send, lose, deliver twice and wake each other.
func traces() *rapid.Generator[[]trace.Event] {
	return rapid.Custom(func(t *rapid.T) []trace.Event {
		lanes := []string{"a", "a/push", "b", "b/push", "c", "c#1/boot", "world"}
		kinds := []trace.Kind{
			trace.Step, trace.Note, trace.Send, trace.Deliver, trace.Drop, trace.Log, trace.Node,
		}
		var events []trace.Event
		id, at := uint64(0), time.Duration(0)
		for range rapid.IntRange(0, 40).Draw(t, "events") {
			at += time.Duration(rapid.IntRange(0, 2_000_000).Draw(t, "later"))
			e := trace.Event{
				At: at, Lane: rapid.SampledFrom(lanes).Draw(t, "lane"),
				Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Text: rapid.String().Draw(t, "text"),
				Cause: rapid.Uint64Range(0, id).Draw(t, "cause"),
			}
			if e.Kind != trace.Log {
				id++
				e.ID = id
			}
			events = append(events, e)
		}
		return events
	})
}

func exported(t require.TestingT, format string, events []trace.Event) *bytes.Buffer {
	var out bytes.Buffer
	require.NoError(t, Export(&out, format, explore.Outcome{Trace: events}))
	return &out
}

func TestShiVizClocksAreWhatHappenedBefore(t *testing.T) {
	line := regexp.MustCompile(`^(?P<host>\S*) (?P<clock>{.*})$`) // as ShiViz reads it by itself
	rapid.Check(t, func(t *rapid.T) {
		events := traces().Draw(t, "events")
		lines := strings.Split(strings.TrimSuffix(exported(t, "shiviz", events).String(), "\n"), "\n")
		var told []int // the events that are told
		for i, e := range events {
			if e.ID != 0 && e.Kind != trace.Step {
				told = append(told, i)
			}
		}
		if len(told) == 0 {
			return
		}
		require.Len(t, lines, 2*len(told))
		before := happenedBefore(events)
		clocks := make([]map[string]int, len(told))
		own := map[string]int{}
		for n, i := range told {
			parts := line.FindStringSubmatch(lines[2*n])
			require.NotNil(t, parts, lines[2*n])
			require.NoError(t, json.Unmarshal([]byte(parts[2]), &clocks[n]))
			require.Equal(t, hostOf(events[i].Lane), parts[1])
			own[parts[1]]++
			require.Equal(t, own[parts[1]], clocks[n][parts[1]], "a host counts its own events")
			require.True(t, strings.HasPrefix(lines[2*n+1], events[i].Kind.String()))
		}
		for n, i := range told {
			for m, j := range told[:n] {
				host := hostOf(events[j].Lane)
				knows := clocks[n][host] >= clocks[m][host]
				require.Equal(t, before[i].Bit(j) == 1, knows, "%v before %v", events[j], events[i])
			}
		}
	})
}

func hostOf(lane string) string {
	node, _, _ := strings.Cut(lane, "/")
	node, _, _ = strings.Cut(node, "#")
	return node
}

// happenedBefore follows the order of each node and all causes: of each event, the set of those before it.
func happenedBefore(events []trace.Event) []*big.Int {
	before := make([]*big.Int, len(events))
	latest, position := map[string]int{}, map[uint64]int{}
	for i, e := range events {
		before[i] = new(big.Int)
		if e.ID == 0 {
			continue
		}
		include := func(j int) {
			before[i].Or(before[i], before[j])
			before[i].SetBit(before[i], j, 1)
		}
		if j, known := latest[hostOf(e.Lane)]; known {
			include(j)
		}
		if j, known := position[e.Cause]; known {
			include(j)
		}
		latest[hostOf(e.Lane)], position[e.ID] = i, i
	}
	return before
}

func TestChromeFlowsAreTheMessages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := traces().Draw(t, "events")
		var file struct {
			TraceEvents []chromeEvent `json:"traceEvents"`
		}
		decoder := json.NewDecoder(exported(t, "chrome", events))
		decoder.DisallowUnknownFields()
		var whole map[string]json.RawMessage
		require.NoError(t, decoder.Decode(&whole))
		require.NoError(t, json.Unmarshal(whole["traceEvents"], &file.TraceEvents))

		lanes := map[int]string{}
		slices := map[string]int{} // place, time and kind -> how many
		sent, arrived := map[int]string{}, map[int]string{}
		for _, e := range file.TraceEvents {
			place := fmt.Sprintf("%s %s", lanes[e.Thread], e.At)
			switch e.Phase {
			case "M":
				if e.Name == "thread_name" {
					lanes[e.Thread] = e.Args["name"].(string)
				}
			case "X":
				slices[place+" "+e.Category]++
			case "s":
				sent[e.ID] = place
			case "f":
				require.Equal(t, "e", e.Binds)
				arrived[e.ID] = place + " " + e.Name
			}
		}
		position, wanted := map[uint64]trace.Event{}, map[string]int{}
		for _, e := range events {
			position[e.ID] = e
			send := position[e.Cause]
			if (e.Kind == trace.Deliver || e.Kind == trace.Drop) && e.Cause != 0 && send.Kind == trace.Send {
				name := map[bool]string{true: "lost message", false: "message"}[e.Kind == trace.Drop]
				from, to := microseconds(send.At), microseconds(e.At)
				wanted[fmt.Sprintf("%s %s to %s %s", send.Lane, from, to, name)]++
			}
		}
		flows := map[string]int{}
		require.Len(t, arrived, len(sent))
		for id, from := range sent {
			require.NotZero(t, slices[from+" send"], "a flow begins on a slice")
			_, to, _ := strings.Cut(arrived[id], " ")
			flows[from+" to "+to]++
		}
		require.Equal(t, wanted, flows)
		total := 0
		for _, n := range slices {
			total += n
		}
		require.Equal(t, len(events), total, "every event is a slice")
	})
}

func TestChromeShowsWhatLasts(t *testing.T) {
	told, _ := staleLevel()
	var file struct {
		TraceEvents []chromeEvent `json:"traceEvents"`
	}
	require.NoError(t, json.Unmarshal(exported(t, "chrome", told.Outcome.Trace).Bytes(), &file))
	var lasts []string
	for _, e := range file.TraceEvents {
		if e.Phase == "b" || e.Phase == "e" {
			lasts = append(lasts, fmt.Sprint(e.Phase, e.ID, " ", e.Category, " ", e.At))
		}
	}
	assert.Equal(t, []string{
		"b1 fault 10000.000", "e1 fault 40000.000", "b2 down 50000.000", "e2 down 100000.000",
		"b3 paused 60000.000", "e3 paused 70000.000",
	}, lasts)
}

func TestLinesAreTheTypedTrace(t *testing.T) {
	told, _ := staleLevel()
	back, err := trace.Read(exported(t, "jsonl", told.Outcome.Trace))
	require.NoError(t, err)
	assert.Equal(t, told.Outcome.Trace, back)
}

func TestUnknownFormatSaysWhichThereAre(t *testing.T) {
	require.EqualError(t, Export(&bytes.Buffer{}, "gif", explore.Outcome{}),
		`export: no format "gif"; there are: chrome, jsonl, porcupine, shiviz`)
	told, _ := staleLevel()
	for _, format := range slices.DeleteFunc(Formats(), func(f string) bool { return f == "porcupine" }) {
		require.ErrorIs(t, Export(full{}, format, told.Outcome), errFull, format)
	}
}
