package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
	"github.com/windtunnel/windtunnel/transport"
)

const (
	callers  = 64
	bodySize = 100
)

// measureTransport has 64 callers, each of which waits for the answer to its 100 bytes before it asks
// again, over loopback TCP, both ends in this process; and one sender that waits for nothing but room.
func measureTransport(s settings) ([]figure, error) {
	ours, err := newPair()
	if err != nil {
		return nil, err
	}
	defer ours.close()
	theirs, err := newGRPC()
	if err != nil {
		return nil, err
	}
	defer theirs.close()
	figures, err := compareCalls(s, ours, theirs)
	if err != nil {
		return nil, err
	}
	more, err := compareOneWay(s, ours, theirs)
	if err != nil {
		return nil, err
	}
	return append(figures, more...), nil
}

func compareCalls(s settings, ours *pair, theirs *grpcPair) ([]figure, error) {
	results, err := takeTurns(s,
		contestant{name: "inline calls", run: ours.calls("inline")},
		contestant{name: "calls", run: ours.calls("task")},
		contestant{name: "calls of bytes", run: ours.byteCalls},
		contestant{name: "grpc stream", run: theirs.streamCalls},
		contestant{name: "grpc stream of bytes", run: theirs.rawCalls},
		contestant{name: "grpc unary", run: theirs.unaryCalls},
	)
	if err != nil {
		return nil, err
	}
	inline, task, bare := results[0], results[1], results[2]
	stream, raw, unary := results[3], results[4], results[5]
	figures := []figure{
		rate("calls a second, answered in the receiving task", inline, goal{}),
		rate("calls a second, answered in a task of each call's own", task, goal{}),
		faster(inline, stream, "grpc-go's stream (calls answered in the receiving task)", atLeast(2, "×")),
		faster(bare, raw, "the same with bytes as they are, no messages, on both sides", goal{}),
		faster(task, unary, "grpc-go's unary calls (a task, a goroutine each)", goal{}),
	}
	for _, measured := range []struct {
		what string
		on   *meter
		call func(int) (time.Duration, error)
	}{
		{"bytes a call on the wire, both ways", ours.meter, ours.calls("inline")},
		{"the same, grpc-go's stream", theirs.meter, theirs.streamCalls},
	} {
		bytes, err := measured.on.perCall(measured.call)
		if err != nil {
			return nil, err
		}
		figures = append(figures, figure{what: measured.what, value: number(bytes)})
	}
	return figures, nil
}

func compareOneWay(s settings, ours *pair, theirs *grpcPair) ([]figure, error) {
	results, err := takeTurns(s,
		contestant{name: "one way", run: ours.oneWay}, contestant{name: "grpc one way", run: theirs.oneWay})
	if err != nil {
		return nil, err
	}
	return []figure{
		rate("one-way messages a second, one sender", results[0], goal{}),
		faster(results[0], results[1], "grpc-go's stream, one way", goal{}),
	}, nil
}

// blob is a message of so many bytes.
type blob struct{ Bytes []byte }

func (m *blob) Fields(c *wire.Coder) { c.Bytes(1, &m.Bytes) }

// pair is two of our nodes: a calls b, through a meter that only forwards while it counts.
type pair struct {
	a, b    *rpc.Node
	to      core.Address
	meter   *meter
	credits chan struct{} // one for each batch of one-way messages that arrived
	arrived int
	stops   []func()
}

// batch is how many one-way messages one credit stands for; a few credits are under way.
const (
	batch   = 1024
	batches = 8
)

func newPair() (*pair, error) {
	p := &pair{credits: make(chan struct{}, batches)}
	var err error
	if p.a, err = p.node("a"); err != nil {
		return nil, err
	}
	if p.b, err = p.node("b"); err != nil {
		return nil, err
	}
	p.to = p.b.Addr()
	p.meter, err = newMeter(string(p.to))
	return p, err
}

func (p *pair) node(name string) (*rpc.Node, error) {
	process, err := transport.New(transport.Config{Name: name})
	if err != nil {
		return nil, err
	}
	p.stops = append(p.stops, func() { _ = process.Stop(context.Background()) })
	env := process.Env()
	endpoint, err := env.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	node, err := rpc.New(env, endpoint, rpc.Config{})
	if err != nil {
		return nil, err
	}
	rpc.Handle(node, "task", func(_ context.Context, _ core.Address, in *blob) (*blob, error) {
		return in, nil
	})
	rpc.HandleInline(node, "inline", func(_ core.Address, in *blob, r rpc.Responder) { r.Reply(in) })
	node.HandleInline("bytes", func(_ core.Address, body []byte, r rpc.Responder) { r.Answer(body) })
	rpc.HandleInline(node, "one way", func(core.Address, *blob, rpc.Responder) {
		if p.arrived++; p.arrived%batch == 0 {
			p.credits <- struct{}{}
		}
	})
	env.Go("rpc", func() { _ = node.Serve(env.Context()) })
	return node, nil
}

func (p *pair) close() {
	for _, stop := range p.stops {
		stop()
	}
	p.meter.close()
}

func (p *pair) calls(method string) func(n int) (time.Duration, error) {
	return func(n int) (time.Duration, error) {
		to := p.meter.route(p.to)
		return together(n, func(body []byte) error {
			answer, err := rpc.Call[blob](context.Background(), p.a, to, core.Normal, method, &blob{body})
			if err == nil && len(answer.Bytes) != len(body) {
				err = errors.New("the answer has another length")
			}
			return err
		})
	}
}

// byteCalls calls with bytes as they are.
func (p *pair) byteCalls(n int) (time.Duration, error) {
	return together(n, func(body []byte) error {
		answer, err := p.a.Call(context.Background(), p.to, core.Normal, "bytes", body)
		if err == nil && len(answer) != len(body) {
			err = errors.New("the answer has another length")
		}
		return err
	})
}

// together makes n calls from all callers.
func together(n int, call func(body []byte) error) (time.Duration, error) {
	var group sync.WaitGroup
	errs := make([]error, callers)
	began := time.Now()
	for i := range callers {
		group.Go(func() {
			body := make([]byte, bodySize)
			for range (n + callers - 1 - i) / callers {
				if errs[i] = call(body); errs[i] != nil {
					return
				}
			}
		})
	}
	group.Wait()
	return time.Since(began), errors.Join(errs...)
}

// oneWay sends n messages, rounded up to whole batches, and waits until all have arrived.
func (p *pair) oneWay(n int) (time.Duration, error) {
	return inBatches(n, p.credits, func(body []byte) error {
		return rpc.Notify(context.Background(), p.a, p.to, core.Normal, "one way", &blob{body})
	})
}

// inBatches sends batches as long as only a few are under way; the time is scaled to n messages.
func inBatches(n int, credits <-chan struct{}, send func([]byte) error) (time.Duration, error) {
	body := make([]byte, bodySize)
	whole := (n + batch - 1) / batch
	began := time.Now()
	for sent, back := 0, 0; back < whole; {
		if sent == whole || sent-back == batches {
			<-credits
			back++
			continue
		}
		for range batch {
			if err := send(body); err != nil {
				return 0, fmt.Errorf("one way: %w", err)
			}
		}
		sent++
	}
	return time.Duration(float64(time.Since(began)) * float64(n) / float64(whole*batch)), nil
}
