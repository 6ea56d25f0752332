package wire

// Scratch is what a Coder needs in memory, for those who encode and decode many messages, one at a time: then
// a message costs its bytes and no more. The zero value is ready. One task uses it at a time; a Message's
// Fields must not.
type Scratch struct {
	coder   Coder
	written []byte // empty, with the room of what was encoded last
}

// mostScratch bounds the room that is kept from one message to the next.
const mostScratch = 64 << 10

// Marshal is Marshal, and allocates just what it returns.
func (s *Scratch) Marshal(m Message) []byte {
	s.coder = Coder{buf: s.written}
	m.Fields(&s.coder)
	b := s.coder.buf
	s.coder = Coder{}
	if cap(b) <= mostScratch {
		s.written = b[:0]
	}
	return append([]byte(nil), b...)
}

// Unmarshal is Unmarshal, and allocates just what m takes.
func (s *Scratch) Unmarshal(b []byte, m Message) error {
	err := s.coder.unmarshal(b, m)
	s.coder = Coder{} // b is not ours to keep
	return err
}
