package transport

import (
	"errors"
	"sync"

	"github.com/windtunnel/windtunnel/core"
)

// errGone says that a connection takes no more messages.
var errGone = errors.New("connection gone")

// outbox is what waits to be written to one connection. Any goroutine adds; the writer moves everything into
// its own hands under the lock and makes frames of it outside.
type outbox struct {
	maxMessages, maxBytes int
	wake                  chan struct{} // one place: the writer asked to be woken

	mu       sync.Mutex
	idle     bool // the writer waits on wake
	draining bool // takes no more; the writer ends when all is written
	gone     bool
	queued   [core.ClassCount]load // here and in the writer's hands
	incoming [core.ClassCount][][]byte
	control  control
}

type load struct{ messages, bytes int }

// control is what goes before all messages, and what the reader tells the writer.
type control struct {
	ping, pong bool
	grant      [core.ClassCount]uint32 // to be told to the peer
	granted    [core.ClassCount]int    // was told by the peer
}

func newOutbox(config Config) *outbox {
	return &outbox{
		maxMessages: config.QueueMessages,
		maxBytes:    config.QueueBytes,
		wake:        make(chan struct{}, 1),
	}
}

// push queues a message: nil, errGone or core.ErrQueueFull.
func (o *outbox) push(m core.Message) error {
	o.mu.Lock()
	if o.gone || o.draining {
		o.mu.Unlock()
		return errGone
	}
	q := &o.queued[m.Class]
	if q.messages >= o.maxMessages || q.bytes+len(m.Body) > o.maxBytes {
		o.mu.Unlock()
		return core.ErrQueueFull
	}
	q.messages++
	q.bytes += len(m.Body)
	o.incoming[m.Class] = append(o.incoming[m.Class], m.Body)
	o.unlockAndWake()
	return nil
}

// tell changes what goes before all messages.
func (o *outbox) tell(change func(*control)) {
	o.mu.Lock()
	change(&o.control)
	o.unlockAndWake()
}

func (o *outbox) drain() {
	o.mu.Lock()
	o.draining = true
	o.unlockAndWake()
}

// unlockAndWake wakes the writer only if it waits: a burst of messages costs one wake.
func (o *outbox) unlockAndWake() {
	wake := o.idle
	o.idle = false
	o.mu.Unlock()
	if wake {
		o.wake <- struct{}{} // never blocks: idle is set by the one writer, before it empties the place
	}
}

// end takes no more, and returns how many messages will never be written.
func (o *outbox) end() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gone = true
	lost := 0
	for class := range o.queued {
		lost += o.queued[class].messages
		o.incoming[class], o.queued[class] = nil, load{}
	}
	return lost
}

// collect moves what is new into b. With mayIdle and nothing new it promises that the next change rings wake,
// and returns idle; drained says that all is written and nothing more will come.
func (o *outbox) collect(b *batcher, mayIdle bool) (idle, drained bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for class := range o.queued {
		o.queued[class].messages -= b.written[class].messages
		o.queued[class].bytes -= b.written[class].bytes
		b.written[class] = load{}
	}
	if o.control == (control{}) && o.quiet() {
		drained = o.draining && b.empty()
		o.idle = mayIdle && !drained
		return o.idle, drained
	}
	b.add(o.control)
	for class := range o.incoming {
		if o.control.ping && len(o.incoming[class]) == 0 {
			o.incoming[class] = nil // the connection rests, and so does its storage
		}
		o.incoming[class] = b.queues[class].refill(o.incoming[class])
	}
	o.control = control{}
	return false, false
}

func (o *outbox) quiet() bool {
	for class := range o.incoming {
		if len(o.incoming[class]) > 0 {
			return false
		}
	}
	return true
}
