package client

import (
	"log/slog"
	"sync/atomic"

	"github.com/windtunnel/windtunnel/core/counter"
)

// counters are what a client turned away, gave up or found out of order.
type counters struct {
	callsFailed    atomic.Uint64
	pushesKnown    atomic.Uint64
	pushesAhead    atomic.Uint64
	pushesDropped  atomic.Uint64
	callbackPanics atomic.Uint64
}

// group is the counters that are not zero, for the log.
func (c *counters) group() slog.Value {
	return counter.Group(
		counter.Named{Name: "calls_failed", Count: &c.callsFailed},
		counter.Named{Name: "pushes_known", Count: &c.pushesKnown},
		counter.Named{Name: "pushes_ahead", Count: &c.pushesAhead},
		counter.Named{Name: "pushes_dropped", Count: &c.pushesDropped},
		counter.Named{Name: "callback_panics", Count: &c.callbackPanics},
	)
}
