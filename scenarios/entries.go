package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim/check"
)

// entries are the scenarios of entries that nobody should have sent.
func entries() []*Scenario { return []*Scenario{rogueEntries()} }

// rogueEntries is F3. The rogue is a datacenter of its own: the gate dispatches to it, it is entitled to
// one stream of each job, and between entries that are in order it sends everything that is not. It
// breaks its stream in half of the runs, at a moment of its own choice.
func rogueEntries() *Scenario {
	return &Scenario{
		ID: "rogue-entries", Family: "message limits",
		Line: "a peer sends malformed entries, foreign ones, ones of unknown jobs and ones after the end; " +
			"nobody else's are lost",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 4},
		Invariants: []string{conserves, appliesOnce, staysTerminal, lives},
		Sometimes: []string{
			"a malformed entry was refused", "an entry of an unknown stream was refused",
			"an entry of a foreign worker was refused", "an entry came before its turn",
			"an entry was applied after the end", "the rogue was in order to its end",
		},
		Body: func(s *Stage) {
			s.rogue(check.Draw(s.Run, "the rogue breaks its streams", false, true))
			s.Client(0, func(env core.Env, c *client.Client) {
				specs := []protocol.JobSpec{s.job("j-1", 60, 2*time.Second), s.job("j-2", 30, 3*time.Second)}
				for i := range specs {
					specs[i].Datacenters = append(specs[i].Datacenters, rogueDatacenter)
					specs[i].ResultWait = time.Second
				}
				s.together(env, c, specs)
				s.afterwards(env)
			})
		},
	}
}
