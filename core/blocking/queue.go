package blocking

import (
	"context"
	"errors"
	"sync"

	"github.com/windtunnel/windtunnel/core"
)

// ErrClosed says that a queue takes no more items, or that it has no more.
var ErrClosed = errors.New("queue closed")

// Queue holds items between tasks. What one task puts is taken in that order.
type Queue[T any] struct {
	env   core.Env
	bound int

	mu      sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	items   []T
	closed  bool
	putters line
	takers  line
}

// NewQueue returns a queue that holds up to bound items (at least 1).
func NewQueue[T any](env core.Env, bound int) *Queue[T] {
	return &Queue[T]{env: env, bound: max(bound, 1)}
}

// Put waits for room and adds an item. It returns ErrClosed if the queue is, or why ctx ended; then the item
// was not added.
func (q *Queue[T]) Put(ctx context.Context, item T) error {
	_, err := await(ctx, q.env, "put", []Case{q.Putting(item)})
	return err
}

// Take waits for an item. It returns ErrClosed when the queue is closed and empty, or why ctx ended.
func (q *Queue[T]) Take(ctx context.Context) (item T, err error) {
	_, err = await(ctx, q.env, "take", []Case{q.Taking(&item)})
	return item, err
}

// TryPut adds an item if there is room now. It returns ErrClosed if the queue is.
func (q *Queue[T]) TryPut(item T) (ok bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return false, ErrClosed
	case len(q.items) == q.bound:
		return false, nil
	}
	q.items = append(q.items, item)
	q.takers.ring()
	return true, nil
}

// TryTake returns the oldest item if there is one now. It returns ErrClosed when the queue is closed and
// empty.
func (q *Queue[T]) TryTake() (item T, ok bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case len(q.items) > 0:
		var zero T
		item, q.items[0] = q.items[0], zero
		q.items = q.items[1:]
		q.putters.ring()
		return item, true, nil
	case q.closed:
		return item, false, ErrClosed
	}
	return item, false, nil
}

// Close has puts fail from now on, and takes once the queue is empty. Closing again does nothing.
func (q *Queue[T]) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.ring()
}

// Len is the number of items now in the queue.
func (q *Queue[T]) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

// ring wakes whoever has something to get. The caller holds the lock.
func (q *Queue[T]) ring() {
	if q.closed || len(q.items) < q.bound {
		q.putters.ring()
	}
	if q.closed || len(q.items) > 0 {
		q.takers.ring()
	}
}

// Putting is the case that adds an item.
func (q *Queue[T]) Putting(item T) Case { return putting[T]{q, item} }

// Taking is the case that takes an item into a variable, which it leaves alone otherwise.
func (q *Queue[T]) Taking(into *T) Case { return taking[T]{q, into} }

type putting[T any] struct {
	queue *Queue[T]
	item  T
}

func (p putting[T]) attempt() (bool, error) {
	ok, err := p.queue.TryPut(p.item)
	return ok || err != nil, err
}

func (p putting[T]) enlist(bell core.Signal) { p.queue.enlist(&p.queue.putters, bell) }
func (p putting[T]) leave(bell core.Signal)  { p.queue.leave(&p.queue.putters, bell) }

type taking[T any] struct {
	queue *Queue[T]
	into  *T
}

func (t taking[T]) attempt() (bool, error) {
	item, ok, err := t.queue.TryTake()
	if ok {
		*t.into = item
	}
	return ok || err != nil, err
}

func (t taking[T]) enlist(bell core.Signal) { t.queue.enlist(&t.queue.takers, bell) }
func (t taking[T]) leave(bell core.Signal)  { t.queue.leave(&t.queue.takers, bell) }

func (q *Queue[T]) enlist(l *line, bell core.Signal) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l.enlist(bell)
}

func (q *Queue[T]) leave(l *line, bell core.Signal) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l.leave(bell)
	q.ring()
}
