package load_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
)

const ms = time.Millisecond

func assignment(perSecond uint64, d time.Duration) load.Assignment {
	return load.Assignment{
		Plan:   load.Plan{Rate: load.PerSecond(perSecond), Duration: d},
		Target: load.Target{Method: "GET", URL: "http://target/", Timeout: time.Second},
	}
}

// play runs a script to its end in a world and returns what its tap saw.
func play(t require.TestingT, w *world, script load.Script, a load.Assignment) (*log, error) {
	return playUnder(t, context.Background(), w, script, a)
}

func playUnder(
	t require.TestingT, ctx context.Context, w *world, script load.Script, a load.Assignment,
) (*log, error) {
	l := &log{now: w.Now}
	e, err := load.NewScripted(load.ScriptedConfig{Script: script, Tap: l})
	require.NoError(t, err)
	err = e.Run(ctx, w, a, l.recorder())
	require.Len(t, l.samples, len(l.released), "something is in flight after Run")
	return l, err
}

func TestScriptedEngineExecutesEveryArrivalAtItsInstant(t *testing.T) {
	w := newWorld(1)
	l, err := play(t, w, load.Script{Latency: 20 * ms}, assignment(1000, 10*time.Second))
	require.NoError(t, err)
	require.Equal(t, 10_000, l.count(stats.OK))
	for i, s := range l.samples {
		require.Equal(t, core.Instant(i)*core.Instant(ms), s.Planned)
		require.Equal(t, stats.Sample{Latency: 20 * ms, Service: 20 * ms}, s.Measured())
		require.LessOrEqual(t, s.End, l.doneAt[i], "recorded before it ended")
		require.LessOrEqual(t, l.doneAt[i].Sub(s.End), 50*ms, "recorded more than a step later")
	}
	require.Less(t, w.sleeps, 250, "a batch a step, not a timer a request")
}

func TestStallShowsInLatencyAndAsSaturation(t *testing.T) {
	a := assignment(100, 10*time.Second)
	a.Target.Timeout = time.Minute
	stalls := []load.Stall{{From: 2 * time.Second, For: 3 * time.Second}}
	stall := load.Script{Latency: 10 * ms, Stalls: stalls}
	l, err := play(t, newWorld(1), stall, a)
	require.NoError(t, err)
	require.Equal(t, 1000, l.count(stats.OK))
	over := 0
	for _, s := range l.samples {
		if s.Measured().Latency > time.Second {
			over++
		}
	}
	require.Equal(t, 201, over, "all that were sent in the stall's first two seconds")

	a.MaxInFlight = 50
	l, err = play(t, newWorld(1), stall, a)
	require.NoError(t, err)
	require.Equal(t, 251, l.notStarted, "of 301 that came until the first late answer, 50 found a place")
	require.Equal(t, 749, l.count(stats.OK))
}

func TestAnswersAfterTheTimeoutAreUnknown(t *testing.T) {
	a := assignment(100, time.Second)
	l, err := play(t, newWorld(1), load.Script{Latency: time.Second + 1}, a)
	require.NoError(t, err)
	require.Equal(t, 100, l.count(stats.Unknown))
	require.Equal(t, time.Second, l.samples[0].Measured().Service)

	stalls := []load.Stall{{For: time.Minute}}
	l, err = play(t, newWorld(1), load.Script{Unknown: 10_000, Latency: ms, Stalls: stalls}, a)
	require.NoError(t, err)
	require.Equal(t, 100, l.count(stats.Unknown))
}

func TestScriptDrawsFailuresInProportion(t *testing.T) {
	script := load.Script{Latency: ms, Tail: ms, Failed: 1000, Unknown: 500}
	l, err := play(t, newWorld(1), script, assignment(1000, 20*time.Second))
	require.NoError(t, err)
	require.InDelta(t, 2000, l.count(stats.Failed), 200)
	require.InDelta(t, 1000, l.count(stats.Unknown), 150)
	again, err := play(t, newWorld(1), script, assignment(1000, 20*time.Second))
	require.NoError(t, err)
	require.Equal(t, l.samples, again.samples, "the same seed plays the same run")
}

