package core

import (
	"context"
	"sync"
)

// Mailbox is a bounded queue into one task. Any task puts; the task that owns the bell takes. A full mailbox
// is an answer, not a wait.
type Mailbox[T any] struct {
	bell  Signal
	bound int

	mu      sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	items   []T        // a ring: count items from head
	head    int
	count   int
	refused uint64
}

// NewMailbox returns a mailbox that holds up to bound items (at least 1) and rings bell at each. Several
// mailboxes may share one task's bell.
func NewMailbox[T any](bell Signal, bound int) *Mailbox[T] {
	return &Mailbox[T]{bell: bell, bound: max(bound, 1)}
}

// Put adds an item, or returns false and counts it as refused when the mailbox is full.
func (m *Mailbox[T]) Put(item T) bool {
	m.mu.Lock()
	if m.count == m.bound {
		m.refused++
		m.mu.Unlock()
		return false
	}
	m.push(item)
	m.mu.Unlock()
	m.bell.Notify() // after Unlock: the waiter must find the item, and need not find the lock held
	return true
}

// push doubles the ring when it is full, so that a bound of thousands costs nothing until it is used.
func (m *Mailbox[T]) push(item T) {
	if m.count == len(m.items) {
		grown := make([]T, min(max(2*len(m.items), 4), m.bound))
		for i := range m.count {
			grown[i] = m.items[(m.head+i)%len(m.items)]
		}
		m.items, m.head = grown, 0
	}
	m.items[(m.head+m.count)%len(m.items)] = item
	m.count++
}

// TryTake returns the oldest item, if there is one. It never waits.
func (m *Mailbox[T]) TryTake() (item T, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count == 0 {
		return item, false
	}
	var zero T
	item, m.items[m.head] = m.items[m.head], zero
	m.head = (m.head + 1) % len(m.items)
	m.count--
	return item, true
}

// Take waits for an item on the mailbox's own bell. It returns why ctx ended (context.Cause) when that comes
// first; an item that is there wins. For a task that waits for nothing else.
func (m *Mailbox[T]) Take(ctx context.Context) (T, error) {
	for {
		if item, ok := m.TryTake(); ok {
			return item, nil
		}
		if err := m.bell.Wait(ctx, Forever); err != nil {
			var zero T
			return zero, err
		}
	}
}

// Len is the number of items now waiting.
func (m *Mailbox[T]) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.count
}

// Bound is the most that it holds.
func (m *Mailbox[T]) Bound() int { return m.bound }

// Refused counts the items that Put turned away.
func (m *Mailbox[T]) Refused() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refused
}
