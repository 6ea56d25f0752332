package transport

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/windtunnel/windtunnel/core"
)

// A connection carries frames: eight bytes of header, then the payload of those kinds that have one.
//
//	byte 0    kind
//	byte 1    class, of the kinds that concern one
//	byte 2-3  zero
//	byte 4-7  length, little endian
const headerSize = 8

type kind uint8

const (
	kindHello  kind = 1 // payload: who speaks; the first frame of each side
	kindReject kind = 2 // payload: why the dialler is turned away, as text
	kindPing   kind = 3 // asks for a pong; length 0
	kindPong   kind = 4 // length 0
	kindWindow kind = 5 // length: bytes of class that the peer may send beyond what it was granted
	kindWhole  kind = 6 // payload: a message
	kindBegin  kind = 7 // length: the size of a message whose fragments follow
	kindPart   kind = 8 // payload: the next fragment of the class's message
)

const (
	fragmentSize  = 32 << 10 // a longer message travels in fragments of this size
	helloCeiling  = 1 << 10  // bytes of a hello's or reject's payload
	windowCeiling = 1 << 31
)

var errProtocol = errors.New("protocol violated")

type header struct {
	kind   kind
	class  core.Class
	length uint32
}

func (h header) append(b []byte) []byte {
	b = append(b, byte(h.kind), byte(h.class), 0, 0)
	return binary.LittleEndian.AppendUint32(b, h.length)
}

// parseHeader reads the first eight bytes of b. What it returns is a known kind, of a known class, with a
// length that is in bounds for every connection; what one connection allows is for reassembly to judge.
func parseHeader(b []byte) (header, error) {
	if len(b) < headerSize {
		return header{}, fmt.Errorf("%w: header of %d bytes", errProtocol, len(b))
	}
	h := header{kind(b[0]), core.Class(b[1]), binary.LittleEndian.Uint32(b[4:headerSize])}
	top := uint32(0)
	switch h.kind {
	case kindHello, kindReject:
		top = helloCeiling
	case kindPing, kindPong:
	case kindWindow:
		top = windowCeiling
	case kindWhole, kindPart:
		top = fragmentSize
	case kindBegin:
		top = limitCeiling
	default:
		return header{}, fmt.Errorf("%w: frame of unknown kind %d", errProtocol, b[0])
	}
	if h.length > top {
		return header{}, fmt.Errorf("%w: frame of kind %d and length %d, limit %d",
			errProtocol, b[0], h.length, top)
	}
	if h.class >= core.ClassCount || b[2] != 0 || b[3] != 0 {
		return header{}, fmt.Errorf("%w: frame of kind %d with class %d and reserved %x",
			errProtocol, b[0], b[1], b[2:4])
	}
	return h, nil
}

// hasPayload tells whether length bytes follow the header.
func (h header) hasPayload() bool {
	switch h.kind {
	case kindHello, kindReject, kindWhole, kindPart:
		return true
	}
	return false
}
