package check

import (
	"fmt"
	"sync"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// Invariant is a property that holds at every moment of a run. It keeps its own state, belongs to one run,
// and is called by one goroutine at a time.
type Invariant interface {
	// Name says in words what must hold ("no push under REJECT"). It is the failure's key, so it never
	// changes.
	Name() string
	// Observe takes the next noted fact. An error says that the invariant is broken, what was expected and
	// what was seen.
	Observe(Observation) error
	// End is called once, when nothing more will happen: for what must have happened by then.
	End() error
}

// Scanner is an Invariant that also looks at state by itself. Scan runs every few hundred steps and at the
// end.
type Scanner interface {
	Invariant
	Scan() error
}

// Broken says which invariant broke, and where.
type Broken struct {
	Invariant string
	Cause     error
	Last      Observation // the fact that broke it; zero when it broke in a scan or at the end
}

func (b *Broken) Error() string { return fmt.Sprintf("invariant %q broken: %v", b.Invariant, b.Cause) }

// Unwrap returns what the invariant said.
func (b *Broken) Unwrap() error { return b.Cause }

// Judge feeds facts to invariants and remembers the first one that broke. It needs no World: facts noted by
// real nodes may come from any goroutine, and are taken in the order in which they get the lock.
type Judge struct {
	mu         sync.Mutex
	invariants []Invariant
	broken     *Broken
	ended      bool
}

// NewJudge returns a judge of these invariants.
func NewJudge(invariants ...Invariant) *Judge { return &Judge{invariants: invariants} }

// Add has the judge watch more invariants from now on.
func (j *Judge) Add(invariants ...Invariant) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.invariants = append(j.invariants, invariants...)
}

// Observe hands a fact to every invariant. It returns the first that broke, then and ever after; once one
// is broken, the others are no longer asked.
func (j *Judge) Observe(o Observation) *Broken {
	return j.each(func(i Invariant) error { return i.Observe(o) }, o)
}

// Scan asks the invariants that are Scanners to look at their state.
func (j *Judge) Scan() *Broken { return j.each(scan, Observation{}) }

// step asks the invariants that look at state after every step.
func (j *Judge) step() *Broken { return j.each(step, Observation{}) }

// eventually has what became of what must become true in the end, in the order in which it was held.
func (j *Judge) eventually() []explore.Eventual {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []explore.Eventual
	for _, i := range j.invariants {
		if e, ok := i.(*eventually); ok {
			all = append(all, e.became())
		}
	}
	return all
}

// End tells every invariant that the run is over. Calling it again changes nothing. It does not scan: a
// World has scanned before it ended its tasks, and their deferred calls may have changed what there is to
// see.
func (j *Judge) End() *Broken {
	j.mu.Lock()
	again := j.ended
	j.ended = true
	j.mu.Unlock()
	if again {
		return j.Broken()
	}
	return j.each(Invariant.End, Observation{})
}

// Broken returns the first invariant that broke, or nil.
func (j *Judge) Broken() *Broken {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.broken
}

func (j *Judge) each(ask func(Invariant) error, last Observation) *Broken {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		return j.broken
	}
	for _, invariant := range j.invariants {
		if err := ask(invariant); err != nil {
			j.broken = &Broken{Invariant: invariant.Name(), Cause: err, Last: last}
			break
		}
	}
	return j.broken
}

func scan(i Invariant) error {
	if s, ok := i.(Scanner); ok {
		return s.Scan()
	}
	return nil
}
