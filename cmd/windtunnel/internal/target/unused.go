package target

import (
	"net"
	"net/http"
	"sync"
)

// unused are the connections on which nothing was asked yet. Clients open some ahead; at the end the server
// would wait five seconds for each of them to be used after all.
type unused struct {
	mu    sync.Mutex
	conns map[net.Conn]bool
}

// watch is a server's ConnState hook.
func (u *unused) watch(conn net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state != http.StateNew {
		delete(u.conns, conn)
		return
	}
	if u.conns == nil {
		u.conns = map[net.Conn]bool{}
	}
	u.conns[conn] = true
}

// close closes them.
func (u *unused) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for conn := range u.conns {
		_ = conn.Close() // it carries nothing
	}
}
