package timeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

var rewrite = flag.Bool("rewrite", false, "write the data under testdata anew")

func page(t *testing.T) string {
	t.Helper()
	told, file := staleLevel()
	var out bytes.Buffer
	require.NoError(t, WritePage(&out, told, file))
	return out.String()
}

// embedded is the data of a page, as a browser finds it.
func embedded(t *testing.T, page string) []byte {
	t.Helper()
	_, rest, found := strings.Cut(page, `<script id="data" type="application/json">`)
	require.True(t, found)
	text, _, found := strings.Cut(rest, "</script>")
	require.True(t, found)
	return []byte(text)
}

func TestPageHoldsTheRunAsData(t *testing.T) {
	text := embedded(t, page(t))
	var pretty bytes.Buffer
	require.NoError(t, json.Indent(&pretty, text, "", " "))
	pretty.WriteByte('\n')
	path := filepath.Join("testdata", "stale-level.json")
	if *rewrite {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, pretty.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), pretty.String())

	// What the golden data must say, whatever is written anew.
	var d data
	require.NoError(t, json.Unmarshal(text, &d))
	told, _ := staleLevel()
	events := newRows(told.Outcome.Trace, told.Outcome.Choices)
	require.Len(t, d.At, len(events))
	at, step := int64(0), int64(0)
	for i, e := range events {
		at, step = at+d.At[i], step+d.Step[i]
		assert.Equal(t, int64(e.At), at)
		assert.Equal(t, int64(e.Step), step)
		assert.Equal(t, e.Text, d.Texts[d.Text[i]])
		assert.Equal(t, e.kindName(), d.Kinds[d.Kind[i]])
		if e.Cause != 0 {
			assert.Equal(t, e.Cause, events[i-d.Cause[i]].ID, "cause of %v", e.Event)
		}
	}
	assert.Equal(t, "no push under REJECT", d.Head.Key)
	assert.Equal(t, "windtunnel replay stale.json", d.Head.Replay)
	assert.Equal(t, trace.Fail, events[d.Head.Failed].Kind)
	assert.Equal(t, "g1/push", d.Lanes[d.Lane[d.Head.Failed]].Name, "the failure stands where it happened")
}

func TestSceneKnowsWhatLastsAndWhoIsBefallen(t *testing.T) {
	told, _ := staleLevel()
	s := newScene(newRows(told.Outcome.Trace, nil), "g1/push")
	names := func(nodes []int) (list []string) {
		for _, node := range nodes {
			list = append(list, s.nodes[node])
		}
		return list
	}
	type lasts struct {
		kind     spanKind
		nodes    string
		from, to string
	}
	var all []lasts
	for _, p := range s.spans {
		to := "the end"
		if p.to != none {
			to = s.events[p.to].Text
		}
		all = append(all, lasts{p.kind, strings.Join(names(p.nodes), " "), s.events[p.from].Text, to})
	}
	assert.Equal(t, []lasts{
		{
			fault, "w1", "begins: one-way partition: w1 > others, +10ms to +40ms",
			"ends: one-way partition: w1 > others, +10ms to +40ms",
		},
		{down, "w1", "crash", "the end"},
		{paused, "m1", "pause", "resume"},
	}, all)
	require.Len(t, s.clocks, 2)
	assert.Equal(t, int64(10e9), int64(s.clocks[1].offset), "a drift begins where the clock stands")
	assert.Equal(t, int64(-500), s.clocks[1].wallPPM)

	require.Len(t, s.messages, 3)
	assert.False(t, s.messages[0].lost)
	assert.True(t, s.messages[1].lost)
	assert.Equal(t, "m1", s.lanes[s.laneOf[s.messages[1].end]].name, "a loss is drawn at who waits for it")
	assert.Equal(t, none, s.messages[2].end, "it was still under way")
}

func TestScriptedFaultsLastUntilTheyAreTakenBack(t *testing.T) {
	r := &recorded{}
	for _, name := range []string{"a", "b", "c"} {
		r.add(0, name, trace.Node, 0, "boot")
	}
	for i, text := range []string{
		"partition [a] | [b c]", "hold a>b", "begins: partition: c | others, +1s to +9s", "release a>b",
		"heal", "begins: loss: all links, +1s to +2s", "cut a b",
	} {
		r.add(i+1, "world", trace.Fault, 0, text)
	}
	s := newScene(newRows(r.events, nil), "")
	require.Len(t, s.spans, 4, "a cut does not last")
	ends := map[string]int{}
	for _, p := range s.spans {
		ends[p.text] = none
		if p.to != none {
			ends[p.text] = int(s.events[p.to].At.Milliseconds())
		}
	}
	assert.Equal(t, map[string]int{
		"partition [a] | [b c]": 5, "hold a>b": 4, "partition: c | others, +1s to +9s": 5,
		"loss: all links, +1s to +2s": none,
	}, ends)
	assert.Equal(t, []int{0, 1, 2}, s.spans[3].nodes, "who is not named is befallen, and the world is not")
}

