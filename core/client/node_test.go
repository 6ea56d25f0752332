package client

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// few is enough where the thin tasks are looked at, and not the protocol: that is what the scenarios are for.
var few = simtest.Options{Seeds: 20}

// stage is a client, and its gate, which a script plays.
type stage struct {
	run    *check.Run
	world  *sim.World
	client *sim.Node
	at     *Client
	env    core.Env // the gate's
	node   *rpc.Node

	from    core.Address
	after   []uint64 // what was subscribed after, each time
	submits int
	busy    int    // submissions that are answered busy
	last    uint64 // that the gate says it has pushed
	cancels []protocol.Cancel
	lost    int               // cancellations whose answer never comes
	state   protocol.JobState // of the job, when it is cancelled
	boot    uint64
	forgot  bool // the job is not known any more
}

// play runs a gate's script, and a user's on the client's node.
func play(r *check.Run, gate func(s *stage), user func(s *stage, env core.Env)) {
	w := r.World(sim.Config{})
	s := &stage{run: r, world: w, boot: 3}
	g := w.AddNode("g", func(core.Env) {})
	w.Workload(g, "script", func(env core.Env) {
		endpoint, err := env.Listen("tcp", "g:1")
		require.NoError(r, err)
		s.env = env
		s.node, err = rpc.New(env, endpoint, rpc.Config{})
		require.NoError(r, err)
		s.handle()
		env.Go("serve", func() { _ = s.node.Serve(env.Context()) })
		s.sleep(3 * time.Second)
		gate(s)
	})
	s.client = w.AddNode("c", func(core.Env) {})
	w.Workload(s.client, "script", func(env core.Env) {
		config := DefaultConfig()
		config.Listen, config.Gate = "c:1", "g:1"
		c, err := New(env, config)
		require.NoError(r, err)
		s.at = c
		env.Go("client", func() { require.NoError(r, c.Run()) })
		_ = env.Sleep(env.Context(), time.Second)
		user(s, env)
	})
	require.Nil(r, w.Run())
}

func (s *stage) handle() {
	rpc.HandleInline(s.node, protocol.MethodSubmit,
		func(_ core.Address, _ *protocol.Submit, r rpc.Responder) {
			if s.submits++; s.submits <= s.busy {
				r.Fail(rpc.Errorf(rpc.Busy, "no room"))
				return
			}
			r.Reply(&protocol.Submitted{Job: "j", Token: 1, GateBoot: s.boot})
		})
	rpc.HandleInline(s.node, protocol.MethodSubscribe,
		func(from core.Address, in *protocol.Subscribe, r rpc.Responder) {
			if s.forgot {
				r.Fail(rpc.Errorf(rpc.NotFound, "job %s", in.Job))
				return
			}
			s.from, s.after = from, append(s.after, in.After)
			r.Reply(&protocol.Subscribed{GateBoot: s.boot, Last: s.last})
		})
	rpc.HandleInline(s.node, protocol.MethodCancel,
		func(_ core.Address, in *protocol.Cancel, r rpc.Responder) {
			s.cancels = append(s.cancels, *in)
			switch {
			case s.forgot:
				r.Fail(rpc.Errorf(rpc.NotFound, "job %s", in.Job))
			case len(s.cancels) <= s.lost:
			default:
				r.Reply(&protocol.Cancelling{Accepted: !s.state.Terminal(), State: s.state})
			}
		})
}

func (s *stage) sleep(d time.Duration) { _ = s.env.Sleep(s.env.Context(), d) }

// push sends pushes and returns the number through which the client says that it has all.
func (s *stage) push(pushes ...protocol.Push) uint64 {
	ctx, cancel := rpc.WithTimeout(s.env, s.env.Context(), time.Second)
	defer cancel()
	batch := &protocol.PushBatch{Job: "j", Pushes: pushes}
	taken, err := rpc.Call[protocol.PushTaken](ctx, s.node, s.from, core.High, protocol.MethodPush, batch)
	if err != nil {
		return 0
	}
	return taken.Through
}

func status(number uint64) protocol.Push {
	return protocol.Push{Job: "j", Number: number, Status: &protocol.JobStatus{Version: number}}
}

func window(number uint64) protocol.Push {
	return protocol.Push{Job: "j", Number: number, Windows: []stats.Window{windowOf(int64(number), 1)}}
}

func ending(number uint64) protocol.Push {
	return protocol.Push{Job: "j", Number: number, Final: &protocol.JobResult{Job: "j", Revision: 1}}
}

// follow submits and follows, with a subscription that notes what it is handed.
func (s *stage) follow(env core.Env, callbacks Callbacks) *Session {
	job, err := s.at.Submit(env.Context(), "key", protocol.JobSpec{Name: "job"})
	require.NoError(s.run, err)
	session := s.at.Follow(job)
	require.Same(s.run, session, s.at.Follow(job), "a job has one session")
	_, err = session.Subscribe("one", callbacks)
	require.NoError(s.run, err)
	_, err = session.Subscribe("one", callbacks)
	require.Error(s.run, err, "a name is used once")
	return session
}

