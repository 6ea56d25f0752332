package sim

// Failure is why the run failed, as Run returns it; nil while nothing has.
func (w *World) Failure() *Failure { return w.failure }
