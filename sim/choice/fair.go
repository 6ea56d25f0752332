package choice

// Patience is how many decisions the task that has waited longest stands by, under a strategy that could
// starve it.
const Patience = 1000

// fair lets every ready task go in the end, so that one which asks again and again whether another is done
// does not keep that one from being done. Once the same task has been the longest waiting one for Patience
// decisions, all that are ready then go first come first served, whatever the strategy wants.
type fair struct {
	next    Picker
	oldest  Ready
	waiting int
	serving uint64 // the arrival up to which everybody goes at once
}

func (f *fair) Next(ready []Ready, touched Touched) int {
	at := f.next.Next(ready, touched)
	oldest := ready[0]
	switch {
	case oldest.Arrival <= f.serving:
		return 0
	case f.oldest.Stream != oldest.Stream || f.oldest.N != oldest.N:
		f.oldest, f.waiting = oldest, 0
	}
	if f.waiting++; f.waiting > Patience {
		f.serving = ready[len(ready)-1].Arrival
		return 0
	}
	return at
}
