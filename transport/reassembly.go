package transport

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core"
)

// reassembly makes messages of one connection's frames. It is pure: the caller reads the bytes.
//
// Memory is taken only for what the limit and the class's window allow, so a peer cannot make this side hold
// more than Window bytes a class.
type reassembly struct {
	limit   uint32
	partial [core.ClassCount]partialMessage
}

type partialMessage struct {
	body []byte
	got  int
	open bool
}

// place says where the payload of a data frame belongs. open asks the window for the bytes of a new message
// and returns false when the peer sent more than it was granted.
func (r *reassembly) place(h header, open func(class core.Class, cost int) bool) ([]byte, error) {
	p := &r.partial[h.class]
	switch h.kind {
	case kindWhole, kindBegin:
		if p.open {
			return nil, fmt.Errorf("%w: a message of class %v inside another", errProtocol, h.class)
		}
		if h.length > r.limit {
			return nil, fmt.Errorf("%w: a message of %d bytes, limit %d", errProtocol, h.length, r.limit)
		}
		if h.kind == kindBegin && h.length <= fragmentSize {
			return nil, fmt.Errorf("%w: fragments of a message of %d bytes", errProtocol, h.length)
		}
		if !open(h.class, int(h.length)+messageCost) {
			return nil, fmt.Errorf("%w: more of class %v than was granted", errProtocol, h.class)
		}
		*p = partialMessage{body: make([]byte, h.length), open: true}
		if h.kind == kindBegin {
			return nil, nil
		}
	case kindPart:
		// Every fragment but the last is full: a peer cannot dribble.
		if want := min(len(p.body)-p.got, fragmentSize); !p.open || int(h.length) != want {
			return nil, fmt.Errorf("%w: a fragment of %d bytes of class %v, want %d",
				errProtocol, h.length, h.class, want)
		}
	default:
		return nil, fmt.Errorf("%w: frame of kind %d out of place", errProtocol, h.kind)
	}
	payload := p.body[p.got : p.got+int(h.length)]
	p.got += int(h.length)
	return payload, nil
}

// take returns the message of a class once its last payload has been placed and read.
func (r *reassembly) take(class core.Class) (core.Message, bool) {
	p := &r.partial[class]
	if !p.open || p.got < len(p.body) {
		return core.Message{}, false
	}
	m := core.Message{Class: class, Body: p.body}
	*p = partialMessage{}
	return m, true
}
