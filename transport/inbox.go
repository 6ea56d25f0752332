package transport

import (
	"context"
	"sync"

	"github.com/windtunnel/windtunnel/core"
)

// inbox is what has arrived at an endpoint and waits for Recv. It needs no bound of its own: the windows of
// the endpoint's connections bound it.
type inbox struct {
	bell *signal

	mu     sync.Mutex
	closed bool
	queues [core.ClassCount]arrivals
}

// arrival is a message and the connection that its window belongs to.
type arrival struct {
	from *conn
	body []byte
}

// put adds what a connection received. It returns false, and takes nothing, when the endpoint is closed, or
// when the connection has ended or its peer has sent on a newer one: what it still brings would be out of
// order.
func (in *inbox) put(from *conn, batch []core.Message) bool {
	in.mu.Lock()
	if in.closed {
		in.mu.Unlock()
		return false
	}
	if from.fenced {
		in.mu.Unlock()
		return false
	}
	if last := from.peer.source; last != from {
		if last != nil {
			last.fenced = true
		}
		from.peer.source = from
	}
	for _, m := range batch {
		in.queues[m.Class].push(arrival{from, m.Body})
	}
	in.mu.Unlock()
	in.bell.Notify()
	return true
}

// take waits for the most urgent message. A message that is there wins over an ended ctx.
func (in *inbox) take(ctx context.Context) (core.Address, core.Message, error) {
	for {
		in.mu.Lock()
		if in.closed {
			in.mu.Unlock()
			return "", core.Message{}, core.ErrClosed
		}
		for class := range in.queues {
			if in.queues[class].len() == 0 {
				continue
			}
			a := in.queues[class].pop()
			m := core.Message{Class: core.Class(class), Body: a.body}
			grant := a.from.consumed(m)
			in.mu.Unlock()
			if grant > 0 {
				a.from.grant(m.Class, grant)
			}
			return core.Address(a.from.hello.name), m, nil
		}
		in.mu.Unlock()
		if err := in.bell.Wait(ctx, core.Forever); err != nil {
			return "", core.Message{}, err
		}
	}
}

// fence lets nothing more in from a connection that has ended.
func (in *inbox) fence(c *conn) {
	in.mu.Lock()
	c.fenced = true
	in.mu.Unlock()
}

// close returns how many messages nobody will take.
func (in *inbox) close() int {
	in.mu.Lock()
	in.closed = true
	left := 0
	for class := range in.queues {
		left += in.queues[class].len()
		in.queues[class] = arrivals{}
	}
	in.mu.Unlock()
	in.bell.Notify()
	return left
}

// arrivals is a ring that grows to what is needed.
type arrivals struct {
	items []arrival
	head  int
	count int
}

func (q *arrivals) len() int { return q.count }

func (q *arrivals) push(a arrival) {
	if q.count == len(q.items) {
		grown := make([]arrival, max(2*len(q.items), 16))
		for i := range q.count {
			grown[i] = q.items[(q.head+i)&(len(q.items)-1)]
		}
		q.items, q.head = grown, 0
	}
	q.items[(q.head+q.count)&(len(q.items)-1)] = a
	q.count++
}

func (q *arrivals) pop() arrival {
	a := q.items[q.head]
	q.items[q.head] = arrival{}
	q.head = (q.head + 1) & (len(q.items) - 1)
	q.count--
	return a
}
