package rpc

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/windtunnel/windtunnel/core"
)

// Node makes and answers calls over one endpoint, which is its alone from New on. Handlers are registered
// before Serve starts; everything else may be called by any task.
type Node struct {
	env      core.Env
	endpoint core.Endpoint
	config   Config
	methods  map[string]*method
	serving  atomic.Bool
	life     context.Context // ends with Serve, and not earlier: a node that was asked to stop still answers
	end      context.CancelFunc

	calls      calls        // out
	cancelling atomic.Int64 // tasks that tell of calls given up
	requests   requests     // in
	coders     coders
	counters   counters
}

// New returns a Node that is ready to make calls and to register handlers. No reply arrives until Serve
// runs.
func New(env core.Env, endpoint core.Endpoint, config Config) (*Node, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	n := &Node{env: env, endpoint: endpoint, config: config, methods: map[string]*method{}}
	n.life, n.end = env.WithCancel(context.Background())
	if env.Rare("rpc/few-calls-out") {
		n.config.CallsOut = min(fewCallsOut, config.CallsOut)
	}
	if env.Rare("rpc/few-calls-in") {
		n.config.CallsIn = 1
	}
	n.calls.start(env, n.config.CallsOut)
	n.requests.start(n.config.CallsIn)
	return n, nil
}

// Addr is the address that others call.
func (n *Node) Addr() core.Address { return n.endpoint.Addr() }

// Serve receives until ctx ends or the endpoint is closed, and returns why. Then the contexts of handlers
// have ended, calls that wait return core.ErrClosed, and so do later ones. It is called once, in a task of
// its own.
func (n *Node) Serve(ctx context.Context) error {
	if n.serving.Swap(true) {
		panic("rpc: Serve called twice")
	}
	ctx, cancel := n.env.WithCancel(ctx)
	defer n.end()
	defer n.calls.close()
	defer cancel()
	var f frame
	for {
		from, message, err := n.endpoint.Recv(ctx)
		if err != nil {
			return fmt.Errorf("rpc: serve: %w", err)
		}
		n.receive(ctx, from, message, &f)
	}
}

// receive deals with one message, which it decodes into f. It must not wait, or a slow request would hold up
// every reply.
func (n *Node) receive(ctx context.Context, from core.Address, message core.Message, f *frame) {
	if err := n.coders.decode(message.Body, f); err != nil || f.malformed() {
		n.counters.malformed.Add(1)
		return
	}
	switch f.kind {
	case request, notification:
		n.dispatch(ctx, from, message.Class, f)
	case reply, refusal:
		switch n.calls.answer(from, f) {
		case late:
			n.counters.lateReplies.Add(1)
		case strange:
			n.counters.strangeReply.Add(1)
		case matched:
		}
	case cancellation:
		n.requests.cancel(requestKey{from, f.id})
	}
}

// send encodes a frame and hands it to the network.
func (n *Node) send(ctx context.Context, to core.Address, class core.Class, f frame) error {
	return n.endpoint.Send(ctx, to, core.Message{Class: class, Body: n.coders.encode(f)})
}
