package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
)

// merging are the scenarios of statistics that are merged while somebody reads them.
func merging() []*Scenario { return []*Scenario{secondReader()} }

// secondReader is F5. The workers of both datacenters report in the same moments, each report is one
// merge of two streams, one of each workflow, and the readers ask all the time.
func secondReader() *Scenario {
	return &Scenario{
		ID: "second-reader", Family: "merging",
		Line:       "readers ask for a job's statistics between and within merges, and see whole ones only",
		Shape:      Shape{Datacenters: 2, Workers: 3, Clients: 3, Cores: 4},
		Invariants: []string{readsWhole, conserves, reportsQuantiles},
		Sometimes:  []string{"statistics were read while a job ran"},
		Body: func(s *Stage) {
			s.slow(gateName)
			s.Client(0, func(env core.Env, c *client.Client) {
				s.together(env, c, []protocol.JobSpec{s.twoWorkflows("j")})
				s.afterwards(env)
			})
			for i := 1; i < s.Shape.Clients; i++ {
				s.Client(i, func(env core.Env, c *client.Client) { s.read(env, c, s.twoWorkflows("j")) })
			}
		},
	}
}

func (s *Stage) twoWorkflows(name string) protocol.JobSpec {
	spec := s.job(name, 30, 3*time.Second)
	second := spec.Workflows[0]
	second.Name = "wf-2"
	spec.Workflows = append(spec.Workflows, second)
	return spec
}

// read finds a job by its key and reads its statistics until it is terminal.
func (s *Stage) read(env core.Env, c *client.Client, spec protocol.JobSpec) {
	job, err := s.register(env, c, spec)
	if err != nil {
		s.Run.Errorf("the job's reader did not find it: %v", err)
		return
	}
	for {
		status, err := c.Status(env.Context(), job.Job)
		if err != nil || status.State.Terminal() {
			return
		}
		if status.State == protocol.JobRunning && status.Totals.Planned() > 0 {
			s.Run.Reached("statistics were read while a job ran")
		}
		s.sleep(env, time.Duration(env.Rand().Int64N(int64(20*time.Millisecond))))
	}
}
