package core

import (
	"errors"
	"fmt"
)

var (
	// ErrElapsed says that the time given to a wait is over.
	ErrElapsed = errors.New("time elapsed")
	// ErrClosed says that the endpoint was closed.
	ErrClosed = errors.New("endpoint closed")
	// ErrAddressInUse says that another endpoint listens there.
	ErrAddressInUse = errors.New("address in use")
	// ErrTooLarge says that a message is over the network's limit.
	ErrTooLarge = errors.New("message too large")
	// ErrQueueFull says that a bounded queue had no room.
	ErrQueueFull = errors.New("queue full")
	// ErrUnreachable says that no connection to the peer could be made.
	ErrUnreachable = errors.New("peer unreachable")

	// ErrDefinite matches a SendError whose message certainly was not delivered.
	ErrDefinite = errors.New("certainly not delivered")
	// ErrIndefinite matches a SendError whose message may have been delivered.
	ErrIndefinite = errors.New("may have been delivered")
)

// SendError is what Endpoint.Send returns. Retries, idempotency and exact accounting hang on Definite.
type SendError struct {
	To       Address
	Definite bool  // certainly not delivered
	Cause    error // never nil
}

func (e *SendError) Error() string {
	return fmt.Sprintf("send to %s: %v (%v)", e.To, e.Cause, e.kind())
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Cause }

// Is matches ErrDefinite or ErrIndefinite.
func (e *SendError) Is(target error) bool { return target == e.kind() }

func (e *SendError) kind() error {
	if e.Definite {
		return ErrDefinite
	}
	return ErrIndefinite
}