func TestSecondWorldsCausesAreItsOwn(t *testing.T) {
	first, second := &recorded{}, &recorded{}
	first.add(0, "a", trace.Node, 0, "boot")
	first.add(1, "a", trace.Note, 1, "first")
	second.add(0, "b", trace.Node, 0, "boot")
	second.add(1, "b#1/main", trace.Note, 1, "second")
	s := newScene(newRows(slices.Concat(first.events, second.events), nil), "")
	assert.Equal(t, []int{none, 0, none, 2}, s.cause)
	assert.Equal(t, []string{"a", "b"}, s.nodes, "a restart is no node of its own")
}

func TestFoldingKeepsWhatLedToTheFailureAndWhatIsRare(t *testing.T) {
	r := &recorded{}
	boot := r.add(0, "a", trace.Node, 0, "boot")
	wakes := r.add(1, "a/main", trace.Note, boot, "took over")
	for i := range 500 {
		r.add(2+i, "b/poll", trace.Note, 0, "polled once more")
	}
	step := r.add(600, "a/main", trace.Step, wakes, "")
	r.add(600, "world", trace.Fail, step, "broken: it")
	rows := newRows(r.events, []trace.Choice{
		{Key: "pick a#0/main 3", Answer: 7, Event: step, At: r.events[len(r.events)-1].At, Lane: "a/main"},
		{Key: "pick a#0/main 4", Answer: 2, Event: step, At: r.events[len(r.events)-1].At, Lane: "a"},
	})
	marks := newScene(rows, "").marks(explore.Choices{"pick a#0/main 3": 7, "pick a#0/main 4": 1})
	shown := 0
	for i, m := range marks {
		if m&notable != 0 {
			shown++
		}
		assert.Equal(t, slices.Contains([]uint64{boot, wakes, step, step + 1}, rows[i].ID), m&led != 0)
	}
	assert.Less(t, shown, 30)
	assert.NotZero(t, marks[1]&notable, "what is noted once")
	assert.Equal(t, named|notable, marks[len(marks)-2], "a choice that the file names")
	assert.Zero(t, marks[len(marks)-3], "the file has another answer")
}

func TestPageStandsAlone(t *testing.T) {
	text := page(t)
	for _, outside := range []string{"http:", "https:", "src=", "@import", "url(", "fetch(", "XMLHttp"} {
		assert.NotContains(t, text, outside)
	}
	assert.Contains(t, text, "default-src 'none'")
	assert.NotRegexp(t, regexp.MustCompile(`\{\{\w+\}\}`), text, "a place that nothing filled")
	assert.Equal(t, 2, strings.Count(text, "</script>"), "no text of a trace ends a script")
	assert.Contains(t, text, "pushed &lt;/script&gt; 2 windows", "the story, for who has no scripts")
	files, err := assets.ReadDir("assets")
	require.NoError(t, err)
	for _, script := range files {
		if strings.HasSuffix(script.Name(), ".js") {
			assert.Contains(t, scripts[:], script.Name(), "a script that no page has")
		}
	}
	assert.Equal(t, text, page(t), "one failure, one page")
}

func TestNoPageWithoutAFailureOrATrace(t *testing.T) {
	told, file := staleLevel()
	failure := told.Outcome.Failure
	told.Outcome.Failure = nil
	require.ErrorContains(t, WritePage(&bytes.Buffer{}, told, file), "did not fail")
	told.Outcome.Failure, told.Outcome.Trace = failure, nil
	require.ErrorContains(t, WritePage(&bytes.Buffer{}, told, file), "kept no trace")
	told, file = staleLevel()
	require.ErrorIs(t, WritePage(full{}, told, file), errFull)
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestScriptsFindWhatThePageHas(t *testing.T) {
	text, err := assets.ReadFile("assets/page.html")
	require.NoError(t, err)
	asks, asked := regexp.MustCompile(`(?:getElementById|byID)\("(\w+)"\)`), 0
	for _, name := range scripts {
		script, err := assets.ReadFile("assets/" + name)
		require.NoError(t, err)
		for _, match := range asks.FindAllSubmatch(script, -1) {
			assert.Contains(t, string(text), ` id="`+string(match[1])+`"`, "%s asks for it", name)
			asked++
		}
	}
	assert.NotZero(t, asked)
}
