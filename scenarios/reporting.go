package scenarios

import (
	"bytes"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/worker"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

const deliveryFamily = "duplicate and late acknowledgements"

// reporting are the scenarios of entries on their way from workers to the gate, and of marks on theirs back.
func reporting() []*Scenario {
	return []*Scenario{
		marksLost(), sendFailsAfterCut(), windowsOverSlowLinks(), lastWindowRaces(), nameTakenWhileCutOff(),
	}
}

// resends has workers send again soon what is not marked durable.
func resends(_ *Stage, c *worker.Config) { c.Resend = 150 * time.Millisecond }

// onWorkerLinks aims every fault at workers, and the links that end there.
func onWorkerLinks(f *sim.Faults) { befall(f, workerName(0, 0), workerName(0, 1), workerName(1, 0)) }

// inSmallWindows is a job whose windows are small, so that many entries are on their way.
func (s *Stage) inSmallWindows(name string, duration time.Duration) protocol.JobSpec {
	spec := s.job(name, 40, duration)
	spec.Windows = smallWindows()
	return spec
}

// marksLost is an acknowledgement that is lost after the merge: the entry comes again, and must be known.
func marksLost() *Scenario {
	return &Scenario{
		ID: "marks-lost", Family: deliveryFamily,
		Line: "marks are lost after what they stand for was merged, and with them the connection: " +
			"workers send again, and nothing counts twice",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2, Worker: resends},
		Faults:     []sim.FaultKind{sim.FaultHold, sim.FaultSlowLink},
		FaultsFrom: 600 * time.Millisecond, FaultsUntil: 4 * time.Second,
		Aim:        onWorkerLinks,
		Invariants: []string{appliesOnce, conserves, reportsQuantiles, lives},
		Sometimes:  []string{"an entry came twice", "a mark was lost", "a job was COMPLETED"},
		Body: func(s *Stage) {
			every := check.Draw(s.Run, "of so many marks one is lost", 3, 2, 7)
			seen := 0
			s.World.AddRule("lose marks", func(p sim.Packet) sim.Verdict {
				marks := bytes.Contains(p.Body, []byte(protocol.MethodWorkerMarks))
				if !marks || s.World.Now() > 4*time.Second {
					return sim.NextRule()
				}
				if seen++; seen%every != 0 {
					return sim.NextRule()
				}
				s.Run.Reached("a mark was lost")
				return sim.DropPacket()
			})
			s.Client(0, func(env core.Env, c *client.Client) {
				s.together(env, c, []protocol.JobSpec{
					s.inSmallWindows("j-1", 2*time.Second), s.inSmallWindows("j-2", 3*time.Second),
				})
				s.afterwards(env)
			})
		},
	}
}

func sendFailsAfterCut() *Scenario {
	return &Scenario{
		ID: "send-fails-after-the-cut", Family: deliveryFamily,
		Line: "workers cut entries, and sending them fails, or nobody knows whether it did: " +
			"what was cut is neither lost nor sent under another number",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2, Worker: resends},
		Faults:     []sim.FaultKind{sim.FaultReset, sim.FaultCut, sim.FaultHalfOpen},
		FaultsFrom: 600 * time.Millisecond, FaultsUntil: 4 * time.Second,
		Aim: func(f *sim.Faults) {
			onWorkerLinks(f)
			f.Intensity = 12
		},
		Invariants: []string{conserves, appliesOnce, reportsQuantiles, lives},
		Sometimes:  []string{"an entry came twice", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				s.together(env, c, []protocol.JobSpec{
					s.inSmallWindows("j-1", 2*time.Second), s.inSmallWindows("j-2", 3*time.Second),
				})
				s.afterwards(env)
			})
		},
	}
}

func windowsOverSlowLinks() *Scenario {
	return &Scenario{
		ID: "windows-over-slow-links", Family: deliveryFamily,
		Line: "entries come after their window was published, because their way was slow: " +
			"each is a revision, and the total never lacks them",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2},
		Faults:     []sim.FaultKind{sim.FaultSlowLink, sim.FaultNarrowLink, sim.FaultHold},
		FaultsFrom: 600 * time.Millisecond, FaultsUntil: 5 * time.Second,
		Aim:        onWorkerLinks,
		Invariants: []string{tellsLate, appliesOnce, conserves, keepsOrder},
		Sometimes:  []string{"an entry was late", "a window was taken again, revised", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				s.together(env, c, []protocol.JobSpec{
					s.inSmallWindows("j-1", 2*time.Second), s.inSmallWindows("j-2", 3500*time.Millisecond),
				})
				s.afterwards(env)
			})
		},
	}
}

// lastWindowRaces has the last entries, the word that an attempt is over, its datacenter's result and the
// job's end meet on their way.
func lastWindowRaces() *Scenario {
	return &Scenario{
		ID: "last-window-races", Family: deliveryFamily,
		Line: "the last window and the word that its load is over overtake each other: " +
			"no end is told before what belongs to it is counted",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 2, Cores: 4, Worker: resends},
		Faults:     []sim.FaultKind{sim.FaultSlowLink, sim.FaultHold, sim.FaultSlowCPU, sim.FaultReset},
		FaultsFrom: 600 * time.Millisecond, FaultsUntil: 6 * time.Second,
		Aim:        func(f *sim.Faults) { f.Intensity = 6 },
		Invariants: []string{aggregatesOnce, conserves, appliesOnce, endsOneWay},
		Sometimes:  []string{"a result came before its last entries", "a job was COMPLETED"},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					for n := range 4 {
						spec := s.inSmallWindows("j-"+number(i)+"-"+number(n), 500*time.Millisecond)
						spec.ResultWait = check.Draw(s.Run, spec.Name+" waits", 10*time.Second, time.Second)
						s.together(env, c, []protocol.JobSpec{spec})
					}
					s.afterwards(env)
				})
			}
		},
	}
}

// nameTakenWhileCutOff is two sessions of one worker's name, of which the older one does not know.
func nameTakenWhileCutOff() *Scenario {
	return &Scenario{
		ID: "name-taken-while-cut-off", Family: "fencing and zombies",
		Line: "a worker is cut off, and another process takes its name; what the older one sends later " +
			"counts for its own attempt, or is refused",
		Shape: hastyShape(2, 2),
		Faults: []sim.FaultKind{
			sim.FaultPartitionPartial, sim.FaultPartitionOneWay, sim.FaultHold, sim.FaultPause,
		},
		FaultsFrom: time.Second, FaultsUntil: 7 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, workerName(0, 0))
			f.Intensity = 2
		},
		Invariants: []string{straysNot, conserves, appliesOnce, keepsCapacity},
		Sometimes: []string{
			"a worker was displaced", "refused load was counted", "a successor was opened",
			"a job was COMPLETED",
		},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				session, err := s.submit(env, c, s.job("j", 20, 8*time.Second))
				if err != nil {
					env.Log().Info("not submitted", "error", err)
					return
				}
				s.sleep(env, check.Draw(s.Run, "the other boots after", 2*time.Second, time.Second,
					3*time.Second))
				s.Host.Boot("w-other", func(env core.Env) {
					s.runWorkerAs(env, 0, "w-other", workerName(0, 0))
				})
				s.await(env, session, longEnough)
				s.sleep(env, 3*time.Second)
				s.afterwards(env)
			})
		},
	}
}
