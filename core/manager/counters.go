package manager

import (
	"log/slog"
	"sync/atomic"

	"github.com/windtunnel/windtunnel/core/counter"
)

// counters are what a manager turned away, gave up or found out of order.
type counters struct {
	commandsRefused atomic.Uint64
	reportsDropped  atomic.Uint64
	relaysUnsent    atomic.Uint64
	marksUnsent     atomic.Uint64
	callsFailed     atomic.Uint64
}

// group is the counters that are not zero, for the log.
func (c *counters) group() slog.Value {
	return counter.Group(
		counter.Named{Name: "commands_refused", Count: &c.commandsRefused},
		counter.Named{Name: "reports_dropped", Count: &c.reportsDropped},
		counter.Named{Name: "relays_unsent", Count: &c.relaysUnsent},
		counter.Named{Name: "marks_unsent", Count: &c.marksUnsent},
		counter.Named{Name: "calls_failed", Count: &c.callsFailed},
	)
}
