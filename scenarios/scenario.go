package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/worker"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// Scenario is one way in which things may go wrong, and what must hold all the same.
type Scenario struct {
	ID     string // as in test names and failure files
	Family string
	Line   string // what it is about, in one line
	Shape  Shape
	Faults []sim.FaultKind // that it may meet; none: it also runs over TCP
	// FaultsFrom and FaultsUntil bound the time of faults; zero means 1 s and 20 s.
	FaultsFrom, FaultsUntil time.Duration
	Invariants              []string // the names of those that it leans on; all are checked
	Sometimes               []string // states that a suite must reach in it
	Body                    func(s *Stage)
}

// Shape is a cluster: how many nodes of each role, what their target does, and their constants where they are not
// the defaults.
type Shape struct {
	Datacenters int
	Workers     int // in each datacenter
	Clients     int
	Cores       uint32 // of each worker; 0 means 2
	Script      load.Script

	Gate    func(c *gate.Config)
	Manager func(s *Stage, datacenter int, c *manager.Config)
	Worker  func(s *Stage, c *worker.Config)
	Client  func(c *client.Config)
}

// Body makes the scenario into what campaigns run: a fresh World, the cluster in it, the workload, the faults and
// every invariant.
func (sc *Scenario) Play(r *check.Run) {
	world := r.World(sim.Config{})
	s := newStage(r, sc.Shape, simulated{world})
	s.World = world
	s.Truth.watch(world)
	for _, invariant := range Invariants(s) {
		r.Hold(invariant)
	}
	s.boot()
	sc.Body(s)
	if len(sc.Faults) > 0 {
		from, until := sc.FaultsFrom, sc.FaultsUntil
		if until == 0 {
			from, until = time.Second, 20*time.Second
		}
		if err := world.Inject(s.faults(sc.Faults, from, until)); err != nil {
			r.Fatalf("%s: %v", sc.ID, err)
		}
	}
	world.Run()
}

// faults says whom which kind may befall: a crash hits workers and clients only, until there is a ledger.
func (s *Stage) faults(kinds []sim.FaultKind, from, until time.Duration) sim.Faults {
	var mortal []string
	for dc := range s.Shape.Datacenters {
		for i := range s.Shape.Workers {
			mortal = append(mortal, workerName(dc, i))
		}
	}
	return sim.Faults{
		Kinds: kinds, StartAfter: from, Until: until,
		Nodes: map[sim.FaultKind][]string{sim.FaultCrash: mortal, sim.FaultCrashForGood: mortal},
	}
}