func TestNothingIsReleasedAfterTheContextEnded(t *testing.T) {
	cause := errors.New("cancelled by test")
	w := newWorld(1)
	ctx, cancel := context.WithCancelCause(context.Background())
	w.at(core.Instant(1010*ms), func() { cancel(cause) })
	a := assignment(100, 10*time.Second)
	a.Drain = 90 * ms // not a whole number of steps
	// Those of the last 150 ms are in flight; the older half is answered while it drains.
	l, err := playUnder(t, ctx, w, load.Script{Latency: 150 * ms}, a)
	require.ErrorIs(t, err, cause)
	require.Equal(t, core.Instant(1000*ms), l.released[len(l.released)-1])
	require.Len(t, l.released, 101)
	require.Equal(t, core.Instant(1100*ms), w.now, "the drain is bounded")
	require.Equal(t, 96, l.count(stats.OK))
	require.Equal(t, 5, l.count(stats.Unknown))
}

func TestEngineStopsAtOnceWithoutDrain(t *testing.T) {
	w := newWorld(1)
	ctx, cancel := context.WithCancel(context.Background())
	w.at(core.Instant(1010*ms), cancel)
	l, err := playUnder(t, ctx, w, load.Script{Latency: 500 * ms}, assignment(100, 10*time.Second))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, core.Instant(1010*ms), w.now)
	require.Equal(t, 52, l.count(stats.OK), "what had ended by then is answered")
	require.Equal(t, 49, l.count(stats.Unknown))
}

func TestGateIsAskedInTheStepThatReleases(t *testing.T) {
	cutOff := errors.New("cut off")
	w := newWorld(1)
	asked := core.Instant(-1)
	a := assignment(100, 10*time.Second)
	a.Gate = func() error {
		asked = w.now
		if w.now >= core.Instant(time.Second) {
			return cutOff
		}
		return nil
	}
	l := &log{now: w.Now}
	e, err := load.NewScripted(load.ScriptedConfig{Tap: tapFunc{l, func(now core.Instant) {
		require.Equal(t, asked, now, "released in another step than the one that asked")
	}}})
	require.NoError(t, err)
	require.ErrorIs(t, e.Run(context.Background(), w, a, l.recorder()), cutOff)
	require.Less(t, l.released[len(l.released)-1], core.Instant(time.Second))
}

type tapFunc struct {
	*log
	released func(now core.Instant)
}

func (f tapFunc) Released(s stats.Stream, n int, now core.Instant) {
	f.released(now)
	f.log.Released(s, n, now)
}

func TestGateHasNoSayOnceAllIsReleased(t *testing.T) {
	w := newWorld(1)
	a := assignment(100, time.Second)
	a.Gate = func() error {
		if w.now > core.Instant(1100*ms) {
			return errors.New("cut off")
		}
		return nil
	}
	l, err := play(t, w, load.Script{Latency: 900 * ms}, a)
	require.NoError(t, err)
	require.Equal(t, 100, l.count(stats.OK))
}

func TestPausedNodeSendsLateAndSaysSo(t *testing.T) {
	w := newWorld(1)
	a := assignment(100, 10*time.Second)
	a.MaxInFlight = 300
	w.at(core.Instant(1010*ms), func() { w.now = core.Instant(6 * time.Second) })
	l, err := play(t, w, load.Script{Latency: 100 * ms}, a)
	require.NoError(t, err)
	require.Equal(t, 1000, len(l.samples)+l.notStarted)
	require.Positive(t, l.notStarted, "500 arrivals in one burst are over 300 in flight")
	late := 0
	for _, s := range l.samples {
		require.GreaterOrEqual(t, s.Measured().SendLag, time.Duration(0))
		if s.Measured().SendLag > 0 {
			require.Equal(t, core.Instant(6*time.Second), s.Sent)
			late++
		}
	}
	require.Positive(t, late)
}

func TestArrivalsBeforeTheRunAreSentWhenItStarts(t *testing.T) {
	w := newWorld(1)
	w.now = core.Instant(500 * ms)
	l, err := play(t, w, load.Script{}, assignment(100, time.Second))
	require.NoError(t, err)
	require.Equal(t, 500*ms, l.samples[0].Measured().SendLag)
	require.Len(t, l.samples, 100)
}

func TestMisbehavingScriptsMisbehave(t *testing.T) {
	require.Panics(t, func() {
		_, _ = play(t, newWorld(1), load.Script{PanicAt: 3}, assignment(10, time.Second))
	})

	w := newWorld(1)
	ctx, cancel := context.WithCancel(context.Background())
	w.at(core.Instant(time.Hour), cancel)
	w.at(core.Instant(2*time.Hour), func() { panic("still running") })
	require.PanicsWithValue(t, "still running", func() {
		_, _ = playUnder(t, ctx, w, load.Script{HangAt: 3}, assignment(10, time.Second))
	})
}

