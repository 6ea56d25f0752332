// Package counter shows named counters in a log.
//
// Whatever a node turns away, gives up or finds out of order raises an atomic counter with a name. Nobody
// reads them while all is well; when the node stops it logs those that are not zero:
//
//	env.Log().Info("gate stopped", "counters", counter.Group(
//		counter.Named{Name: "pushes_failed", Count: &g.pushesFailed},
//	))
//
// A counter is raised by any task and never lowered. Together they are not one instant's.
package counter

import (
	"log/slog"
	"sync/atomic"
)

// Named is a counter and its name, in lower case with underscores.
type Named struct {
	Name  string
	Count *atomic.Uint64
}

// Group returns the counters that are not zero, in their order.
func Group(counters ...Named) slog.Value {
	var raised []slog.Attr
	for _, c := range counters {
		if n := c.Count.Load(); n > 0 {
			raised = append(raised, slog.Uint64(c.Name, n))
		}
	}
	return slog.GroupValue(raised...)
}
