package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim"
)

// longEnough is beyond what any job of a scenario may take: its deadline, two of a worker's silences, its
// result wait.
const longEnough = 2 * time.Minute

// together submits jobs one right after another, so that they run at the same time, and waits for all
// results.
func (s *Stage) together(env core.Env, c *client.Client, specs []protocol.JobSpec) {
	var sessions []*client.Session
	for _, spec := range specs {
		session, err := s.submit(env, c, spec)
		if err != nil {
			env.Log().Info("not submitted", "job", spec.Name, "error", err)
			continue
		}
		sessions = append(sessions, session)
	}
	for _, session := range sessions {
		s.await(env, session, longEnough)
	}
}

// allComplete plays jobs that nothing keeps from completing.
func (s *Stage) allComplete(env core.Env, c *client.Client, specs []protocol.JobSpec) {
	var sessions []*client.Session
	for _, spec := range specs {
		session, err := s.submit(env, c, spec)
		if err != nil {
			s.Run.Errorf("not submitted: %v", err)
			return
		}
		s.completes(session.Job())
		sessions = append(sessions, session)
	}
	for _, session := range sessions {
		s.await(env, session, longEnough)
	}
}

// recovers plays a job of few cores once the last fault is over for long enough that everybody is back. It
// completes.
func (s *Stage) recovers(env core.Env, c *client.Client) {
	for s.World.Now() < s.World.FaultsEnd()+learnWithin {
		s.sleep(env, time.Second)
	}
	spec := s.job("recovered", 20, time.Second)
	spec.Workflows[0].Cores = 1
	s.allComplete(env, c, []protocol.JobSpec{spec})
}

// slow makes a node's processor slow, where the host can do that: then its tasks meet half-way through
// what they do.
func (s *Stage) slow(node string) {
	if s.World != nil {
		s.World.Node(node).SetStalls(sim.StallWeights{6000, 2400, 1400, 190, 10})
	}
}

// smallWindows are windows that close soon after they end.
func smallWindows() stats.Config {
	c := stats.DefaultConfig()
	c.Size = 50 * time.Millisecond
	c.DriftTolerance, c.ClosingTolerance = 10*time.Millisecond, 100*time.Millisecond
	return c
}
