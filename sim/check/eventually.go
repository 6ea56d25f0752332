package check

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// Healed says what must become true once a World is left in peace.
type Healed struct {
	// Name says it in words ("a write comes through"). It is the failure's key, so it never changes.
	Name string
	// Within is how long it may take, in virtual time; it must be positive.
	Within time.Duration
	// Holds returns nil when it is so, and otherwise what is amiss. It is asked after every step from the end
	// of the faults on, until it is so once. healed is that end, since the run began: progress is what was
	// done since then.
	Holds func(healed time.Duration) error
	// From is when the faults are over; nil means World.FaultsEnd. It may grow while the run goes on.
	From func() time.Duration
	// Excused is asked when it is not so in time, and tells whether this run's cluster need not manage it:
	// one that has lost its quorum for good makes no progress. Nil: nothing is an excuse.
	Excused func() bool
}

// Eventually is an invariant that breaks when what healed says does not become true in time. A run that ends
// before that time judges nothing, nor does one that is excused: both are counted, and a suite in which no
// run ever judged it fails. So let the workload go on until Within after World.FaultsEnd.
func Eventually(w *sim.World, healed Healed) Invariant {
	if healed.From == nil {
		healed.From = w.FaultsEnd
	}
	return &eventually{world: w, Healed: healed}
}

type eventually struct {
	Healed

	world   *sim.World
	calm    time.Duration // the end of the faults, as far as it is known
	amiss   error         // since calm, as it was last
	held    bool
	excused bool
}

// Name implements Invariant.
func (e *eventually) Name() string { return e.Healed.Name }

// Observe implements Invariant.
func (e *eventually) Observe(Observation) error { return nil }

// End implements Invariant.
func (e *eventually) End() error { return nil }

func (e *eventually) step() error {
	now := e.world.Now()
	if e.held || e.excused || now <= e.calm {
		return nil
	}
	if calm := e.From(); calm != e.calm {
		e.calm, e.amiss = calm, nil
	}
	late := now > e.calm+e.Within
	if !late || e.amiss == nil { // this step is the first since the end of the faults, however late it is
		if now <= e.calm {
			return nil
		}
		e.amiss = e.Holds(e.calm)
		e.held = e.amiss == nil
	}
	if !late || e.held {
		return nil
	}
	if e.excused = e.Excused != nil && e.Excused(); e.excused {
		return nil
	}
	return fmt.Errorf("not so %v after the last fault, which ended at +%v: %w", e.Within, e.calm, e.amiss)
}

// became is what became of it in this run.
func (e *eventually) became() explore.Eventual {
	became := explore.Eventual{Name: e.Healed.Name}
	switch {
	case e.held:
		became.Held = 1
	case e.excused:
		became.Excused = 1
	default:
		became.Early = 1
	}
	return became
}
