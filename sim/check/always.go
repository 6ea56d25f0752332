package check

// Always is an invariant that is looked at after every step: holds says what is wrong, or nil. For what is
// dear to look at there is Scanner, and for what holds at one place of a program an assertion there.
func Always(name string, holds func() error) Invariant { return always{name, holds} }

type always struct {
	name  string
	holds func() error
}

// Name implements Invariant.
func (a always) Name() string { return a.name }

// Observe implements Invariant.
func (a always) Observe(Observation) error { return nil }

// End implements Invariant.
func (a always) End() error { return nil }

func (a always) step() error { return a.holds() }

// stepper is an invariant that looks at state after every step.
type stepper interface{ step() error }

func isStepper(i Invariant) bool {
	_, is := i.(stepper)
	return is
}

func step(i Invariant) error {
	if s, ok := i.(stepper); ok {
		return s.step()
	}
	return nil
}
