package rpc

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/windtunnel/windtunnel/core"
)

// requestKey names a request of a peer.
type requestKey struct {
	from core.Address
	id   uint64
}

// requests are those of others that tasks of this node are handling.
type requests struct {
	bound int

	mu      sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	running int        // with notifications, which nobody can cancel
	byKey   map[requestKey]*inbound
}

// inbound is one request that a task is handling.
type inbound struct {
	cancel    context.CancelFunc // set before the task starts
	cancelled atomic.Bool
}

func (rs *requests) start(bound int) {
	rs.bound, rs.byKey = bound, make(map[requestKey]*inbound)
}

// admission is what became of a request.
type admission uint8

const (
	admitted  admission = iota
	full                // too many are being handled
	duplicate           // the same one is being handled
)

// admit makes room for a request, or for a notification, which has no key.
func (rs *requests) admit(key requestKey, in *inbound, keyed bool) admission {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if keyed && rs.byKey[key] != nil {
		return duplicate
	}
	if rs.running == rs.bound {
		return full
	}
	rs.running++
	if keyed {
		rs.byKey[key] = in
	}
	return admitted
}

// release ends what admit began.
func (rs *requests) release(key requestKey, keyed bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.running--
	if keyed {
		delete(rs.byKey, key)
	}
}

// cancel tells a request's handler that nobody waits for its answer. A request that is unknown has been
// answered, or was refused.
func (rs *requests) cancel(key requestKey) {
	rs.mu.Lock()
	in := rs.byKey[key]
	rs.mu.Unlock()
	if in != nil {
		in.cancelled.Store(true)
		in.cancel()
	}
}
