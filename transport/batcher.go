package transport

import "github.com/windtunnel/windtunnel/core"

// batchSize is how many bytes the writer hands to the socket at once, but for the frame that goes over it. A
// critical message waits for one batch at most.
const batchSize = 64 << 10

// batcher makes frames of what is queued, in order of urgency. It is the writer's alone, and pure.
type batcher struct {
	queues  [core.ClassCount]bodies
	credit  [core.ClassCount]int // bytes that the peer's window still has room for
	sent    [core.ClassCount]int // bytes of the first message of a queue that went out as fragments
	begun   [core.ClassCount]bool
	control control
	written [core.ClassCount]load // framed since the outbox last looked
}

func newBatcher(window uint32) *batcher {
	b := &batcher{}
	for class := range b.credit {
		b.credit[class] = int(window)
	}
	return b
}

func (b *batcher) add(c control) {
	b.control.ping = b.control.ping || c.ping
	b.control.pong = b.control.pong || c.pong
	for class := range b.credit {
		b.credit[class] += c.granted[class]
		b.control.grant[class] += c.grant[class]
	}
}

func (b *batcher) empty() bool {
	for class := range b.queues {
		if b.queues[class].len() > 0 {
			return false
		}
	}
	return true
}

// rest gives back the storage of empty queues.
func (b *batcher) rest() {
	for class := range b.queues {
		if b.queues[class].len() == 0 {
			b.queues[class] = bodies{}
		}
	}
}

// fill appends frames to out until it is a batch, nothing is left, or every message left waits for its
// window.
func (b *batcher) fill(out []byte) []byte {
	out = b.fillControl(out)
	for class := range b.queues {
		q := &b.queues[class]
		for q.len() > 0 && len(out) < batchSize {
			before := len(out)
			out = b.frame(out, core.Class(class), q.first())
			if len(out) == before {
				break // the window is full: less urgent classes have their own
			}
		}
	}
	return out
}

func (b *batcher) fillControl(out []byte) []byte {
	c := &b.control
	if c.pong {
		out = header{kind: kindPong}.append(out)
	}
	if c.ping {
		out = header{kind: kindPing}.append(out)
	}
	for class, bytes := range c.grant {
		if bytes > 0 {
			out = header{kindWindow, core.Class(class), bytes}.append(out)
		}
	}
	b.control = control{}
	return out
}

// frame appends the next frame of a message: all of it if it is short, else its announcement or next
// fragment.
func (b *batcher) frame(out []byte, class core.Class, body []byte) []byte {
	if !b.begun[class] {
		if b.credit[class] < len(body)+messageCost {
			return out
		}
		b.credit[class] -= len(body) + messageCost
		if len(body) <= fragmentSize {
			out = header{kindWhole, class, uint32(len(body))}.append(out)
			b.done(class, len(body))
			return append(out, body...)
		}
		b.begun[class] = true
		return header{kindBegin, class, uint32(len(body))}.append(out)
	}
	part := body[b.sent[class]:min(b.sent[class]+fragmentSize, len(body))]
	out = header{kindPart, class, uint32(len(part))}.append(out)
	out = append(out, part...)
	b.sent[class] += len(part)
	if b.sent[class] == len(body) {
		b.begun[class], b.sent[class] = false, 0
		b.done(class, len(body))
	}
	return out
}

func (b *batcher) done(class core.Class, bytes int) {
	b.queues[class].drop()
	b.written[class].messages++
	b.written[class].bytes += bytes
}

// bodies is a queue that gives its emptied storage back for reuse.
type bodies struct {
	items [][]byte
	head  int
}

func (q *bodies) len() int      { return len(q.items) - q.head }
func (q *bodies) first() []byte { return q.items[q.head] }

func (q *bodies) drop() {
	q.items[q.head] = nil
	q.head++
}

// refill takes what is incoming and returns storage for what comes next.
func (q *bodies) refill(incoming [][]byte) [][]byte {
	if len(incoming) == 0 {
		return incoming
	}
	if q.len() == 0 {
		emptied := q.items[:0]
		q.items, q.head = incoming, 0
		return emptied
	}
	if 2*q.head >= len(q.items) { // written items must not pile up in front of a queue that never runs empty
		left := copy(q.items, q.items[q.head:])
		clear(q.items[left:])
		q.items, q.head = q.items[:left], 0
	}
	q.items = append(q.items, incoming...)
	clear(incoming)
	return incoming[:0]
}