func TestABrokenEngineFailsAfterWhatItSent(t *testing.T) {
	l, err := play(t, newWorld(1), load.Script{BreakAt: 3}, assignment(10, time.Second))
	require.ErrorIs(t, err, load.ErrBroken)
	require.Len(t, l.samples, 3)
}

// Whenever a later attempt starts: with what was due before, it is the whole plan, and it lets nothing go
// in a burst.
func TestALaterAttemptRunsWhatIsDueFromThenOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := assignment(rapid.Uint64Range(1, 100).Draw(t, "rate"), 2*time.Second)
		a.From = time.Duration(rapid.Int64Range(0, int64(3*time.Second)).Draw(t, "from"))
		l, err := play(t, newWorld(1), load.Script{}, a)
		require.NoError(t, err)
		require.EqualValues(t, a.Plan.Rest(a.From), len(l.samples))
		require.Equal(t, a.Plan.Arrivals(), a.Plan.Before(a.From)+a.Plan.Rest(a.From))
		for i, s := range l.samples {
			at := a.Plan.At(a.Plan.Before(a.From) + uint64(i))
			require.Equal(t, a.Start.Add(at-a.From), s.Planned)
			require.GreaterOrEqual(t, s.Planned, a.Start)
		}
	})
}

func TestAScriptedEngineProvidesWhatItsTargetAsksFor(t *testing.T) {
	a := assignment(10, time.Second)
	a.Target.Provide = []load.Provide{{Name: "token", Header: "X-Token"}}
	var got []load.Value
	a.Provided = func(v load.Value) { got = append(got, v) }
	_, err := play(t, newWorld(1), load.Script{}, a)
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, "token", got[0].Name)
}

func TestScriptedEngineRefusesBadInput(t *testing.T) {
	for _, s := range []load.Script{
		{Latency: -1}, {Tail: -1}, {Tail: time.Hour}, {Failed: 1, Unknown: 10_000},
		{Stalls: make([]load.Stall, 65)}, {Stalls: []load.Stall{{From: -1}}},
	} {
		_, err := load.NewScripted(load.ScriptedConfig{Script: s})
		require.Error(t, err, "%+v", s)
	}
	_, err := load.NewScripted(load.ScriptedConfig{Step: time.Minute})
	require.Error(t, err)

	e, err := load.NewScripted(load.ScriptedConfig{})
	require.NoError(t, err)
	for field, spoil := range map[string]func(*load.Assignment){
		"duration":      func(a *load.Assignment) { a.Plan.Duration = 0 },
		"method":        func(a *load.Assignment) { a.Target.Method = "" },
		"max_in_flight": func(a *load.Assignment) { a.MaxInFlight = -1 },
		"drain":         func(a *load.Assignment) { a.Drain = time.Hour },
	} {
		a := assignment(1, time.Second)
		spoil(&a)
		var wrong *load.FieldError
		require.ErrorAs(t, e.Run(context.Background(), newWorld(1), a, nil), &wrong)
		require.Equal(t, field, wrong.Field)
	}
}

func TestEveryArrivalIsAccountedForOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		w.late = time.Duration(rapid.Int64Range(0, int64(200*ms)).Draw(t, "late"))
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		w.at(core.Instant(rapid.Int64Range(0, int64(6*time.Second)).Draw(t, "stop")), cancel)
		a := assignment(rapid.Uint64Range(1, 500).Draw(t, "rate"), 4*time.Second)
		a.MaxInFlight = rapid.IntRange(1, 100).Draw(t, "in flight")
		a.Drain = time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "drain"))
		script := load.Script{
			Latency: time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "latency")),
			Tail:    time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "tail")),
			Unknown: rapid.Uint32Range(0, 5000).Draw(t, "unknown"),
		}
		l, err := playUnder(t, ctx, w, script, a)
		if err == nil {
			require.Equal(t, a.Plan.Arrivals(), uint64(len(l.released)+l.notStarted))
		} else {
			require.Less(t, uint64(len(l.released)+l.notStarted), a.Plan.Arrivals())
		}
		inFlight := 0
		for _, s := range l.samples {
			require.LessOrEqual(t, s.Planned, s.Sent)
			require.LessOrEqual(t, s.Sent, s.End)
			overlapping := 0
			for _, other := range l.samples {
				if other.Sent <= s.Sent && s.Sent < other.End {
					overlapping++
				}
			}
			inFlight = max(inFlight, overlapping)
		}
		require.LessOrEqual(t, inFlight, a.MaxInFlight)
	})
}
