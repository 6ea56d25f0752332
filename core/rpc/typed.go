package rpc

import (
	"context"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/wire"
)

// message is the constraint of a wire message T: its Fields has a pointer receiver.
type message[T any] interface {
	*T
	wire.Message
}

// Call is Node.Call with messages:
//
//	reply, err := rpc.Call[protocol.SubmitReply](ctx, node, gate, core.Normal, "submit", &submission)
//
// A reply that does not decode is an indefinite error: the request was handled.
func Call[Resp any, P message[Resp]](ctx context.Context, n *Node, to core.Address, class core.Class,
	method string, req wire.Message) (Resp, error) {
	var resp Resp
	body, err := n.call(ctx, to, class, method, payload{message: req})
	if err != nil {
		return resp, err
	}
	if err := n.coders.decode(body, P(&resp)); err != nil {
		n.counters.malformed.Add(1)
		return resp, &CallError{To: to, Method: method, Cause: err}
	}
	return resp, nil
}

// Notify is Node.Notify with a message.
func Notify(ctx context.Context, n *Node, to core.Address, class core.Class, method string,
	m wire.Message) error {
	return n.notify(ctx, to, class, method, payload{message: m})
}

// Handle is Node.Handle with messages. A request that does not decode is answered Invalid, and counted as
// malformed. A nil response is an empty one.
func Handle[Req, Resp any, P message[Req], Q message[Resp]](n *Node, name string,
	h func(ctx context.Context, from core.Address, req *Req) (*Resp, error)) {
	n.register(name, &method{handle: func(ctx context.Context, r Responder, body []byte) (payload, error) {
		req := new(Req)
		if err := n.coders.decode(body, P(req)); err != nil {
			n.counters.malformed.Add(1)
			return payload{}, Errorf(Invalid, "%v", err)
		}
		resp, err := h(ctx, r.to, req)
		if err != nil || resp == nil {
			return payload{}, err
		}
		return payload{message: Q(resp)}, nil
	}})
}

// HandleInline is Node.HandleInline with messages. A request that does not decode is answered Invalid, and
// counted as malformed.
func HandleInline[Req any, P message[Req]](n *Node, name string,
	h func(from core.Address, req *Req, r Responder)) {
	n.HandleInline(name, func(from core.Address, body []byte, r Responder) {
		req := new(Req)
		if err := n.coders.decode(body, P(req)); err != nil {
			n.counters.malformed.Add(1)
			r.refuse(Invalid, err.Error())
			return
		}
		h(from, req, r)
	})
}
