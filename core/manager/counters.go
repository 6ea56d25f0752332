package manager

import (
	"log/slog"
	"sync/atomic"

	"github.com/windtunnel/windtunnel/core/counter"
)

// counters are what a manager turned away, gave up or found out of order.
type counters struct {
	commandsRefused   atomic.Uint64
	reportsDropped    atomic.Uint64
	relaysUnsent      atomic.Uint64
	marksUnsent       atomic.Uint64
	callsFailed       atomic.Uint64
	dispatchesRefused atomic.Uint64
	unsyncedRefused   atomic.Uint64
	displacedRefused  atomic.Uint64
	staleRefused      atomic.Uint64
	strangersStopped  atomic.Uint64
	attemptsLost      atomic.Uint64
	attemptsNext      atomic.Uint64
	nextRefused       atomic.Uint64
	endsUnknown       atomic.Uint64
	runsRefused       atomic.Uint64
}

// group is the counters that are not zero, for the log.
func (c *counters) group() slog.Value {
	return counter.Group(
		counter.Named{Name: "commands_refused", Count: &c.commandsRefused},
		counter.Named{Name: "reports_dropped", Count: &c.reportsDropped},
		counter.Named{Name: "relays_unsent", Count: &c.relaysUnsent},
		counter.Named{Name: "marks_unsent", Count: &c.marksUnsent},
		counter.Named{Name: "calls_failed", Count: &c.callsFailed},
		counter.Named{Name: "dispatches_refused", Count: &c.dispatchesRefused},
		counter.Named{Name: "unsynced_refused", Count: &c.unsyncedRefused},
		counter.Named{Name: "displaced_refused", Count: &c.displacedRefused},
		counter.Named{Name: "stale_refused", Count: &c.staleRefused},
		counter.Named{Name: "strangers_stopped", Count: &c.strangersStopped},
		counter.Named{Name: "attempts_lost", Count: &c.attemptsLost},
		counter.Named{Name: "attempts_next", Count: &c.attemptsNext},
		counter.Named{Name: "next_refused", Count: &c.nextRefused},
		counter.Named{Name: "ends_unknown", Count: &c.endsUnknown},
		counter.Named{Name: "runs_refused", Count: &c.runsRefused},
	)
}
