package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// callbacks are the scenarios of users' code that misbehaves.
func callbacks() []*Scenario { return []*Scenario{stuckCallbacks()} }

// stuckCallbacks is F7. When each callback misbehaves is drawn; most never do.
func stuckCallbacks() *Scenario {
	return &Scenario{
		ID: "stuck-callbacks", Family: "callbacks",
		Line: "callbacks that block for ever, sleep and panic harm their own subscription only",
		Shape: Shape{
			Datacenters: 2, Workers: 1, Clients: 1, Cores: 4,
			Client: func(c *client.Config) { c.Queue = 4 },
		},
		Invariants: []string{isolates, keepsOrder, staysTerminal},
		Sometimes: []string{
			"a callback panicked", "a callback never returned", "a callback slept",
			"a stuck subscription's pushes were dropped",
		},
		Body: func(s *Stage) {
			plan := s.drawMisdeeds()
			s.Client(0, func(env core.Env, c *client.Client) {
				var sessions []*client.Session
				for n := range 2 {
					session, err := s.submit(env, c, s.job("j-"+number(n), 30, 4*time.Second))
					if err != nil {
						s.Run.Errorf("submit: %v", err)
						return
					}
					sessions = append(sessions, session)
				}
				// Only the first job's subscribers misbehave; both jobs have one that behaves.
				for _, m := range plan {
					s.subscribe(sessions[0], m.name, m.callbacks(s, env))
				}
				for _, session := range sessions {
					s.subscribe(session, "good", client.Callbacks{Windows: func([]stats.Window) {}})
				}
				for _, session := range sessions {
					s.await(env, session, longEnough)
				}
				s.afterwards(env)
			})
		},
	}
}

func (s *Stage) subscribe(session *client.Session, name string, callbacks client.Callbacks) {
	if _, err := session.Subscribe(name, callbacks); err != nil {
		s.Run.Errorf("subscribe: %v", err)
	}
}

// misdeed is what one subscription's callback does from its so manieth call on.
type misdeed struct {
	name string
	from int
	do   func(s *Stage, env core.Env)
}

func (s *Stage) drawMisdeeds() []misdeed {
	const never = 1 << 30
	when := func(name string) int { return check.Draw(s.Run, name+" from call", never, never, 1, 3, 8) }
	return []misdeed{
		{"stuck", when("stuck"), func(s *Stage, env core.Env) {
			s.Run.Reached("a callback never returned")
			s.sleep(env, core.Forever)
		}},
		{"sleepy", when("sleepy"), func(s *Stage, env core.Env) {
			s.Run.Reached("a callback slept")
			s.sleep(env, 700*time.Millisecond)
		}},
		{"panicky", when("panicky"), func(*Stage, core.Env) { panic("the callback panics, as told") }},
	}
}

func (m misdeed) callbacks(s *Stage, env core.Env) client.Callbacks {
	calls := 0
	misbehave := func() {
		if calls++; calls >= m.from {
			m.do(s, env)
		}
	}
	return client.Callbacks{
		Windows: func([]stats.Window) { misbehave() },
		Status:  func(protocol.JobStatus) { misbehave() },
	}
}
