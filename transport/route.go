package transport

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// route is what is known of an address that was dialled.
type route struct {
	peer     *peer         // whom it led to; nil before the first success
	dialling chan struct{} // closed when the attempt under way ends; nil when there is none
	err      error         // why the last attempt failed; nil after a success
	failures int           // in a row
	earliest time.Time     // no attempt before
}

// connection returns one that leads to a peer, and dials if it must. Names contain no ':', addresses do.
func (e *endpoint) connection(ctx context.Context, to core.Address) (*conn, error) {
	e.mu.RLock()
	closed, found := e.closed, e.find(to)
	e.mu.RUnlock()
	switch {
	case closed:
		return nil, core.ErrClosed
	case found != nil:
		return found, nil
	case !strings.Contains(string(to), ":"):
		return nil, fmt.Errorf("%w: no connection with a node of that name", core.ErrUnreachable)
	}
	return e.reach(ctx, to)
}

// find returns the connection to an address or name, or nil. The caller holds the lock.
func (e *endpoint) find(to core.Address) *conn {
	if r := e.routes[to]; r != nil && r.peer != nil {
		return r.peer.current
	}
	if p := e.names[to]; p != nil {
		return p.current
	}
	return nil
}

// reach dials, or waits for the dial that is under way, within ctx.
func (e *endpoint) reach(ctx context.Context, to core.Address) (*conn, error) {
	dialling, err := e.dialling(to)
	if err != nil {
		return nil, err
	}
	if dialling != nil {
		select {
		case <-dialling:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-e.node.dead:
			e.node.exitIfDead()
		}
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.closed {
		return nil, core.ErrClosed
	}
	if c := e.find(to); c != nil {
		return c, nil
	}
	if r := e.routes[to]; r != nil && r.err != nil {
		return nil, fmt.Errorf("%w: %w", core.ErrUnreachable, r.err)
	}
	return nil, fmt.Errorf("%w: the connection ended at once", core.ErrUnreachable)
}

// dialling returns a channel that is closed when the attempt under way has ended, and starts one if there is
// none. It returns nil when there is a connection by now.
func (e *endpoint) dialling(to core.Address) (<-chan struct{}, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, core.ErrClosed
	}
	if e.find(to) != nil { // the attempt under way has ended since the caller looked
		return nil, nil
	}
	r := e.routes[to]
	if r == nil {
		e.dropOldRoutes()
		if len(e.routes) >= 2*e.node.config.Connections {
			return nil, fmt.Errorf("%w: %d addresses are in use", core.ErrUnreachable, len(e.routes))
		}
		r = &route{}
		e.routes[to] = r
	}
	if r.dialling != nil {
		return r.dialling, nil
	}
	if wait := time.Until(r.earliest); wait > 0 {
		return nil, fmt.Errorf("%w: not tried again for %v: %w", core.ErrUnreachable,
			wait.Round(time.Millisecond), r.err)
	}
	r.dialling = make(chan struct{})
	e.node.network.Add(1) // the endpoint is open, so its accepting goroutine still counts
	go e.dial(to, r)
	return r.dialling, nil
}

// dropOldRoutes forgets addresses that lead nowhere and may be tried again: nothing is known of them then.
func (e *endpoint) dropOldRoutes() {
	if len(e.routes) < e.node.config.Connections {
		return
	}
	for to, r := range e.routes {
		if r.dialling == nil && (r.peer == nil || r.peer.current == nil) && time.Until(r.earliest) <= 0 {
			delete(e.routes, to)
		}
	}
}

// dial makes one attempt and tells those who wait for it.
func (e *endpoint) dial(to core.Address, r *route) {
	defer e.node.network.Done()
	e.node.count.dials.Add(1)
	p, err := e.connect(to)
	e.mu.Lock()
	defer e.mu.Unlock()
	close(r.dialling)
	r.dialling, r.err = nil, err
	if err == nil {
		r.peer, r.failures = p, 0
		return
	}
	e.node.count.dialFailures.Add(1)
	r.earliest = time.Now().Add(e.backoff(r.failures))
	r.failures++
}

// backoff doubles, and is jittered by half so that those who lost the same peer do not return together.
func (e *endpoint) backoff(failures int) time.Duration {
	d := e.node.config.BackoffMin
	for ; failures > 0 && d < e.node.config.BackoffMax; failures-- {
		d *= 2
	}
	d = min(d, e.node.config.BackoffMax)
	return d/2 + time.Duration(e.node.rand.Int64N(int64(d/2)+1))
}
