package scenarios_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/scenarios"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// operation is one thing that a user does. All come in a list that rapid draws and shrinks; two clients
// do theirs at the same time, on the same few keys.
type operation struct {
	Do      string
	Key     int // which of the jobs
	Payload int // of a submission: which of two
	Pause   time.Duration
}

var deeds = []string{"submit", "submit", "status", "subscribe", "cut", "close"}

func drawOperation(t *rapid.T) operation {
	return operation{
		Do:      rapid.SampledFrom(deeds).Draw(t, "do"),
		Key:     rapid.IntRange(0, 1).Draw(t, "key"),
		Payload: rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "payload"),
		Pause:   time.Duration(rapid.IntRange(0, 400).Draw(t, "pause in ms")) * time.Millisecond,
	}
}

// TestWhateverClientsDoOneKeyIsOneJob has rapid draw what two clients do, and holds them to a model of
// keys while all invariants hold the cluster.
func TestWhateverClientsDoOneKeyIsOneJob(t *testing.T) {
	simtest.Rapid(t, func(rt *rapid.T, r *check.Run) {
		lists := make([][]operation, 2)
		for i := range lists {
			lists[i] = rapid.SliceOfN(rapid.Custom(drawOperation), 1, 12).Draw(rt, fmt.Sprint("client ", i+1))
		}
		keys := &keyModel{jobs: map[int]string{}, payloads: map[int]int{}}
		scenario := scenarios.Scenario{
			ID:    "operations",
			Shape: scenarios.Shape{Datacenters: 2, Workers: 1, Clients: len(lists), Cores: 4},
			Body: func(s *scenarios.Stage) {
				for i, list := range lists {
					s.Client(i, func(env core.Env, c *client.Client) {
						u := &user{stage: s, env: env, client: c, name: fmt.Sprint("c", i+1), keys: keys}
						u.work(list)
					})
				}
			},
		}
		scenario.Play(r)
	})
}

// keyModel is what must be true of keys: whoever submits first decides on the payload, and all others
// with the same one get the same job.
type keyModel struct {
	jobs     map[int]string
	payloads map[int]int
}

// user is one client at work.
type user struct {
	stage    *scenarios.Stage
	env      core.Env
	client   *client.Client
	name     string
	keys     *keyModel
	sessions [2]*client.Session
	closed   [2]bool
	names    int
	seen     [2]protocol.JobStatus
}

func (u *user) work(list []operation) {
	for _, o := range list {
		switch o.Do {
		case "submit":
			u.submit(o)
		case "status":
			u.status(o)
		case "subscribe":
			u.subscribe(o)
		case "cut":
			u.stage.World.Cut(u.name, "g1")
		case "close":
			u.close(o)
		}
		_ = u.env.Sleep(u.env.Context(), o.Pause)
	}
	u.finish()
}

func (u *user) submit(o operation) {
	spec := protocol.JobSpec{
		Name: fmt.Sprint("job ", o.Key), Datacenters: []string{"dc-a", "dc-b"},
		Workflows: []protocol.WorkflowSpec{{
			Name: "wf", Engine: "scripted", Cores: 1,
			Plan:   load.Plan{Rate: load.PerSecond(uint64(20 + o.Payload)), Duration: 6 * time.Second},
			Target: load.Target{Method: "GET", URL: "http://target/", Timeout: time.Second},
		}},
	}
	job, err := u.client.Submit(u.env.Context(), fmt.Sprint("key ", o.Key), spec)
	payload, taken := u.keys.payloads[o.Key]
	if errors.Is(err, rpc.Conflict) {
		// The one who was first may not have heard so yet.
		known := taken && payload == o.Payload
		assert.False(u.stage.Run, known, "%s: refused what was taken before: %v", u.name, err)
		return
	}
	require.NoError(u.stage.Run, err)
	if !taken {
		u.keys.payloads[o.Key], u.keys.jobs[o.Key] = o.Payload, job.Job
	}
	require.Equal(u.stage.Run, u.keys.payloads[o.Key], o.Payload, "%s: another payload was taken", u.name)
	require.Equal(u.stage.Run, u.keys.jobs[o.Key], job.Job, "%s: one key, two jobs", u.name)
	if u.sessions[o.Key] == nil || u.closed[o.Key] {
		u.sessions[o.Key], u.closed[o.Key] = u.client.Follow(job), false
	}
	require.Same(u.stage.Run, u.sessions[o.Key], u.client.Follow(job), "a job has one session at a client")
}

// status asks, and finds that nothing has gone backwards.
func (u *user) status(o operation) {
	if u.sessions[o.Key] == nil {
		return
	}
	status, err := u.client.Status(u.env.Context(), u.sessions[o.Key].Job())
	if err != nil {
		return // a cut came in between
	}
	before := u.seen[o.Key]
	assert.GreaterOrEqual(u.stage.Run, status.Version, before.Version)
	assert.GreaterOrEqual(u.stage.Run, status.Totals.Planned(), before.Totals.Planned())
	if before.State.Terminal() {
		assert.Equal(u.stage.Run, before.State, status.State, "it left a terminal state")
	}
	u.seen[o.Key] = status
}

// subscribe subscribes twice under one name: only the first may be taken, and none at a closed session.
func (u *user) subscribe(o operation) {
	if u.sessions[o.Key] == nil {
		return
	}
	u.names++
	name := fmt.Sprint("log ", u.names)
	_, first := u.sessions[o.Key].Subscribe(name, client.Callbacks{})
	_, second := u.sessions[o.Key].Subscribe(name, client.Callbacks{})
	assert.Equal(u.stage.Run, u.closed[o.Key], first != nil, "first subscription: %v", first)
	assert.Error(u.stage.Run, second)
}

func (u *user) close(o operation) {
	if u.sessions[o.Key] != nil {
		u.sessions[o.Key].Close()
		u.closed[o.Key] = true
	}
}

// finish waits for the results of all jobs that are still followed, which came whole.
func (u *user) finish() {
	for key, session := range slices.All(u.sessions[:]) {
		if session == nil || u.closed[key] {
			continue
		}
		ctx, cancel := u.env.WithTimeout(u.env.Context(), 2*time.Minute)
		result, err := session.Wait(ctx)
		cancel()
		require.NoError(u.stage.Run, err)
		assert.Equal(u.stage.Run, protocol.JobCompleted, result.State)
		assert.EqualValues(u.stage.Run, 6*(20+u.keys.payloads[key]), result.Planned)
	}
}
