package worker

import (
	"log/slog"
	"sync/atomic"

	"github.com/windtunnel/windtunnel/core/counter"
)

// counters are what a worker turned away, gave up or found out of order.
type counters struct {
	commandsRefused atomic.Uint64
	reportsUnsent   atomic.Uint64
	callsFailed     atomic.Uint64
	entriesDropped  atomic.Uint64
	runsRefused     atomic.Uint64
	staleRefused    atomic.Uint64
	runsDeclined    atomic.Uint64
	attemptsCutOff  atomic.Uint64
	valuesDropped   atomic.Uint64
}

// group is the counters that are not zero, for the log.
func (c *counters) group() slog.Value {
	return counter.Group(
		counter.Named{Name: "commands_refused", Count: &c.commandsRefused},
		counter.Named{Name: "reports_unsent", Count: &c.reportsUnsent},
		counter.Named{Name: "calls_failed", Count: &c.callsFailed},
		counter.Named{Name: "entries_dropped", Count: &c.entriesDropped},
		counter.Named{Name: "runs_refused", Count: &c.runsRefused},
		counter.Named{Name: "stale_refused", Count: &c.staleRefused},
		counter.Named{Name: "runs_declined", Count: &c.runsDeclined},
		counter.Named{Name: "attempts_cut_off", Count: &c.attemptsCutOff},
		counter.Named{Name: "values_dropped", Count: &c.valuesDropped},
	)
}
