package scenarios

import (
	"bytes"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// results are the scenarios of datacenters' results on their way into the aggregate.
func results() []*Scenario { return []*Scenario{resultsTwice(), lateDatacenter()} }

// resultsTwice is F8. Answers to results are lost with their connections, so that managers send again;
// the forger repeats what managers sent, bit for bit or with another worker's name in it, before or after
// the original.
func resultsTwice() *Scenario {
	return &Scenario{
		ID: "results-twice", Family: "results",
		Line: "results are sent again, duplicated on their way and contradicted under the same number",
		Shape: Shape{
			Datacenters: 2, Workers: 1, Clients: 1, Cores: 4,
			Manager: func(_ *Stage, _ int, c *manager.Config) { c.CallTimeout = 300 * time.Millisecond },
		},
		Faults:     []sim.FaultKind{sim.FaultCut, sim.FaultReset, sim.FaultHold, sim.FaultSlowLink},
		FaultsFrom: 500 * time.Millisecond, FaultsUntil: 8 * time.Second,
		Aim:        controlPlane(2),
		Invariants: []string{seesDuplicates, aggregatesOnce, conserves},
		Sometimes: []string{
			"a result was sent twice", "a result was duplicated on its way", "two results conflicted",
		},
		Body: func(s *Stage) {
			s.forger()
			s.Client(0, func(env core.Env, c *client.Client) {
				for n := range 2 {
					one := s.job("j-1-"+number(n), 30, time.Second)
					other := s.job("j-2-"+number(n), 20, 1500*time.Millisecond)
					s.together(env, c, []protocol.JobSpec{one, other})
				}
				s.afterwards(env)
			})
		},
	}
}

// forger copies what managers state and sends it from a node of its own.
func (s *Stage) forger() {
	var copied [][]byte
	s.World.AddRule("copy results", func(p sim.Packet) sim.Verdict {
		stated := p.Link.To == gateName && bytes.Contains(p.Body, []byte(protocol.MethodResult))
		if stated && p.Link.From != "forger" {
			copied = append(copied, bytes.Clone(p.Body))
		}
		return sim.NextRule()
	})
	repeats := check.Draw(s.Run, "the forger repeats results", false, true)
	contradicts := check.Draw(s.Run, "the forger contradicts results", false, true)
	s.Host.Boot("forger", func(env core.Env) {
		endpoint, err := env.Listen("tcp", s.Host.Address("forger"))
		if err != nil {
			s.Run.Errorf("forger: %v", err)
			return
		}
		for env.Context().Err() == nil {
			s.sleep(env, time.Duration(env.Rand().Int64N(int64(20*time.Millisecond))))
			for _, body := range copied {
				if repeats {
					s.forge(env, endpoint, body)
				}
				if contradicts {
					s.forge(env, endpoint, bytes.ReplaceAll(body, []byte("w-a1"), []byte("w-z1")))
				}
			}
			copied = nil
		}
	})
}

func (s *Stage) forge(env core.Env, endpoint core.Endpoint, body []byte) {
	s.sleep(env, time.Duration(env.Rand().Int64N(int64(2*time.Millisecond))))
	to := core.Address(s.Host.Address(gateName))
	_ = endpoint.Send(env.Context(), to, core.Message{Class: core.High, Body: body})
}

// lateDatacenter is F9. Datacenter b is cut off, stopped or slowed around the moment at which its load
// ends, for about as long as the gate waits for it: its result comes before, in or after the aggregation.
func lateDatacenter() *Scenario {
	return &Scenario{
		ID: "late-datacenter", Family: "results",
		Line: "a datacenter's result comes before, in and after the aggregation, " +
			"and the wait or the deadline ends first",
		Shape: Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 4},
		Faults: []sim.FaultKind{
			sim.FaultPartitionPartial, sim.FaultPause, sim.FaultHold, sim.FaultSlowCPU, sim.FaultSlowLink,
		},
		FaultsFrom: 1200 * time.Millisecond, FaultsUntil: 5 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, managerName(1))
			f.Intensity = 2
		},
		Invariants: []string{aggregatesOnce, conserves, tellsLate, staysTerminal},
		Sometimes: []string{
			"a result came after the end", "an aggregate was revised", "an entry was applied after the end",
			"a job was PARTIAL", "a job was COMPLETED",
		},
		Body: func(s *Stage) {
			wait := check.Draw(s.Run, "result wait", time.Second, 300*time.Millisecond, 50*time.Millisecond)
			deadline := check.Draw(s.Run, "deadline", 20*time.Second, 20*time.Second, 2600*time.Millisecond)
			s.Client(0, func(env core.Env, c *client.Client) {
				specs := []protocol.JobSpec{
					s.job("j-1", 30, 1500*time.Millisecond), s.job("j-2", 30, 2*time.Second),
				}
				for i := range specs {
					specs[i].ResultWait, specs[i].Deadline = wait, deadline
				}
				s.together(env, c, specs)
				s.afterwards(env)
			})
		},
	}
}
