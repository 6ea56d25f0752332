package lockservice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
)

// Lease is how long a lock is granted for, and encoding what it takes to prepare a write.
const (
	Lease    = 300 * time.Millisecond
	encoding = 5 * time.Millisecond
)

// Request is what clients ask: both services know its fields, and take those that concern them.
type Request struct {
	Token uint64 // of the lease under which it is asked
	Value uint64 // to be written
}

// Fields describes the message to the codec.
func (m *Request) Fields(c *wire.Coder) {
	c.Uint64(1, &m.Token)
	c.Uint64(2, &m.Value)
}

// Reply is the new lease's token, or the store's value.
type Reply struct{ Number uint64 }

// Fields describes the message to the codec.
func (m *Reply) Fields(c *wire.Coder) { c.Uint64(1, &m.Number) }

// serve listens for calls at an address.
func serve(env core.Env, address core.Address) (*rpc.Node, error) {
	endpoint, err := env.Listen("tcp", string(address))
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w", address, err)
	}
	node, err := rpc.New(env, endpoint, rpc.Config{Timeout: time.Second})
	if err != nil {
		return nil, err
	}
	env.Go("rpc", func() { _ = node.Serve(env.Context()) })
	return node, nil
}

// ServeLocks grants one lock to one client at a time.
func ServeLocks(env core.Env, address core.Address) error {
	var token uint64
	var until core.Instant // the lease of that token ends then
	lock := env.NewLocker()
	node, err := serve(env, address)
	if err != nil {
		return err
	}
	rpc.Handle(node, "acquire", func(context.Context, core.Address, *Request) (*Reply, error) {
		lock.Lock()
		defer lock.Unlock()
		if env.Now() < until {
			return nil, rpc.Busy
		}
		token++
		until = env.Now().Add(Lease)
		return &Reply{token}, nil
	})
	rpc.Handle(node, "release", func(_ context.Context, _ core.Address, in *Request) (*Reply, error) {
		lock.Lock()
		defer lock.Unlock()
		if in.Token == token {
			until = env.Now()
		}
		return &Reply{}, nil
	})
	return nil
}

// Stored is noted by the store with each write that it accepts, and Fenced with each that it turns away.
type (
	Stored struct{ Token, Value uint64 }
	Fenced struct{ Token, Highest uint64 }
)

// AppendText says it in words.
func (s Stored) AppendText(b []byte) []byte {
	return fmt.Appendf(b, "stored %d under token %d", s.Value, s.Token)
}

// AppendText says it in words.
func (f Fenced) AppendText(b []byte) []byte {
	return fmt.Appendf(b, "turned away token %d, has seen %d", f.Token, f.Highest)
}

// ServeStore keeps a number. With fencing it turns away requests under a token that is not the highest so
// far.
func ServeStore(env core.Env, address core.Address, fencing bool) error {
	var value, highest uint64
	lock := env.NewLocker()
	node, err := serve(env, address)
	if err != nil {
		return err
	}
	handle := func(name string, apply func(in *Request)) {
		rpc.Handle(node, name, func(_ context.Context, _ core.Address, in *Request) (*Reply, error) {
			lock.Lock()
			defer lock.Unlock()
			if fencing && in.Token < highest {
				env.Note(Fenced{in.Token, highest})
				return nil, rpc.Conflict
			}
			highest = max(highest, in.Token)
			apply(in)
			return &Reply{value}, nil
		})
	}
	handle("read", func(*Request) {})
	handle("write", func(in *Request) {
		value = in.Value
		env.Note(Stored{in.Token, in.Value})
	})
	return nil
}

// Client adds to the number.
type Client struct {
	env          core.Env
	node         *rpc.Node
	locks, store core.Address
}

// NewClient returns a client at an address that uses a lock service and a store.
func NewClient(env core.Env, address, locks, store core.Address) (*Client, error) {
	node, err := serve(env, address)
	return &Client{env: env, node: node, locks: locks, store: store}, err
}

// ErrLeaseOver says that the lease ended before the write was sent.
var ErrLeaseOver = errors.New("the lease is over")

// Increment adds one to the number under the lock. After an error that core.ErrIndefinite matches the number
// may have been written, after any other it was not.
func (c *Client) Increment(ctx context.Context) error {
	until := c.env.Now().Add(Lease) // the lease begins later than this
	granted, err := c.call(ctx, c.locks, "acquire", Request{})
	if err != nil {
		return err
	}
	token := granted.Number
	read, err := c.call(ctx, c.store, "read", Request{Token: token})
	if err != nil {
		return err
	}
	if c.env.Now() >= until {
		return ErrLeaseOver
	}
	// Here is the gap: however short, the lease may be over by the time that the write arrives.
	if err = c.env.Sleep(ctx, encoding); err != nil {
		return err
	}
	if _, err = c.call(ctx, c.store, "write", Request{Token: token, Value: read.Number + 1}); err != nil {
		return err
	}
	_, _ = c.call(ctx, c.locks, "release", Request{Token: token}) // if it gets lost the lease ends by itself
	return nil
}

func (c *Client) call(ctx context.Context, to core.Address, method string, in Request) (Reply, error) {
	return rpc.Call[Reply](ctx, c.node, to, core.Normal, method, &in)
}
