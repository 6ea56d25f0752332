package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// fact is an Event that is its own text.
type fact string

func (f fact) AppendText(b []byte) []byte { return append(b, f...) }

func TestObserverSeesAFactInItsStep(t *testing.T) {
	var seen []Observation
	w := alone(t, 1, func(w *World, env core.Env) {
		w.Observe(func(o Observation) {
			require.Equal(t, w.Step(), o.Step)
			seen = append(seen, o)
		})
		_ = env.Sleep(env.Context(), 7*ms)
		env.Note(fact("seen"))
		require.Len(t, seen, 1)
	})
	o := seen[0]
	require.Equal(t, 7*ms, o.At)
	require.Equal(t, "n", o.Node)
	require.Equal(t, "main", o.Task)
	require.Equal(t, 0, o.Incarnation)
	require.Equal(t, fact("seen"), o.Event)
	e := w.Trace()[find(t, w, trace.Note)]
	require.Equal(t, o.ID, e.ID)
	require.Equal(t, "seen", e.Text)
	require.Equal(t, "n/main", e.Lane)
}

func find(t *testing.T, w *World, kind trace.Kind) int {
	t.Helper()
	for i, e := range w.Trace() {
		if e.Kind == kind {
			return i
		}
	}
	t.Fatalf("no %v in the trace", kind)
	return 0
}

func TestScanRunsBetweenTasksAndAtTheEnd(t *testing.T) {
	scans := 0
	var last uint64
	w := alone(t, 1, func(w *World, env core.Env) {
		w.Every(10, func() {
			require.Nil(t, w.current)
			scans++
			last = w.Step()
		})
		for range 100 {
			env.Yield("again")
		}
	})
	require.InDelta(t, 11, scans, 1)
	require.Equal(t, w.Step(), last)
}

func TestAfterRunsAtItsTime(t *testing.T) {
	var at []time.Duration
	alone(t, 1, func(w *World, env core.Env) {
		w.After(time.Second, "later", func() { at = append(at, w.Now()) })
		w.After(ms, "soon", func() { at = append(at, w.Now()) })
		_ = env.Sleep(env.Context(), time.Minute)
	})
	require.Equal(t, []time.Duration{ms, time.Second}, at)
}

func TestLogLinesStandWhereTheyWereLogged(t *testing.T) {
	body := func(_ *World, env core.Env) {
		_ = env.Sleep(env.Context(), 5*ms)
		env.Log().With("job", "j1").WithGroup("g").Warn("late", "by", 3*ms)
	}
	w := alone(t, 1, body)
	e := w.Trace()[find(t, w, trace.Log)]
	require.Equal(t, "n/main", e.Lane)
	require.Equal(t, 5*ms, e.At)
	require.Equal(t, `level=WARN msg=late job=j1 g.by=3ms`, e.Text)

	silent := NewWorld(Config{Stalls: Quiet(), Chooser: w.config.Chooser})
	n := silent.AddNode("n", func(core.Env) {})
	silent.Workload(n, "main", func(env core.Env) { body(silent, env) })
	require.Nil(t, silent.Run())
	require.Equal(t, w.Hash(), silent.Hash(), "logging changes no hash")
}

func TestStepIsCausedByWhatWokeTheTask(t *testing.T) {
	w := alone(t, 3, func(_ *World, env core.Env) {
		bell := env.NewSignal()
		env.Go("ringer", func() {
			_ = env.Sleep(env.Context(), ms)
			env.Note(fact("ring"))
			bell.Notify()
		})
		_ = bell.Wait(env.Context(), core.Forever)
		env.Note(fact("rung"))
	})
	events := w.Trace()
	byID := func(id uint64) trace.Event {
		return events[slices.IndexFunc(events, func(e trace.Event) bool { return e.ID == id })]
	}
	var ring, rung trace.Event
	for _, e := range events {
		switch e.Text {
		case "ring":
			ring = e
		case "rung":
			rung = e
		}
	}
	step := byID(rung.Cause)
	require.Equal(t, trace.Step, step.Kind)
	require.Equal(t, "n/main", step.Lane)
	require.Equal(t, ring.Cause, step.Cause, "the step that rang")
	require.True(t, strings.HasSuffix(byID(step.Cause).Lane, "ringer"))
}

func TestWholeTraceHasTheChoicesThatWereNotQuiet(t *testing.T) {
	run := func(keep int) *World {
		recorder := choice.NewRecorder(choice.NewSeeded(3))
		w := NewWorld(Config{Chooser: recorder, Keep: keep})
		n := w.AddNode("n", asleep)
		w.Workload(n, "main", func(env core.Env) {
			for range 50 {
				_ = env.Sleep(env.Context(), ms)
			}
		})
		w.Choose(choice.Config, "size", 1<<16)
		require.Nil(t, w.Run())
		if keep != trace.All {
			return w
		}
		told := map[string]bool{}
		for _, e := range w.Trace() {
			if e.Kind == trace.Choice {
				require.Zero(t, e.ID)
				told[e.Text] = true
			}
		}
		for key, answer := range recorder.Answers() {
			text := fmt.Sprintf("%s=%d", key, answer)
			if strings.HasPrefix(key, "stall ") {
				text += ": late by " + stallLengths[answer].String()
			}
			require.True(t, told[text], text)
			delete(told, text)
		}
		require.Empty(t, told, "what the recorder does not know")
		return w
	}
	whole := run(trace.All)
	require.Equal(t, run(0).Hash(), whole.Hash(), "keeping choices changes no hash")
	lanes := map[string]string{}
	for _, e := range whole.Trace() {
		if e.Kind == trace.Choice {
			kind, _, _ := strings.Cut(e.Text, " ")
			lanes[kind] = e.Lane
		}
	}
	require.Equal(t, "n/main", lanes["pick"])
	require.Equal(t, "n/main", lanes["stall"])
	require.Equal(t, "world", lanes["config"])
}
