package rpc

import (
	"time"

	"github.com/windtunnel/windtunnel/core/wire"
)

const (
	mostMethod = 64   // bytes in a method's name
	mostDetail = 1024 // bytes in a refusal's text
)

// kind says what a frame is. The most frequent one is not even written.
type kind uint8

const (
	request kind = iota
	notification
	reply
	refusal
	cancellation
)

// frame is what one message carries. What a kind does not need is zero and takes no bytes: a request costs
// about 20 bytes and its method's name, a reply about 13.
type frame struct {
	kind    kind
	id      uint64        // chosen by the caller, echoed by reply, refusal and cancellation
	timeout time.Duration // of a request: the time left to the caller
	method  string        // of a request or notification that is sent
	asked   []byte        // the same, received: bytes, to look it up without copying it
	code    Code          // of a refusal
	detail  string
	body    payload
}

// payload is a message's content: bytes, or a message that becomes bytes when the frame does. Received, it
// is bytes, which alias what was received.
type payload struct {
	bytes   []byte
	message wire.Message
}

// Fields implements wire.Message. A number, once released, keeps its meaning.
func (f *frame) Fields(c *wire.Coder) {
	wire.Enum(c, 1, &f.kind)
	c.Fixed64(2, &f.id)
	c.Duration(3, &f.timeout)
	if c.Decoding() {
		c.Bytes(4, &f.asked)
	} else {
		c.String(4, &f.method)
	}
	wire.Enum(c, 5, &f.code)
	c.String(6, &f.detail)
	if f.body.message != nil && !c.Decoding() {
		wire.Nested(c, 7, f.body.message)
		return
	}
	c.Bytes(7, &f.body.bytes)
}

// malformed tells whether a frame, though it decodes, is none that a Node sends.
func (f *frame) malformed() bool {
	switch f.kind {
	case request:
		return f.timeout <= 0 || len(f.asked) == 0 || len(f.asked) > mostMethod
	case notification:
		return len(f.asked) == 0 || len(f.asked) > mostMethod
	case refusal:
		return f.code == 0
	case reply, cancellation:
		return false
	default:
		return true
	}
}
