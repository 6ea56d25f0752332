package choice

import "slices"

// Replayer answers from recorded answers. What was not recorded gets the quiet answer, or another chooser's.
type Replayer struct {
	recorded  map[string]*recorded
	elsewhere Chooser // nil: 0
	key       []byte
}

type recorded struct {
	answer     int
	asked      bool
	outOfRange bool
}

// NewReplayer answers from recorded answers by key; elsewhere answers the other questions, 0 if it is nil.
func NewReplayer(answers map[string]int, elsewhere Chooser) *Replayer {
	r := &Replayer{recorded: make(map[string]*recorded, len(answers)), elsewhere: elsewhere}
	for key, answer := range answers {
		r.recorded[key] = &recorded{answer: answer}
	}
	return r
}

// Choose returns the recorded answer. One that is not in range counts as not recorded.
func (r *Replayer) Choose(c Choice) int {
	r.key = c.AppendKey(r.key[:0])
	if found := r.recorded[string(r.key)]; found != nil {
		found.asked = true
		if found.answer >= 0 && found.answer < c.Alternatives {
			return found.answer
		}
		found.outOfRange = true
	}
	if r.elsewhere == nil {
		return 0
	}
	return r.elsewhere.Choose(c)
}

// NeverAsked returns, sorted, the recorded keys that no question had: the program no longer makes those
// choices.
func (r *Replayer) NeverAsked() []string {
	return r.keys(func(found *recorded) bool { return !found.asked })
}

// OutOfRange returns, sorted, the recorded keys whose answer was not among the alternatives of the question.
func (r *Replayer) OutOfRange() []string {
	return r.keys(func(found *recorded) bool { return found.outOfRange })
}

func (r *Replayer) keys(wanted func(*recorded) bool) []string {
	var keys []string
	for key, found := range r.recorded {
		if wanted(found) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
