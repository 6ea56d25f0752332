package main

import (
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// meter stands between a caller and a server and counts the bytes of the TCP stream, both ways. Only
// calls whose bytes are counted go through it; those that are timed do not.
type meter struct {
	listener net.Listener
	to       string
	counting atomic.Bool
	bytes    atomic.Int64
}

func newMeter(to string) (*meter, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &meter{listener: listener, to: to}
	go m.accept()
	return m, nil
}

func (m *meter) addr() string { return m.listener.Addr().String() }

func (m *meter) close() { _ = m.listener.Close() }

// route is whom to call: the server itself, or the meter while it counts.
func (m *meter) route(to core.Address) core.Address {
	if m.counting.Load() {
		return core.Address(m.addr())
	}
	return to
}

// perCall counts what a call costs, beside what a connection does.
func (m *meter) perCall(call func(n int) (time.Duration, error)) (float64, error) {
	const calls = 20_000
	m.counting.Store(true)
	defer m.counting.Store(false)
	if _, err := call(calls / 10); err != nil { // connects
		return 0, fmt.Errorf("metered: %w", err)
	}
	before := m.bytes.Load()
	if _, err := call(calls); err != nil {
		return 0, fmt.Errorf("metered: %w", err)
	}
	return float64(m.bytes.Load()-before) / calls, nil
}

func (m *meter) accept() {
	for {
		near, err := m.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", m.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		go m.forward(far, near)
		go m.forward(near, far)
	}
}

func (m *meter) forward(to, from net.Conn) {
	_, _ = io.Copy(counted{to, m}, from)
	_ = to.Close()
}

type counted struct {
	io.Writer
	meter *meter
}

func (c counted) Write(b []byte) (int, error) {
	c.meter.bytes.Add(int64(len(b)))
	return c.Writer.Write(b)
}