func TestEachPushIsTakenOnceAndInOrder(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		var got []uint64
		play(r, func(s *stage) {
			require.Equal(r, uint64(2), s.push(status(1), status(2)))
			require.Equal(r, uint64(2), s.push(status(1), status(2)), "known")
			require.Equal(r, uint64(2), s.push(status(4)),
				"a hole that nothing explains: it has to come again")
			require.Equal(r, uint64(4), s.push(status(2), status(3), status(4)))
			gap := protocol.Push{Job: "j", Number: 7, Gap: &protocol.Gap{From: 5, To: 7}}
			require.Equal(r, uint64(8), s.push(gap, status(8)))
			require.Equal(r, uint64(9), s.push(ending(9)))
		}, func(s *stage, env core.Env) {
			session := s.follow(env, Callbacks{Status: func(j protocol.JobStatus) {
				got = append(got,
					j.Version)
			}})
			result, err := session.Wait(env.Context())
			require.NoError(r, err)
			require.Equal(r, uint64(1), result.Revision)
			_ = env.Sleep(env.Context(), time.Second)
			books := session.Books()
			require.Equal(r, []protocol.Gap{{From: 5, To: 7}}, books.Gaps)
		})
		require.Equal(r, []uint64{1, 2, 3, 4, 8}, got)
	})
}

func TestAfterABrokenConnectionASessionGoesOnFromItsLastNumber(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			require.Equal(r, uint64(2), s.push(status(1), status(2)))
			s.world.Cut("c", "g")
			s.sleep(7 * time.Second) // over the time of silence
			require.Equal(r, uint64(2), s.after[len(s.after)-1])
			require.Equal(r, uint64(3), s.push(ending(3)))
		}, func(s *stage, env core.Env) {
			_, err := s.follow(env, Callbacks{}).Wait(env.Context())
			require.NoError(r, err)
		})
	})
}

func TestOneStuckAndOnePanickingCallbackHarmNobodyElse(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		finals, panics := 0, 0
		play(r, func(s *stage) {
			for n := uint64(1); n <= 3000; n += 100 {
				var batch []protocol.Push
				for i := range uint64(100) {
					batch = append(batch, window(n+i))
				}
				require.Equal(r, n+99, s.push(batch...), "the answer waits for no callback")
			}
			require.Equal(r, uint64(3001), s.push(ending(3001)))
		}, func(s *stage, env core.Env) {
			session := s.follow(env, Callbacks{Final: func(protocol.JobResult) { finals++ }})
			stuck, err := session.Subscribe("stuck", Callbacks{Windows: func([]stats.Window) {
				_ = env.Sleep(env.Context(), core.Forever)
			}})
			require.NoError(r, err)
			_, err = session.Subscribe("panics", Callbacks{
				Windows: func([]stats.Window) { panics++; panic("as told") },
				Final:   func(protocol.JobResult) { finals++ },
			})
			require.NoError(r, err)
			_, err = session.Wait(env.Context())
			require.NoError(r, err)
			_ = env.Sleep(env.Context(), time.Minute)
			require.Equal(r, 2, finals)
			require.Positive(r, panics)
			require.Equal(r, uint64(3000-1-1024), stuck.Dropped())
			books := session.Books()
			require.Len(r, books.Windows(), 3000)
		})
	})
}

func TestASubmissionIsTriedAgainUntilThereIsRoom(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(*stage) {}, func(s *stage, env core.Env) {
			s.busy = 3
			_, err := s.at.Submit(env.Context(), "key", protocol.JobSpec{Name: "job"})
			require.NoError(r, err)
			require.Equal(r, 4, s.submits)
			s.busy = 1 << 30
			_, err = s.at.Submit(env.Context(), "key", protocol.JobSpec{Name: "job"})
			require.ErrorIs(r, err, rpc.Busy)
			require.Equal(r, 4+DefaultConfig().SubmitTries, s.submits)
		})
	})
}

func TestAJobThatItsGateForgotIsNotFinished(t *testing.T) {
	for name, change := range map[string]func(s *stage){
		"it is not known": func(s *stage) { s.forgot = true },
		"another boot":    func(s *stage) { s.boot++ },
	} {
		t.Run(name, func(t *testing.T) {
			simtest.CheckWith(t, few, func(r *check.Run) {
				play(r, change, func(s *stage, env core.Env) {
					_, err := s.follow(env, Callbacks{}).Wait(env.Context())
					require.True(r, errors.Is(err, ErrNotFinished), "%v", err)
				})
			})
		})
	}
}

func TestAClientThatIsAskedToStopEndsAllItsTasks(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			s.push(status(1))
			s.client.Stop()
			s.sleep(3 * time.Second)
			require.Empty(r, s.client.Tasks())
		}, func(s *stage, env core.Env) {
			_, err := s.follow(env, Callbacks{}).Wait(env.Context())
			require.Error(r, err)
		})
	})
}
