package scenarios

import (
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// Stage is where a scenario's body plays: a cluster that is booting, on some host. The body starts the
// workload and returns; then the host lets everything run until the workload has ended.
type Stage struct {
	Run   *check.Run
	Shape Shape
	Host  Host
	World *sim.World // nil over TCP: what only a simulation can do is done when it is there
	Truth *Truth

	mu        sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	witnesses []*witness
	plans     table[workflowKey, time.Duration] // of the witnesses' jobs: how long each is
	policies  map[string]protocol.LostPolicy    // of the same jobs
	silence   time.Duration                     // dead + grace of the workers
	reads     *wholeSnapshots
	registry  *jobRegistry
	told      time.Duration // how long after the last fault everybody may be told of everything
	lives     *liveness
	order     *clientOrder
	roles     map[string]role // by node, the newest: for a test that looks into them
	disturbed time.Duration   // until when, other than by faults, nodes are not there or not reached
}

// Host is what nodes run on: a simulated World, or this machine over TCP.
type Host interface {
	// Boot starts a node.
	Boot(name string, boot func(core.Env))
	// Workload starts a task that the run waits for, on a node that is booted.
	Workload(node, name string, f func(core.Env))
	// Address is where a node listens, and where others dial it.
	Address(name string) string
}

func newStage(r *check.Run, shape Shape, host Host) *Stage {
	if shape.Cores == 0 {
		shape.Cores = 2
	}
	return &Stage{
		Run: r, Shape: shape, Host: host, Truth: newTruth(), policies: map[string]protocol.LostPolicy{},
		roles: map[string]role{}, told: learnWithin,
	}
}

// simulated is the host that is a World.
type simulated struct{ world *sim.World }

func (h simulated) Boot(name string, boot func(core.Env)) { h.world.AddNode(name, boot) }

func (h simulated) Workload(node, name string, f func(core.Env)) {
	h.world.Workload(h.world.Node(node), name, f)
}

func (h simulated) Address(name string) string { return name + ":7400" }

// Client boots a client's node and plays script on it, as workload.
func (s *Stage) Client(i int, script func(env core.Env, c *client.Client)) {
	name := clientName(i)
	s.Host.Boot(name, func(core.Env) {})
	s.Host.Workload(name, "script", func(env core.Env) {
		c, err := s.newClient(env, name)
		if err != nil {
			s.Run.Fatalf("%s: %v", name, err)
		}
		s.settle(env)
		script(env, c)
	})
}

// settle gives managers and workers the time to register, so that a job's first dispatch finds them.
func (s *Stage) settle(env core.Env) { s.sleep(env, 500*time.Millisecond) }

// sleep waits; a script does not end before its node does.
func (s *Stage) sleep(env core.Env, d time.Duration) { _ = env.Sleep(env.Context(), d) }

// job is a specification over all datacenters: rate arrivals a second for so long.
func (s *Stage) job(name string, rate uint64, duration time.Duration) protocol.JobSpec {
	spec := protocol.JobSpec{
		Name: name,
		Workflows: []protocol.WorkflowSpec{{
			Name: "wf", Engine: "scripted", Cores: uint32(s.Shape.Workers),
			Plan:   load.Plan{Rate: load.PerSecond(rate), Duration: duration},
			Target: load.Target{Method: "GET", URL: "http://target/", Timeout: 2 * time.Second},
		}},
		ShareTarget: true,
		Deadline:    duration + 20*time.Second,
		ResultWait:  10 * time.Second,
	}
	for dc := range s.Shape.Datacenters {
		spec.Datacenters = append(spec.Datacenters, datacenterName(dc))
	}
	return spec
}

// submit submits a job and follows it, as a witness. The key is the job's name, so that each script's
// jobs have their own.
func (s *Stage) submit(env core.Env, c *client.Client, spec protocol.JobSpec) (*client.Session, error) {
	job, err := s.register(env, c, spec)
	if err != nil {
		return nil, err
	}
	session := c.Follow(job)
	s.witness(session, spec)
	return session, nil
}

// attach has a client that follows nothing yet take a job's pushes after a number.
func (s *Stage) attach(c *client.Client, job string, after uint64) *client.Session {
	if after > 0 {
		s.Run.Reached("a session began in the middle")
	}
	s.order.resumes[job] = after
	return c.Attach(job, after)
}

// await returns the result of a job, which there must be once the liveness bound is over.
func (s *Stage) await(env core.Env, session *client.Session, bound time.Duration) (protocol.JobResult, bool) {
	ctx, cancel := env.WithTimeout(env.Context(), bound)
	defer cancel()
	result, err := session.Wait(ctx)
	if errors.Is(err, client.ErrNotFinished) && s.Truth.ended(session.Job()) {
		return result, false // it was cut off for longer than the gate keeps what has ended
	}
	if err != nil {
		s.Run.Errorf("no result of job %s within %v: %v", session.Job(), bound, err)
	}
	return result, err == nil
}

// afterwards waits until all that a cluster keeps of what has ended must be gone.
func (s *Stage) afterwards(env core.Env) { s.sleep(env, retention+6*time.Second) }

// remember keeps what a node runs now.
func (s *Stage) remember(node string, r role) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roles[node] = r
}

func number(i int) string { return strconv.Itoa(i + 1) }
