// Package doctor says why one seed had two traces.
//
//	Case       a scenario, a seed, and how to start this program again
//	Diagnose   runs the seed often: here, in two equal new processes, and in one with other settings of Go's
//	           runtime
//	Diagnosis  the first event that differs, the likely cause with the code's position, and the evidence
//
// A cause is inferred, from three things:
//
//	the pattern     which runs agree. Where the first, second, ... run of one process agree with those of
//	                another, and not with each other, something is carried over from run to run
//	the code        what simvet finds in the functions that stood on the stack at the first difference, in
//	                what these call, and in the package variables that they use: the nearest counts
//	the goroutines  those of the same packages that appear while the run goes on and are no tasks of it
//
// The stack at an event is that of the code that made it; for a task's step, of the code that parked the task
// or woke it, because that decided when the step comes.
//
// The doctor sees what a trace shows. Code that simvet does not know (see there), a cause with an excuse, and
// one in a package that was not on the stack leave it with the pattern and the position, and it says so. It
// reads source: of a program that has moved away from its source it says the position only.
package doctor
