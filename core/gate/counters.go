package gate

import (
	"log/slog"
	"sync/atomic"

	"github.com/windtunnel/windtunnel/core/counter"
)

// counters are what a gate turned away, gave up or found out of order.
type counters struct {
	relaysUnregistered atomic.Uint64
	entriesQueueFull   atomic.Uint64
	entriesUnknown     atomic.Uint64
	transitionsRefused atomic.Uint64
	pushesFailed       atomic.Uint64
	pushSendsFailed    atomic.Uint64
	subscribersGone    atomic.Uint64
	dispatchesFailed   atomic.Uint64
	submitsRefused     atomic.Uint64
	resultsDuplicate   atomic.Uint64
	resultsConflict    atomic.Uint64
	resultsStale       atomic.Uint64
	marksUnsent        atomic.Uint64
	valuesRefused      atomic.Uint64
	managersDisplaced  atomic.Uint64
}

// group is the counters that are not zero, for the log.
func (c *counters) group() slog.Value {
	return counter.Group(
		counter.Named{Name: "relays_unregistered", Count: &c.relaysUnregistered},
		counter.Named{Name: "entries_queue_full", Count: &c.entriesQueueFull},
		counter.Named{Name: "entries_unknown", Count: &c.entriesUnknown},
		counter.Named{Name: "transitions_refused", Count: &c.transitionsRefused},
		counter.Named{Name: "pushes_failed", Count: &c.pushesFailed},
		counter.Named{Name: "push_sends_failed", Count: &c.pushSendsFailed},
		counter.Named{Name: "subscribers_gone", Count: &c.subscribersGone},
		counter.Named{Name: "dispatches_failed", Count: &c.dispatchesFailed},
		counter.Named{Name: "submits_refused", Count: &c.submitsRefused},
		counter.Named{Name: "results_duplicate", Count: &c.resultsDuplicate},
		counter.Named{Name: "results_conflict", Count: &c.resultsConflict},
		counter.Named{Name: "results_stale", Count: &c.resultsStale},
		counter.Named{Name: "marks_unsent", Count: &c.marksUnsent},
		counter.Named{Name: "values_refused", Count: &c.valuesRefused},
		counter.Named{Name: "managers_displaced", Count: &c.managersDisplaced},
	)
}
