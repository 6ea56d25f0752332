package transport

import (
	"encoding/binary"
	"fmt"
)

// The versions of the protocol that this code speaks. The hello itself, and the reject that answers it, are
// the same in every version: fields may be added at the end, and unknown ones are skipped.
const (
	versionLow  = 1
	versionHigh = 1
)

const helloMagic = "wtun"

// hello is what each side says first.
//
//	"wtun"  low u16  high u16  endpoint u64  limit u32  window u32  name (u8 length, bytes)  role (the same)
type hello struct {
	low, high uint16 // versions that the speaker can speak
	endpoint  uint64 // the speaking endpoint, drawn at random when it opened: tells a new process from an old
	limit     uint32 // longest message that it takes, in bytes
	window    uint32 // what it grants of each class at the start, in bytes
	name      string
	role      string
}

const helloFixed = len(helloMagic) + 2 + 2 + 8 + 4 + 4

func (h hello) append(b []byte) []byte {
	b = append(b, helloMagic...)
	b = binary.LittleEndian.AppendUint16(b, h.low)
	b = binary.LittleEndian.AppendUint16(b, h.high)
	b = binary.LittleEndian.AppendUint64(b, h.endpoint)
	b = binary.LittleEndian.AppendUint32(b, h.limit)
	b = binary.LittleEndian.AppendUint32(b, h.window)
	for _, text := range []string{h.name, h.role} {
		b = append(b, byte(len(text)))
		b = append(b, text...)
	}
	return b
}

func parseHello(b []byte) (hello, error) {
	if len(b) < helloFixed || string(b[:len(helloMagic)]) != helloMagic {
		return hello{}, fmt.Errorf("%w: the peer does not speak this protocol", errProtocol)
	}
	b = b[len(helloMagic):]
	h := hello{
		low:      binary.LittleEndian.Uint16(b),
		high:     binary.LittleEndian.Uint16(b[2:]),
		endpoint: binary.LittleEndian.Uint64(b[4:]),
		limit:    binary.LittleEndian.Uint32(b[12:]),
		window:   binary.LittleEndian.Uint32(b[16:]),
	}
	b = b[helloFixed-len(helloMagic):]
	for _, text := range []*string{&h.name, &h.role} {
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return hello{}, fmt.Errorf("%w: hello cut short", errProtocol)
		}
		*text, b = string(b[1:1+int(b[0])]), b[1+int(b[0]):]
	}
	return h, h.check()
}

func (h hello) check() error {
	if err := checkName("Name", h.name, 1, nameCeiling); err != nil {
		return fmt.Errorf("%w: %w", errProtocol, err)
	}
	if err := checkName("Role", h.role, 0, roleCeiling); err != nil {
		return fmt.Errorf("%w: %w", errProtocol, err)
	}
	if h.low == 0 || h.low > h.high {
		return fmt.Errorf("%w: hello with versions %d to %d", errProtocol, h.low, h.high)
	}
	if h.limit == 0 || h.limit > limitCeiling || h.window > windowCeiling || h.window < h.limit+messageCost {
		return fmt.Errorf("%w: hello with limit %d and window %d", errProtocol, h.limit, h.window)
	}
	return nil
}

// IncompatibleError says that two nodes have no protocol version in common.
type IncompatibleError struct {
	Node, Peer                           string
	NodeLow, NodeHigh, PeerLow, PeerHigh uint16
}

func (e *IncompatibleError) Error() string {
	return fmt.Sprintf("incompatible: node %s speaks protocol versions %d to %d, node %s speaks %d to %d",
		e.Node, e.NodeLow, e.NodeHigh, e.Peer, e.PeerLow, e.PeerHigh)
}

// agree returns the version that both speak.
func agree(mine, theirs hello) (uint16, error) {
	version := min(mine.high, theirs.high)
	if version < max(mine.low, theirs.low) {
		return 0, &IncompatibleError{mine.name, theirs.name, mine.low, mine.high, theirs.low, theirs.high}
	}
	return version, nil
}
