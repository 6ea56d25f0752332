package envtest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// kit is what scripts are written with.
type kit struct {
	Reporter
	Control
}

// forever is longer than any check lasts, yet an ordinary duration.
const forever = time.Hour

func background() context.Context { return context.Background() }

// must ends the run unless ok.
func (k *kit) must(ok bool, format string, args ...any) {
	if !ok {
		k.Helper()
		k.Errorf(format, args...)
		k.FailNow()
	}
}

// mustBe ends the run unless err matches want; a nil want matches nil only.
func (k *kit) mustBe(err, want error, what string) {
	k.Helper()
	k.must(errors.Is(err, want), "%s: got %v, want %v", what, err, want)
}

func (k *kit) listen(env core.Env) core.Endpoint {
	k.Helper()
	endpoint, err := env.Listen("tcp", "127.0.0.1:0")
	k.mustBe(err, nil, "listen")
	return endpoint
}

// mustRefuse ends the run unless err is a definite SendError with this cause.
func (k *kit) mustRefuse(err, cause error, what string) {
	k.Helper()
	k.mustBe(err, cause, what)
	k.must(k.isDefinite(err), "%s: %v is not definite", what, err)
}

// isDefinite judges an error of Send, which must be a SendError of one of two kinds.
func (k *kit) isDefinite(err error) bool {
	k.Helper()
	var sendError *core.SendError
	k.must(errors.As(err, &sendError) && sendError.Cause != nil, "Send returned %v, not a SendError", err)
	definite, indefinite := errors.Is(err, core.ErrDefinite), errors.Is(err, core.ErrIndefinite)
	k.must(definite != indefinite, "%v: definite %v, indefinite %v", err, definite, indefinite)
	k.must(definite == sendError.Definite, "%v: Definite is %v", err, sendError.Definite)
	return definite
}

// alone is the script of a check that concerns one node.
func alone(body func(env core.Env)) []Node { return []Node{{"a", body}} }

// link is two nodes, b listening before a knows its address.
func (k *kit) link(
	a func(env core.Env, e core.Endpoint, b core.Address),
	b func(env core.Env, e core.Endpoint),
) []Node {
	listening := new(moment)
	var address core.Address
	return []Node{
		{"a", func(env core.Env) {
			endpoint := k.listen(env)
			listening.wait(env)
			a(env, endpoint, k.Via("a", "b", address))
		}},
		{"b", func(env core.Env) {
			endpoint := k.listen(env)
			address = endpoint.Addr()
			listening.open()
			b(env, endpoint)
		}},
	}
}

// moment is something that has happened, for bodies of any node: a latch outside all environments. What was
// written before open may be read after wait.
type moment struct {
	mu     sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	passed bool
	bells  []core.Signal
}

func (m *moment) open() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.passed = true
	for _, bell := range m.bells {
		bell.Notify()
	}
}

func (m *moment) wait(env core.Env) {
	bell := env.NewSignal()
	m.mu.Lock()
	if !m.passed {
		m.bells = append(m.bells, bell)
	}
	passed := m.passed
	m.mu.Unlock()
	if !passed {
		_ = bell.Wait(background(), core.Forever)
	}
}

// task starts a task and returns the moment of its end.
func task(env core.Env, name string, f func()) *moment {
	ended := new(moment)
	env.Go(name, func() {
		defer ended.open()
		f()
	})
	return ended
}
