package transport_test

import (
	"net"
	"sync"
	"testing"

	"github.com/windtunnel/windtunnel/core"
)

// proxy stands between a dialler and a listener, and can cut, reset and stall what passes.
type proxy struct {
	listener net.Listener
	target   string
	running  sync.WaitGroup

	mu     sync.Mutex
	closed bool
	pipes  map[*pipe]struct{}
	gate   chan struct{} // closed while bytes may pass
}

// pipe is one connection through the proxy.
type pipe struct{ near, far net.Conn }

func newProxy(t *testing.T, target core.Address) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, target: string(target)}
	p.pipes, p.gate = map[*pipe]struct{}{}, make(chan struct{})
	close(p.gate)
	p.running.Add(1)
	go p.accept()
	t.Cleanup(p.close)
	return p
}

func (p *proxy) addr() core.Address { return core.Address(p.listener.Addr().String()) }

func (p *proxy) accept() {
	defer p.running.Done()
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = near.Close()
			continue
		}
		p.mu.Lock()
		pipe := &pipe{near, far}
		if p.closed {
			pipe.end(false)
		} else {
			p.pipes[pipe] = struct{}{}
			p.running.Add(2)
			go p.copy(pipe, near, far)
			go p.copy(pipe, far, near)
		}
		p.mu.Unlock()
	}
}

func (p *proxy) copy(pipe *pipe, from, to net.Conn) {
	defer p.running.Done()
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		<-p.passing()
		if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
			break
		}
	}
	p.mu.Lock()
	delete(p.pipes, pipe)
	p.mu.Unlock()
	pipe.end(false)
}

func (p *proxy) passing() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gate
}

// stall lets nothing pass: neither bytes nor the end of a connection.
func (p *proxy) stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gate = make(chan struct{})
}

func (p *proxy) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.gate:
	default:
		close(p.gate)
	}
}

// cut ends every connection; with reset as a host does that knows nothing of them.
func (p *proxy) cut(reset bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for pipe := range p.pipes {
		pipe.end(reset)
		delete(p.pipes, pipe)
	}
}

func (p *pipe) end(reset bool) {
	for _, socket := range []net.Conn{p.near, p.far} {
		if reset {
			_ = socket.(*net.TCPConn).SetLinger(0)
		}
		_ = socket.Close()
	}
}

func (p *proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listener.Close()
	p.release()
	p.cut(false)
	p.running.Wait()
}
