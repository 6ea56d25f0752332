package register

import (
	"context"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
)

// Value is what clients write and read.
type Value struct{ Text string }

// Fields describes the message to the codec.
func (v *Value) Fields(c *wire.Coder) { c.String(1, &v.Text) }

// Offer has clients read and write through this server. It must be called before the node serves.
func (s *Server) Offer(node *rpc.Node) {
	rpc.Handle(node, "read", func(ctx context.Context, _ core.Address, _ *Value) (*Value, error) {
		return s.do(ctx, &request{reads: true})
	})
	rpc.Handle(node, "write", func(ctx context.Context, _ core.Address, in *Value) (*Value, error) {
		return s.do(ctx, &request{value: in.Text})
	})
}

// do waits for an operation, in the task of the call.
func (s *Server) do(ctx context.Context, request *request) (*Value, error) {
	request.done = core.NewLatch(s.env)
	if !s.inbox.Put(input{request: request}) {
		return nil, rpc.Busy
	}
	if err := request.done.Wait(ctx, core.Forever); err != nil {
		return nil, err // the operation goes on
	}
	switch answer := request.answer; answer.Outcome {
	case Done:
		return &Value{answer.Value}, nil
	case Refused:
		return nil, rpc.Busy
	default:
		return nil, rpc.Deadline
	}
}

// Client reads and writes through the server that it is told, any of them. It tries nothing twice: a write
// that is tried again is two writes, and the second may bring a value back that somebody else has
// overwritten.
type Client struct{ node *rpc.Node }

// NewClient returns a client that calls from the node.
func NewClient(node *rpc.Node) *Client { return &Client{node} }

// Read returns the register's value. After any error it had no effect.
func (c *Client) Read(ctx context.Context, server core.Address) (string, error) {
	read, err := rpc.Call[Value](ctx, c.node, server, core.Normal, "read", &Value{})
	return read.Text, err
}

// Write changes the register's value. After an error that core.ErrIndefinite matches it may have done so, or
// may do so yet; after any other it has not.
func (c *Client) Write(ctx context.Context, server core.Address, value string) error {
	_, err := rpc.Call[Value](ctx, c.node, server, core.Normal, "write", &Value{value})
	return err
}
