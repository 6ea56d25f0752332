package choice

// Picker says which of several ready tasks goes next, at the moment when one has to. A Chooser that has one
// is not asked for ranks.
type Picker interface {
	// Next returns the index of the task that goes next. ready holds at least one, in order of arrival, and
	// belongs to the caller. touched is what was touched since the call before.
	Next(ready []Ready, touched Touched) int
}

// Ready is a task that could go next.
type Ready struct {
	Stream  *Stream // of kind Pick
	N       uint64  // the stream's question whose answer is the task's rank, where ranks decide
	Arrival uint64  // numbers what became ready in a run; the lower came first
	Home    uint64  // tasks of one home share memory, tasks of different homes do not
}

// Touched is a set of things that tasks share, hashed to 64 of them: what was done to disjoint sets could
// have been done in the other order.
type Touched uint64

// Everything is for what has an effect on who knows what: also on what touches nothing.
const Everything Touched = 1<<64 - 1

// Meets tells whether the order of what touched the one and what touched the other may matter.
func (t Touched) Meets(other Touched) bool {
	return t&other != 0 || t == Everything || other == Everything
}

// Picking is a Chooser that may have a Picker.
type Picking interface {
	Chooser
	// Picker returns who picks. Nil: nobody, ranks decide.
	Picker() Picker
}

// PickerOf returns a chooser's Picker, or nil.
func PickerOf(chooser Chooser) Picker {
	if picking, ok := chooser.(Picking); ok {
		return picking.Picker()
	}
	return nil
}

// Ranker is a Picker that wants to know by which ranks the order that it picked is had again without it: the
// least ones under which the lowest (rank, arrival) always goes next.
type Ranker interface {
	Picker
	// Ranked is called once for every ready task whose rank is not 0, when it goes or no longer could.
	Ranked(task Ready, rank int)
}
