package choice

import "maps"

// Recorder passes questions on and keeps the answers that are not 0.
type Recorder struct {
	next    Chooser
	answers map[string]int
	asked   uint64
}

// NewRecorder records what next answers.
func NewRecorder(next Chooser) *Recorder {
	return &Recorder{next: next, answers: make(map[string]int)}
}

// Choose asks the wrapped chooser.
func (r *Recorder) Choose(c Choice) int {
	answer := r.next.Choose(c)
	r.asked++
	if answer != 0 {
		r.answers[c.Key()] = answer
	}
	return answer
}

// Answers returns a copy of the non-zero answers by key.
func (r *Recorder) Answers() map[string]int { return maps.Clone(r.answers) }

// Asked is how many questions were asked.
func (r *Recorder) Asked() uint64 { return r.asked }
