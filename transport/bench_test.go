package transport_test

import (
	"context"
	"testing"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/transport"
)

func benchNode(b *testing.B, name string) (*transport.Node, core.Endpoint) {
	n, err := transport.New(transport.Config{Name: name})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = n.Stop(context.Background()) })
	e, err := n.Env().Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	return n, e
}

// BenchmarkOneWay sends 100-byte messages one way, with at most a few thousand under way.
func BenchmarkOneWay(b *testing.B) {
	const stride, strides = 1024, 8
	_, from := benchNode(b, "a")
	_, to := benchNode(b, "b")
	body := make([]byte, 100)
	room := make(chan struct{}, b.N/stride+strides)
	for range strides {
		room <- struct{}{}
	}
	failed := make(chan error, 1)
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		for sent := range b.N {
			if sent%stride == 0 {
				<-room
			}
			err := from.Send(context.Background(), to.Addr(), core.Message{Class: core.Normal, Body: body})
			if err != nil {
				failed <- err
				return
			}
		}
		failed <- nil
	}()
	for n := range b.N {
		if _, _, err := to.Recv(context.Background()); err != nil {
			b.Fatal(err)
		}
		if n%stride == 0 {
			room <- struct{}{}
		}
	}
	if err := <-failed; err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}

// BenchmarkEcho has 64 callers, each of which waits for the answer to its 100 bytes before it sends again.
func BenchmarkEcho(b *testing.B) {
	const callers = 64
	client, from := benchNode(b, "a")
	_, to := benchNode(b, "b")
	go echo(to)
	bells := make([]core.Signal, callers)
	for i := range bells {
		bells[i] = client.Env().NewSignal()
	}
	go func() {
		for {
			_, m, err := from.Recv(context.Background())
			if err != nil {
				return
			}
			bells[m.Body[0]].Notify()
		}
	}()
	b.ReportAllocs()
	b.ResetTimer()
	done := make(chan error, callers)
	for i := range callers {
		rounds := b.N / callers
		if i < b.N%callers {
			rounds++
		}
		go func() { done <- call(from, to.Addr(), byte(i), bells[i], rounds) }()
	}
	for range callers {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

func echo(e core.Endpoint) {
	for {
		from, m, err := e.Recv(context.Background())
		if err != nil {
			return
		}
		if err := e.Send(context.Background(), from, m); err != nil {
			return
		}
	}
}

func call(e core.Endpoint, to core.Address, id byte, bell core.Signal, rounds int) error {
	body := make([]byte, 100)
	body[0] = id
	for range rounds {
		if err := e.Send(context.Background(), to, core.Message{Class: core.Normal, Body: body}); err != nil {
			return err
		}
		if err := bell.Wait(context.Background(), core.Forever); err != nil {
			return err
		}
	}
	return nil
}
