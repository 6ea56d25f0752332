package trace

import "time"

// Choice is a choice that did not get the quiet answer, told in words. It is no event: it is neither numbered
// nor hashed, and it is kept beside them.
type Choice struct {
	Key    string        `json:"key"`    // as in failure files: "stall g1#0/push 12"
	Answer int           `json:"answer"` // not 0
	Step   uint64        `json:"step"`   // that asked, from 1; 0 before
	Event  uint64        `json:"event"`  // the ID of the one that asked; 0 before
	World  int           `json:"world"`  // which of the run's Worlds asked, from 0
	At     time.Duration `json:"at"`     // when what it decided begins
	Lane   string        `json:"lane"`   // whom it is about
	Text   string        `json:"text"`   // what it decided: "is late by 100ms"
}

// Alike tells whether two choices are told in the same words: they are about one thing, such as a fault's
// place and length.
func (c Choice) Alike(d Choice) bool {
	return c.World == d.World && c.At == d.At && c.Lane == d.Lane && c.Text == d.Text
}

// Choose keeps a choice. One with a key that was told before takes the other's place: whoever asks several
// questions about one thing can tell of them together once it knows the answers. Only a recorder that keeps
// all events keeps choices.
func (r *Recorder) Choose(c Choice) {
	if r.keep != All {
		return
	}
	if at, again := r.chosen[c.Key]; again {
		r.choices[at] = c
		return
	}
	if r.chosen == nil {
		r.chosen = make(map[string]int)
	}
	r.chosen[c.Key] = len(r.choices)
	r.choices = append(r.choices, c)
}

// Choice returns what was told under a key.
func (r *Recorder) Choice(key string) (c Choice, ok bool) {
	at, ok := r.chosen[key]
	if ok {
		c = r.choices[at]
	}
	return c, ok
}

// Choices returns the kept choices, in the order in which they were first told.
func (r *Recorder) Choices() []Choice { return append([]Choice(nil), r.choices...) }

// Since returns the kept events from the nth on, log lines among them, of a recorder that keeps all. They
// are the recorder's own: look, and do not keep them.
func (r *Recorder) Since(n int) []Event { return r.events[min(max(n, 0), len(r.events)):] }
