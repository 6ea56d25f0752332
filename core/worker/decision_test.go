package worker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

const second = core.Instant(time.Second)

func streamOf(job string, shard uint32) stats.Stream {
	return stats.Stream{Job: job, Datacenter: "dc", Workflow: "wf", Shard: shard, Attempt: 1}
}

func TestWhatEndedIsRememberedForItsTimeAndHow(t *testing.T) {
	stones := newTombstones(10 * time.Second)
	how := protocol.Running{Ended: true, State: protocol.EndCutOff, Rest: true}
	stones.add(streamOf("a", 0), how, 0)
	stones.addJob("b", 5*second)
	ended := func(stream stats.Stream) bool {
		_, is := stones.find(stream)
		return is
	}
	require.True(t, ended(streamOf("a", 0)))
	got, _ := stones.find(streamOf("a", 0))
	require.Equal(t, how, got)
	require.False(t, ended(streamOf("a", 1)), "another shard may still come")
	require.True(t, stones.covers("b"), "all of a job that was stopped")
	require.False(t, stones.covers("a"))
	stones.expire(10 * second)
	require.True(t, ended(streamOf("a", 0)))
	stones.expire(10*second + 1)
	require.False(t, ended(streamOf("a", 0)))
	require.True(t, stones.covers("b"))
	stones.expire(15*second + 1)
	require.Empty(t, stones.list)
}

func TestAStopThatIsAskedForAgainIsOneMemory(t *testing.T) {
	stones := newTombstones(time.Second)
	for range 10 {
		stones.addJob("a", 0)
	}
	require.Len(t, stones.list, 1)
	for i := range mostTombstones {
		stones.addJob("job "+strconv.Itoa(i), second)
	}
	require.Len(t, stones.list, mostTombstones)
	require.False(t, stones.covers("a"), "the oldest went")
}

func TestHowAnEngineReturnedIsHowItsAttemptEnded(t *testing.T) {
	for _, c := range []struct {
		err   error
		state protocol.EndState
		rest  bool
	}{
		{nil, protocol.EndCompleted, false},
		{fmt.Errorf("engine: %w", errCutOff), protocol.EndCutOff, true},
		{errLeft, protocol.EndLeft, true},
		{errDeadline, protocol.EndStopped, false},
		{context.Canceled, protocol.EndStopped, false},
		{errors.New("no such host"), protocol.EndFailed, false},
		{&load.FieldError{}, protocol.EndFailed, false},
	} {
		state, rest := outcomeOf(c.err)
		require.Equal(t, c.state, state, "%v", c.err)
		require.Equal(t, c.rest, rest, "%v", c.err)
	}
}

func TestTheFirstValueOfANameStays(t *testing.T) {
	var p provided
	require.True(t, p.add(load.Value{Name: "a", Value: "1"}))
	require.True(t, p.add(load.Value{Name: "a", Value: "2"}))
	require.Equal(t, []load.Value{{Name: "a", Value: "1"}}, p.list())
	for i := range load.MaxProvides - 1 {
		require.True(t, p.add(load.Value{Name: strconv.Itoa(i)}))
	}
	require.False(t, p.add(load.Value{Name: "one too many"}))
}

func TestTheLevelSpacesPeriodicReports(t *testing.T) {
	const window = 250 * time.Millisecond
	for level, windows := range map[backpressure.Level]int{
		backpressure.None: 0, backpressure.Throttle: 2, backpressure.Batch: 4,
	} {
		w := &Worker{level: level, flushed: 100 * second,
			attempts: []*attempt{{windows: stats.Config{Size: window}}}}
		for n := range 8 {
			now := w.flushed.Add(time.Duration(n) * window)
			require.Equal(t, n >= windows, w.periodicDue(now), "%v, %d windows later", level, n)
			require.Equal(t, n >= windows, w.periodicDue(now.Add(window/4)), "a task may wake late")
		}
	}
	for _, level := range []backpressure.Level{backpressure.Reject, backpressure.Reject + 1} {
		w := &Worker{level: level, attempts: []*attempt{{windows: stats.Config{Size: window}}}}
		require.False(t, w.periodicDue(1000*second), "%v", level)
	}
}

// absorbing gives an attempt whose engine recorded one request, and that is absorbed at the given instants.
func absorbing(t *testing.T, at ...core.Instant) []*stats.Entry {
	windows := stats.DefaultConfig()
	windows.Size = time.Second
	stream := streamOf("j", 0)
	clock := stats.NewClock(stats.Time(1000*second), 0)
	outbox, err := stats.NewOutbox(stats.DefaultOutboxConfig(stream, windows), clock, 0)
	require.NoError(t, err)
	a := &attempt{outbox: outbox, windows: windows, clock: clock, window: windows.Index(clock.At(0))}
	for _, now := range at {
		a.tally.Released(1)
		a.tally.Done(load.Sample{Planned: now, Sent: now, End: now, Outcome: stats.OK})
		a.absorb(now)
		outbox.Cut(time.Duration(now))
	}
	outbox.Finish(time.Duration(at[len(at)-1]))
	return outbox.Batch(time.Duration(at[len(at)-1]), 100)
}

func TestWhatAWindowRecordedIsCountedInIt(t *testing.T) {
	for _, c := range []struct {
		name string
		at   []core.Instant
		want []int64 // the windows that get a count, from 1000 on
	}{
		{"within its window", []core.Instant{second / 2}, []int64{0}},
		{"just after its end: it was recorded before", []core.Instant{second + 1}, []int64{0}},
		{"a second time in a window", []core.Instant{second + 1, second + 2}, []int64{0, 1}},
		{"window after window", []core.Instant{second, 2 * second, 3 * second}, []int64{0, 1, 2}},
	} {
		var got []int64
		for _, e := range absorbing(t, c.at...) {
			if e.Delta.Planned() > 0 {
				got = append(got, e.K-1000)
			}
		}
		require.Equal(t, c.want, got, c.name)
	}
}

func TestConfigNamesTheFieldThatIsOutOfBounds(t *testing.T) {
	good := DefaultConfig()
	good.Name, good.Manager = "w", "m:1"
	require.NoError(t, good.validate())
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Name = "" },
			`worker: name "", listen "127.0.0.1:0" and manager "m:1" must all be set`},
		{func(c *Config) { c.Cores = 0 }, "worker: cores is 0, must be 1 to 65536"},
		{func(c *Config) { c.Dead = time.Second }, "worker: dead is 1s, must be 3s to 10m0s"},
		{func(c *Config) { c.Engines = []Engine{{Name: "x"}, {Name: "x"}} },
			`worker: engine "x" is given twice`},
	} {
		config := good
		c.change(&config)
		require.EqualError(t, config.validate(), c.want)
	}
}
