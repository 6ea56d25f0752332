package scenarios

import (
	"strconv"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// tap listens to the engine of one worker process. It keeps the truth, and shows each release to the
// invariants in the step in which it happens.
type tap struct {
	stage   *Stage
	worker  string
	process int
	silence time.Duration // after which the worker must have stopped by itself
}

// released is what invariants observe of a tap. It is none of the system's facts: no node notes it.
type released struct {
	stream  stats.Stream
	n       int
	now     core.Instant // of the worker's steady clock
	silence time.Duration
}

// AppendText implements core.Event.
func (r *released) AppendText(b []byte) []byte {
	return append(strconv.AppendInt(append(b, "released "...), int64(r.n), 10), " of "+r.stream.String()...)
}

// newTap returns the tap of a worker that boots now.
func (s *Stage) newTap(worker string) *tap {
	t := &tap{stage: s, worker: worker}
	if s.World != nil {
		t.process = s.World.Node(worker).Incarnation()
	}
	return t
}

// Released implements load.Tap.
func (t *tap) Released(s stats.Stream, n int, now core.Instant) {
	t.change(s, func(e *Executed) { e.Released, e.Last = e.Released+uint64(n), now })
	o := check.Observation{
		Node: t.worker, Incarnation: t.process,
		Event: &released{stream: s, n: n, now: now, silence: t.silence},
	}
	if w := t.stage.World; w != nil {
		o.Step, o.At = w.Step(), w.Now()
	}
	t.stage.Run.Observe(o)
}

// NotStarted implements load.Tap.
func (t *tap) NotStarted(s stats.Stream, n int) {
	t.change(s, func(e *Executed) { e.Counts.NotSent[stats.NotStarted] += uint64(n) })
}

// Executed implements load.Tap.
func (t *tap) Executed(s stats.Stream, sample load.Sample) {
	t.change(s, func(e *Executed) {
		measured := sample.Measured()
		switch measured.Outcome {
		case stats.OK:
			e.Counts.OK++
		case stats.Failed:
			e.Counts.Failed++
		default:
			e.Counts.Unknown++
		}
		e.Latencies = append(e.Latencies, measured.Latency)
	})
}

func (t *tap) change(s stats.Stream, f func(*Executed)) {
	t.stage.Truth.change(s, t.worker, t.process, f)
}
