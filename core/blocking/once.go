package blocking

import (
	"context"
	"sync"

	"github.com/windtunnel/windtunnel/core"
)

// Once does something once.
type Once struct {
	env  core.Env
	done *core.Latch

	mu    sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	begun bool
}

// NewOnce returns a Once that has done nothing.
func NewOnce(env core.Env) *Once { return &Once{env: env, done: core.NewLatch(env)} }

// Do calls f if this is the first call, under whatever context; otherwise it waits until that call of f has
// returned, or returns why ctx ended. An f that panics has returned. An f that calls Do waits for itself.
func (o *Once) Do(ctx context.Context, f func()) error {
	o.env.Yield("once")
	if !o.begin() {
		return o.done.Wait(ctx, core.Forever)
	}
	defer o.done.Open()
	f()
	return nil
}

func (o *Once) begin() (first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	first = !o.begun
	o.begun = true
	return first
}
