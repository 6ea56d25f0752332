package rpc

import (
	"context"
	"fmt"

	"github.com/windtunnel/windtunnel/core"
)

// Handler answers requests of one method in a task of its own. ctx ends at the caller's deadline, when the
// caller gives up, and when Serve ends. body is the handler's, and so must be what it returns the Node's.
// What it returns to a notification is dropped.
type Handler func(ctx context.Context, from core.Address, body []byte) ([]byte, error)

// InlineHandler deals with requests and notifications of one method inside the receiving task, in the order
// in which they arrive. It must not wait. It answers through r, at once or, having kept it, later from
// another task.
type InlineHandler func(from core.Address, body []byte, r Responder)

// method is a registered handler; one of the two is set.
type method struct {
	task   string // the name of the tasks that run it
	handle func(ctx context.Context, r Responder, body []byte) (payload, error)
	inline InlineHandler
}

// Handle registers the handler of a method.
func (n *Node) Handle(name string, h Handler) {
	n.register(name, &method{handle: func(ctx context.Context, r Responder, body []byte) (payload, error) {
		answer, err := h(ctx, r.to, body)
		return payload{bytes: answer}, err
	}})
}

// HandleInline registers the inline handler of a method.
func (n *Node) HandleInline(name string, h InlineHandler) { n.register(name, &method{inline: h}) }

func (n *Node) register(name string, m *method) {
	switch {
	case n.serving.Load():
		panic(fmt.Sprintf("rpc: handler of %q registered after Serve began", name))
	case name == "" || len(name) > mostMethod:
		panic(fmt.Sprintf("rpc: method name %q: must have 1 to %d bytes", name, mostMethod))
	case n.methods[name] != nil:
		panic(fmt.Sprintf("rpc: method %q has a handler already", name))
	}
	m.task = "rpc/" + name
	n.methods[name] = m
}

// dispatch hands a request or notification to its handler, or refuses it at once.
func (n *Node) dispatch(ctx context.Context, from core.Address, class core.Class, f *frame) {
	r := Responder{node: n, to: from, id: f.id, class: class}
	if f.kind == request {
		r.deadline = n.env.Now().Add(min(f.timeout, mostTimeout))
		r.waited = true
	}
	m := n.methods[string(f.asked)]
	switch {
	case m == nil:
		n.counters.unknownMethod.Add(1)
		r.refuse(UnknownMethod, string(f.asked))
	case m.inline != nil:
		m.inline(from, f.body.bytes, r)
	default:
		n.handle(ctx, m, r, f.body.bytes)
	}
}

// handle starts a task for a request, if there is room for it.
func (n *Node) handle(ctx context.Context, m *method, r Responder, body []byte) {
	key, in := requestKey{r.to, r.id}, new(inbound)
	switch n.requests.admit(key, in, r.waited) {
	case full:
		n.counters.busy.Add(1)
		r.refuse(Busy, fmt.Sprintf("%d requests in flight", n.config.CallsIn))
		return
	case duplicate:
		n.counters.duplicates.Add(1)
		return
	case admitted:
	}
	timeout := n.config.Timeout
	if r.waited {
		timeout = r.Left()
	}
	ctx, in.cancel = WithTimeout(n.env, ctx, timeout)
	n.env.Go(m.task, func() { n.run(ctx, m, r, in, body) })
}

// run is the task of one request. A handler that panics ends its task as any panic does; the caller is told.
func (n *Node) run(ctx context.Context, m *method, r Responder, in *inbound, body []byte) {
	returned := false
	defer func() {
		in.cancel()
		if !returned {
			r.refuse(Internal, "the handler ended without an answer")
		}
		n.requests.release(requestKey{r.to, r.id}, r.waited)
	}()
	answer, err := m.handle(ctx, r, body)
	returned = true
	switch {
	case in.cancelled.Load(): // nobody waits
	case err != nil:
		r.Fail(err)
	default:
		r.reply(answer)
	}
}
