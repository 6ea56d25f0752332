package choice

// Stream is one thing that is chosen about, in one way. It numbers its questions, and is not safe for
// concurrent use.
type Stream struct {
	id    uint64
	draws uint64
	label string
	kind  Kind
}

// NewStream returns the stream of this kind with this label ("g1#0/push"). The label is the stream's
// identity: two streams with one label get the same answers.
func NewStream(kind Kind, label string) *Stream {
	s := MakeStream(kind, label)
	return &s
}

// MakeStream is NewStream for a stream that lives inside another value. It must not be copied once used.
func MakeStream(kind Kind, label string) Stream {
	return Stream{kind: kind, id: HashString(uint64(kind), label), label: label}
}

// Kind is the kind of all the stream's questions.
func (s *Stream) Kind() Kind { return s.kind }

// Label is the readable name, without the kind.
func (s *Stream) Label() string { return s.label }

// ID is the hash of kind and label.
func (s *Stream) ID() uint64 { return s.id }

// Draws is how many questions were asked so far.
func (s *Stream) Draws() uint64 { return s.draws }

// Ask puts the stream's next question to a chooser. Weights, if not nil, has one entry an alternative.
func (s *Stream) Ask(chooser Chooser, alternatives int, weights []uint32) int {
	n := s.draws
	s.draws++
	return chooser.Choose(Choice{Kind: s.kind, Stream: s, N: n, Alternatives: alternatives, Weights: weights})
}

// Skip passes the stream's next question over: somebody else decides it, or nobody.
func (s *Stream) Skip() { s.draws++ }
