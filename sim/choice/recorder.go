package choice

import "maps"

// Recorder passes questions on and keeps the answers that are not 0. What a Picker decides is kept as ranks.
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

// Picker returns the wrapped chooser's Picker, recorded.
func (r *Recorder) Picker() Picker {
	if picker := PickerOf(r.next); picker != nil {
		return recordedPicks{r, picker}
	}
	return nil
}

// Answers returns a copy of the non-zero answers by key.
func (r *Recorder) Answers() map[string]int { return maps.Clone(r.answers) }

// Asked is how many questions were asked.
func (r *Recorder) Asked() uint64 { return r.asked }

type recordedPicks struct {
	recorder *Recorder
	Picker
}

// Next asks the wrapped Picker.
func (p recordedPicks) Next(ready []Ready, touched Touched) int {
	p.recorder.asked++
	return p.Picker.Next(ready, touched)
}

// Ranked keeps a rank as the answer that a Replayer gives.
func (p recordedPicks) Ranked(task Ready, rank int) {
	p.recorder.answers[Choice{Kind: Pick, Stream: task.Stream, N: task.N}.Key()] = rank
}
