package transport

import "github.com/windtunnel/windtunnel/core"

// Close stops listening and lets every connection write what is queued, for at most the linger time; it does
// not wait for that, Node.Stop does.
func (e *endpoint) Close() error {
	conns, first := e.shut()
	if !first {
		return core.ErrClosed
	}
	for _, c := range conns {
		c.drain()
	}
	return nil
}

// abort closes at once and resets every connection.
func (e *endpoint) abort() {
	e.shut()
	for _, c := range e.connections() {
		c.reset()
	}
}

func (e *endpoint) shut() (conns []*conn, first bool) {
	e.mu.Lock()
	first = !e.closed
	e.closed = true
	e.mu.Unlock()
	if first {
		e.stop()
		_ = e.listener.Close()
		e.node.count.unclaimed.Add(uint64(e.inbox.close()))
		e.forgetIfEmpty()
	}
	return e.connections(), first
}

func (e *endpoint) isClosed() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.closed
}

func (e *endpoint) connections() []*conn {
	e.mu.RLock()
	defer e.mu.RUnlock()
	conns := make([]*conn, 0, len(e.conns))
	for c := range e.conns {
		conns = append(conns, c)
	}
	return conns
}

// forgetIfEmpty lets the node forget a closed endpoint, once nothing of it is left that a crash would have to
// end.
func (e *endpoint) forgetIfEmpty() {
	e.mu.RLock()
	over := e.closed && len(e.conns) == 0
	e.mu.RUnlock()
	if over {
		e.node.forget(e)
	}
}
