package client

import (
	"context"
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

func TestACancellationIsAskedUntilItIsAnswered(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(*stage) {}, func(s *stage, env core.Env) {
			s.lost, s.state = 2, protocol.JobRunning
			answer, err := s.at.Cancel(env.Context(), "j", "because")
			require.NoError(r, err)
			require.Equal(r, protocol.Cancelling{Accepted: true, State: protocol.JobRunning}, answer)
			require.Len(r, s.cancels, 3)
			require.Equal(r, protocol.Cancel{Job: "j", Reason: "because"}, s.cancels[2])

			s.state = protocol.JobCompleted
			answer, err = s.at.Cancel(env.Context(), "j", "too late")
			require.NoError(r, err)
			require.Equal(r, protocol.Cancelling{State: protocol.JobCompleted}, answer)

			s.forgot = true
			_, err = s.at.Cancel(env.Context(), "j", "")
			require.ErrorIs(r, err, rpc.NotFound)
			require.Len(r, s.cancels, 5, "a refusal is an answer")
		})
	})
}

func TestACancellationThatIsNeverAnsweredEnds(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(*stage) {}, func(s *stage, env core.Env) {
			s.lost = 1 << 30
			_, err := s.at.Cancel(env.Context(), "j", "")
			require.Error(r, err)
			require.Len(r, s.cancels, DefaultConfig().SubmitTries)

			ctx, cancel := env.WithTimeout(env.Context(), time.Second)
			defer cancel()
			_, err = s.at.Cancel(ctx, "j", "")
			require.Error(r, err)
			require.Len(r, s.cancels, DefaultConfig().SubmitTries+1)
		})
	})
}

// What comes before the number from which a session starts is neither in its books nor missing.
func TestASessionOfAnothersJobStartsWhereItIsTold(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		var handed []uint64
		play(r, func(s *stage) {
			require.Equal(r, []uint64{4}, s.after)
			require.Equal(r, uint64(4), s.push(status(3), status(4)), "known")
			gap := protocol.Push{Job: "j", Number: 6, Gap: &protocol.Gap{From: 4, To: 6}}
			require.Equal(r, uint64(7), s.push(gap, window(7)))
			require.Equal(r, uint64(9), s.push(status(8), ending(9)))
		}, func(s *stage, env core.Env) {
			s.last = 4
			session := s.at.Attach("j", 4)
			require.Same(r, session, s.at.Attach("j", 0), "a job has one session")
			_, err := session.Subscribe("one", Callbacks{Status: func(j protocol.JobStatus) {
				handed = append(handed, j.Version)
			}})
			require.NoError(r, err)
			_, err = session.Wait(env.Context())
			require.NoError(r, err)
			_ = env.Sleep(env.Context(), time.Second)
			books := session.Books()
			require.Equal(r, uint64(5), books.From)
			require.Equal(r, []protocol.Gap{{From: 5, To: 6}}, books.Gaps)
			require.Equal(r, windowCounts(7), books.Windowed())
		})
		require.Equal(r, []uint64{8}, handed)
	})
}

func windowCounts(number uint64) stats.Counts {
	w := windowOf(int64(number), 1)
	return w.Counts()
}

func TestASessionThatCannotStartSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		after  uint64
		change func(s *stage)
		want   func(r *check.Run, err error)
	}{
		"no such job": {0, func(s *stage) { s.forgot = true }, func(r *check.Run, err error) {
			require.ErrorIs(r, err, ErrNotFinished)
			require.ErrorIs(r, err, rpc.NotFound)
		}},
		"no such number": {5, func(s *stage) { s.last = 4 }, func(r *check.Run, err error) {
			require.ErrorIs(r, err, rpc.Invalid)
			require.ErrorContains(r, err, "client: follow j after push 5: its last is 4")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			simtest.CheckWith(t, few, func(r *check.Run) {
				play(r, func(*stage) {}, func(s *stage, env core.Env) {
					c.change(s)
					_, err := s.at.Attach("j", c.after).Wait(env.Context())
					c.want(r, err)
				})
			})
		})
	}
}

// The boot id of a gate is learnt from its first answer; another gate's answer says that the job is gone.
func TestASessionOfAnothersJobLearnsItsGate(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			require.Equal(r, uint64(1), s.push(status(1)))
			s.boot++
		}, func(s *stage, env core.Env) {
			_, err := s.at.Attach("j", 0).Wait(env.Context())
			require.ErrorIs(r, err, ErrNotFinished)
			require.NotErrorIs(r, err, rpc.NotFound)
		})
	})
}

// stopWhileHanding has a client stop while a callback takes so long and two more pushes wait for it. It
// returns how many were handed over, and what the session's wait ended with.
func stopWhileHanding(r *check.Run, within, takes time.Duration) (handed int, waited error) {
	w := r.World(sim.Config{})
	g := w.AddNode("g", func(core.Env) {})
	c := w.AddNode("c", func(env core.Env) {
		config := DefaultConfig()
		config.Listen, config.Gate, config.StopWithin = "c:1", "g:1", within
		at, err := New(env, config)
		require.NoError(r, err)
		env.Go("user", func() {
			session := at.Attach("j", 0)
			_, err := session.Subscribe("slow", Callbacks{Status: func(protocol.JobStatus) {
				_ = env.Sleep(context.Background(), takes)
				handed++
			}})
			require.NoError(r, err)
			_, waited = session.Wait(context.Background())
			_, err = at.Attach("other", 0).Wait(context.Background())
			require.ErrorIs(r, err, ErrStopped, "nothing is begun any more")
		})
		require.NoError(r, at.Run())
	})
	w.Workload(g, "script", func(env core.Env) {
		endpoint, err := env.Listen("tcp", "g:1")
		require.NoError(r, err)
		s := &stage{run: r, env: env, boot: 3}
		s.node, err = rpc.New(env, endpoint, rpc.Config{})
		require.NoError(r, err)
		s.handle()
		env.Go("serve", func() { _ = s.node.Serve(env.Context()) })
		for len(s.after) == 0 {
			s.sleep(time.Second)
		}
		require.Equal(r, uint64(3), s.push(status(1), status(2), status(3)))
		c.Stop()
		s.sleep(time.Minute)
		require.Empty(r, c.Tasks())
	})
	require.Nil(r, w.Run())
	return handed, waited
}

func TestWhatIsQueuedIsHandedOverBeforeAClientStops(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		handed, waited := stopWhileHanding(r, 30*time.Second, 5*time.Second)
		require.Equal(r, 3, handed)
		require.ErrorIs(r, waited, ErrStopped)
	})
}

func TestAClientStopsWithinItsBound(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		handed, waited := stopWhileHanding(r, 7*time.Second, 5*time.Second)
		require.Equal(r, 2, handed, "the one that was under way may end")
		require.ErrorIs(r, waited, ErrStopped)
		handed, _ = stopWhileHanding(r, 0, 5*time.Second)
		require.LessOrEqual(r, handed, 1)
	})
}
