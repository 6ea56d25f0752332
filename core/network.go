package core

import "context"

// Network gives a node its endpoints.
type Network interface {
	// Listen opens an endpoint. network is "tcp" or "udp"; addr is "host:port", where port 0 means any free
	// one. ErrAddressInUse when another endpoint has it.
	Listen(network, addr string) (Endpoint, error)
}

// Address names a peer: either a dialable "host:port", or a `from` that this endpoint received.
type Address string

// Endpoint sends and receives whole messages.
//
// On "tcp", messages between two peers arrive in order within one class until their connection breaks; then a
// tail of unknown length is lost. None arrives twice. A broken connection is made anew by the next Send. On
// "udp" messages are lost, duplicated and reordered.
type Endpoint interface {
	// Addr is the address that others dial.
	Addr() Address
	// Send hands a message to the network. A nil error promises nothing about delivery. An error is a
	// *SendError and matches ErrDefinite (certainly not delivered) or ErrIndefinite (may have been
	// delivered). Body must not be changed afterwards.
	Send(ctx context.Context, to Address, m Message) error
	// Recv waits for a message. `from` is the sender's node name, and a valid destination for answers over
	// the same connection while that lasts. A node that speaks to one peer from two endpoints has one name:
	// an answer goes to the connection that was made last. It returns why ctx ended, or ErrClosed. One task
	// receives at a time.
	Recv(ctx context.Context) (from Address, m Message, err error)
	// Close releases the address; pending and later calls return ErrClosed. It does not wait for peers.
	Close() error
}

// Message is what travels: opaque bytes and how urgent they are.
type Message struct {
	Class Class
	Body  []byte
}

// Class says which messages go first and which are shed first. A message never stands behind one of a less
// urgent class.
type Class uint8

// The classes, most urgent first.
const (
	Critical Class = iota // cancel, lease, health: never shed
	High                  // results and status
	Normal                // dispatch
	Low                   // periodic statistics: shed first
	ClassCount
)

func (c Class) String() string {
	names := [...]string{"CRITICAL", "HIGH", "NORMAL", "LOW"}
	if int(c) < len(names) {
		return names[c]
	}
	return "class?"
}

// DefaultMessageLimit bounds Message.Body, in bytes, where nothing else is configured. A longer one is
// refused by Send with ErrTooLarge.
const DefaultMessageLimit = 4 << 20
