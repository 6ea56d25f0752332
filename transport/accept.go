package transport

import (
	"errors"
	"net"
	"time"
)

// acceptPause is how long accepting pauses when the machine has no more sockets to give.
const acceptPause = 50 * time.Millisecond

// accept takes others' connections until the endpoint closes.
func (e *endpoint) accept() {
	defer e.node.network.Done()
	for {
		socket, err := e.listener.Accept()
		if err == nil {
			e.admit(socket)
			continue
		}
		if e.closing.Err() != nil || errors.Is(err, net.ErrClosed) {
			return
		}
		e.log.Warn("accept failed", "cause", err)
		select {
		case <-time.After(acceptPause):
		case <-e.closing.Done():
			return
		}
	}
}

// admit greets in a goroutine of its own, so that one slow stranger does not hold up the others, and bounds
// how many strangers there are.
func (e *endpoint) admit(socket net.Conn) {
	e.mu.Lock()
	crowded := len(e.conns)+e.fresh >= e.node.config.Connections
	if !crowded {
		e.fresh++
	}
	e.mu.Unlock()
	e.node.count.accepted.Add(1)
	if crowded {
		e.node.count.connectionsRefused.Add(1)
		reject(socket, errCrowded)
		return
	}
	e.node.network.Add(1) // the accepting goroutine still counts
	go func() {
		defer e.node.network.Done()
		_, err := e.greet(socket, false)
		if err != nil {
			e.node.count.acceptFailures.Add(1)
		}
		e.mu.Lock()
		e.fresh--
		e.mu.Unlock()
	}()
}

// reject tells a dialler why it is turned away, if its socket takes the few bytes at once.
func reject(socket net.Conn, cause error) {
	text := cause.Error()
	frame := append(header{kind: kindReject, length: uint32(len(text))}.append(nil), text...)
	_ = socket.SetDeadline(time.Now().Add(acceptPause))
	_, _ = socket.Write(frame)
	_ = socket.Close()
}
