package trace

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// entry is one call of a Recorder.
type entry struct {
	log   bool
	step  uint64
	at    time.Duration
	lane  string
	kind  Kind
	cause uint64
	x, y  uint64
	bytes []byte
	text  string
}

func entries() *rapid.Generator[[]entry] {
	return rapid.SliceOf(rapid.Custom(func(t *rapid.T) entry {
		return entry{
			log:   rapid.IntRange(0, 4).Draw(t, "log") == 0,
			step:  rapid.Uint64Range(0, 3).Draw(t, "step"),
			at:    time.Duration(rapid.IntRange(0, 3).Draw(t, "at")),
			lane:  rapid.SampledFrom([]string{"g1", "g1/push"}).Draw(t, "lane"),
			kind:  Kind(rapid.IntRange(0, int(KindCount)-1).Draw(t, "kind")),
			cause: rapid.Uint64Range(0, 3).Draw(t, "cause"),
			x:     rapid.Uint64Range(0, 2).Draw(t, "x"),
			y:     rapid.Uint64Range(0, 2).Draw(t, "y"),
			bytes: rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "bytes"),
			text:  rapid.String().Draw(t, "text"),
		}
	}))
}

func feed(r *Recorder, all []entry) *Recorder {
	for _, e := range all {
		lane := NewLane(e.lane)
		if e.log {
			r.Log(e.step, e.at, &lane, e.cause, e.text)
			continue
		}
		r.Add(e.step, e.at, &lane, e.kind, e.cause, e.x, e.y)
		if len(e.bytes) > 0 {
			r.AddBytes(e.bytes)
		}
		r.Describe(e.text)
	}
	return r
}

func TestKeepingEventsChangesNoHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := entries().Draw(t, "entries")
		none := feed(NewRecorder(0), all)
		some := feed(NewRecorder(rapid.IntRange(1, 10).Draw(t, "keep")), all)
		full := feed(NewRecorder(All), all)
		require.Equal(t, none.Hash(), some.Hash())
		require.Equal(t, none.Hash(), full.Hash())
		require.Equal(t, none.Count(), full.Count())
		require.Empty(t, none.Events())
	})
}

func TestTailIsTheEndOfTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := entries().Draw(t, "entries")
		keep := rapid.IntRange(1, 10).Draw(t, "keep")
		full := feed(NewRecorder(All), all).Events()
		require.Len(t, full, len(all))
		require.Equal(t, full[max(0, len(full)-keep):], feed(NewRecorder(keep), all).Events())
	})
}

func TestFirstDifferenceIsTheFirstEventThatDiffers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := append(entries().Draw(t, "entries"), entry{lane: "g1"})
		at := rapid.IntRange(0, len(all)-1).Draw(t, "at")
		all[at].log = false // log lines are not compared
		changed := append([]entry(nil), all...)
		changes := map[string]func(e *entry){
			"step":  func(e *entry) { e.step++ },
			"at":    func(e *entry) { e.at++ },
			"lane":  func(e *entry) { e.lane += "x" },
			"kind":  func(e *entry) { e.kind = (e.kind + 1) % KindCount },
			"cause": func(e *entry) { e.cause++ },
			"x":     func(e *entry) { e.x++ },
			"y":     func(e *entry) { e.y++ },
			"bytes": func(e *entry) { e.bytes = append(append([]byte(nil), e.bytes...), 1) },
		}
		names := []string{"step", "at", "lane", "kind", "cause", "x", "y", "bytes"}
		changes[rapid.SampledFrom(names).Draw(t, "change")](&changed[at])
		a, b := feed(NewRecorder(All), all).Events(), feed(NewRecorder(All), changed).Events()
		where, differ := FirstDifference(a, b)
		require.True(t, differ)
		require.Equal(t, at, where)
		_, differ = FirstDifference(a, a)
		require.False(t, differ)
		where, differ = FirstDifference(a, a[:len(a)-1])
		require.True(t, differ)
		require.Equal(t, len(a)-1, where)
	})
}

func TestHashSeesWhereBytesBeginAndEnd(t *testing.T) {
	seen := make(map[uint64]string)
	for _, parts := range [][]string{
		{"ab", "c"}, {"a", "bc"}, {"abc"}, {"abc", ""}, {"", "abc"}, {"abc\x00"},
	} {
		r := NewRecorder(0)
		lane := NewLane("n")
		r.Add(0, 0, &lane, Note, 0, 0, 0)
		for _, part := range parts {
			r.AddBytes([]byte(part))
		}
		require.Empty(t, seen[r.Hash()])
		seen[r.Hash()] = fmt.Sprint(parts)
	}
}

func TestLinesReadBackAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := feed(NewRecorder(All), entries().Draw(t, "entries")).Events()
		for i := range events {
			events[i].Text = strings.ToValidUTF8(events[i].Text, "?")
		}
		var file bytes.Buffer
		require.NoError(t, Write(&file, events))
		require.Equal(t, len(events), strings.Count(file.String(), "\n"))
		back, err := Read(&file)
		require.NoError(t, err)
		require.Len(t, back, len(events))
		for i := range events {
			require.Equal(t, events[i], back[i])
		}
	})
}

func TestBrokenLinesAreAnError(t *testing.T) {
	for _, text := range []string{"{", `{"kind":"dance"}`, `{"id":-1}`} {
		_, err := Read(strings.NewReader(text))
		require.ErrorContains(t, err, "trace: read event 1")
	}
}

func TestAddDoesNotAllocate(t *testing.T) {
	r, lane, text := NewRecorder(0), NewLane("g1/push"), []byte("level NONE -> REJECT")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		r.Add(1, 2, &lane, Note, 3, 4, 5)
		r.AddBytes(text)
		r.Describe("not kept")
	}))
}

func BenchmarkAdd(b *testing.B) {
	r, lane := NewRecorder(0), NewLane("g1/push")
	for b.Loop() {
		r.Add(1, 2, &lane, Step, 3, 4, 5)
	}
}

func Example() {
	run := func(level string) *Recorder {
		r := NewRecorder(All)
		manager, push := NewLane("m1"), NewLane("g1/push")
		sent := r.Add(1, 0, &manager, Send, 0, 0, 0)
		r.Describe("m1 -> g1")
		r.Add(2, 120*time.Millisecond, &push, Note, sent, 0, 0)
		r.AddBytes([]byte(level))
		r.Describe("read level " + level)
		return r
	}
	a, b := run("NONE"), run("REJECT")
	fmt.Println("same run:", a.Hash() == b.Hash())
	i, _ := FirstDifference(a.Events(), b.Events())
	fmt.Println(a.Events()[i])
	fmt.Println(b.Events()[i])
	// Output:
	// same run: false
	//      2 +0.120000s    g1/push              note    read level NONE
	//      2 +0.120000s    g1/push              note    read level REJECT
}
