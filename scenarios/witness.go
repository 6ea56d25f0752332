package scenarios

import (
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// witness is a client's session whose books are compared with the truth at the end of the run. What a
// client holds must add up at any moment once it has a result, so one that was cut off or died is as good
// a witness as one that saw everything.
type witness struct {
	session *client.Session
	spec    protocol.JobSpec

	mu      sync.Mutex             //simvet:allow leaf lock: nothing waits or yields under it
	windows map[int64]stats.Window // the newest revision that came whole
}

// witness makes a session a witness. Call it as soon as the job is followed: it subscribes, to see whole
// windows.
func (s *Stage) witness(session *client.Session, spec protocol.JobSpec) {
	w := &witness{session: session, spec: spec, windows: map[int64]stats.Window{}}
	_, err := session.Subscribe("witness", client.Callbacks{Windows: w.take})
	if err != nil {
		s.Run.Errorf("witness: %v", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.witnesses = append(s.witnesses, w)
	s.policies[session.Job()] = spec.LostWorkers
	for i := range spec.Workflows {
		plan := &spec.Workflows[i]
		*s.plans.of(workflowKey{session.Job(), plan.Name}) = plan.Plan.Duration
	}
}

// lasts is how long the plan of a stream's workflow is; 0 when no witness knows.
func (s *Stage) lasts(stream stats.Stream) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.plans.find(workflowKey{stream.Job, stream.Workflow}); d != nil {
		return *d
	}
	return 0
}

// policy is what is to become of a job's lost workers; false when no witness knows.
func (s *Stage) policy(job string) (protocol.LostPolicy, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	policy, known := s.policies[job]
	return policy, known
}

// allWitnesses lists them as they came.
func (s *Stage) allWitnesses() []*witness {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.witnesses[:len(s.witnesses):len(s.witnesses)]
}

func (w *witness) take(windows []stats.Window) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, v := range windows {
		if v.Revision > w.windows[v.K].Revision {
			w.windows[v.K] = v
		}
	}
}

// window is a window as it came last.
func (w *witness) window(k int64) stats.Window {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.windows[k]
}
