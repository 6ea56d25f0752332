package scenarios

import (
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/worker"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// Scenario is one way in which things may go wrong, and what must hold all the same.
type Scenario struct {
	ID      string // as in test names and failure files
	Family  string
	Line    string // what it is about, in one line
	Shape   Shape
	Faults  []sim.FaultKind // that it may meet; none: it also runs over TCP
	InWorld bool            // it needs what only a World has, such as an engine that never returns
	Usual   bool            // no rare branches: it measures how things are with the constants that it names
	// FaultsFrom and FaultsUntil bound the time of faults; zero means 1 s and 20 s.
	FaultsFrom, FaultsUntil time.Duration
	Aim                     func(f *sim.Faults) // narrows whom faults befall
	Vary                    func(s *Stage)      // draws what is different in every run, before anything boots
	Invariants              []string            // the names of those that it leans on; all are checked
	Sometimes               []string            // states that a suite must reach in it
	Body                    func(s *Stage)
}

// Shape is a cluster: how many nodes of each role, what their target does, and their constants where they
// are not the defaults.
type Shape struct {
	Datacenters int
	Workers     int // in each datacenter
	Clients     int
	Cores       uint32 // of each worker; 0 means 2
	Script      load.Script
	Engines     []Engine // more that a job may ask for

	Gate    func(c *gate.Config)
	Manager func(s *Stage, datacenter int, c *manager.Config)
	Worker  func(s *Stage, c *worker.Config)
	Client  func(c *client.Config)
}

// Engine is one more engine of every worker, by the name that a job asks for.
type Engine struct {
	Name   string
	Script load.Script
}

// Play makes the scenario into what campaigns run: a fresh World whose nodes take rare branches, the cluster
// in it, the workload, the faults and every invariant.
func (sc *Scenario) Play(r *check.Run) {
	config := sim.Config{Network: sim.NetworkConfig{Describe: rpc.Describe}, Rare: sc.ID}
	if sc.Usual {
		config.Rare = ""
	}
	world := r.World(config)
	s := newStage(r, sc.Shape, simulated{world})
	s.World = world
	if !slices.ContainsFunc(sc.Faults, func(kind sim.FaultKind) bool {
		return kind != sim.FaultCrash && kind != sim.FaultCrashForGood
	}) {
		s.told = toldWithin
	}
	s.Truth.watch(world)
	sc.start(s)
	if len(sc.Faults) > 0 {
		if err := world.Inject(sc.faults(s)); err != nil {
			r.Fatalf("%s: %v", sc.ID, err)
		}
	}
	_ = world.Run() // its failure is the run's by itself
}

// PlayOn starts the scenario on a host that is no World and returns; the run is over when the workload
// is. Nothing but the host's machine disturbs it.
func (sc *Scenario) PlayOn(r *check.Run, host Host) { sc.start(newStage(r, sc.Shape, host)) }

// OverTCP says that the scenario needs nothing that only a simulation has: a body that meets no fault
// asks nothing of its World.
func (sc *Scenario) OverTCP() bool { return len(sc.Faults) == 0 && !sc.InWorld }

func (sc *Scenario) start(s *Stage) {
	if sc.Vary != nil {
		sc.Vary(s)
	}
	for _, invariant := range Invariants(s) {
		s.Run.Hold(invariant)
	}
	s.Run.Hold(newSights(s.Run))
	s.boot()
	sc.Body(s)
}

// faults says whom which kind may befall: crashes and stops hit workers, unless the scenario says more.
func (sc *Scenario) faults(s *Stage) sim.Faults {
	var mortal []string
	for dc := range s.Shape.Datacenters {
		for i := range s.Shape.Workers {
			mortal = append(mortal, workerName(dc, i))
		}
	}
	f := sim.Faults{
		Kinds: sc.Faults, StartAfter: sc.FaultsFrom, Until: sc.FaultsUntil,
		Nodes: map[sim.FaultKind][]string{
			sim.FaultCrash: mortal, sim.FaultCrashForGood: mortal, sim.FaultStop: mortal,
		},
	}
	if f.Until == 0 {
		f.StartAfter, f.Until = time.Second, 20*time.Second
	}
	if sc.Aim != nil {
		sc.Aim(&f)
	}
	return f
}
