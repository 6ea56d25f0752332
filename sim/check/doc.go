// Package check says what a run is, and judges it.
//
// A scenario is a function of a [Run]. It makes a World, says what must hold, lets the World run, and looks
// at what came out; the same function may be run by go test, by the command, and without a World over real
// nodes.
//
//	Run          one run, and its T: Errorf, FailNow and Helper serve testify, in the body and in tasks
//	Observation  a fact that a node noted, with who and when
//	Invariant    holds while the run goes on; takes observations, and may Scan state every few hundred steps
//	Judge        feeds observations to invariants; works without a World
//	History      calls and returns of clients, in one order; Linearizable judges it afterwards
//	Draw, Swarm  what a body decides by itself, by recorded choices: a size, the kinds of operation
//	Watermark    the largest value that something came to in a run: how near it was to a bound
//
// What is asked of runs has five words:
//
//	Always       at every moment: [Always] looks after every step, a [Scanner] every few hundred, an
//	             Invariant at what is noted; at one place of a program it is an assertion there
//	Sometimes    in some run of a suite: the run says [Run.Reached], the suite names the state
//	             (simtest.Options.Sometimes), and fails if no run came to it
//	Reachable    the same of a place in a program: Reached stands in its line
//	Unreachable  in no run: [Run.Unreachable] fails it, by a name
//	Eventually   in every run, soon after the faults: [Eventually], unless the run is excused; a suite in
//	             which it was never judged fails
//
// The first thing that breaks ends the run at that step and is its failure; what breaks after it is a
// consequence and not told. A failure's key names its cause from run to run: the invariant's name, or where
// in the user's code the assertion or the panic stands.
//
// A body is run hundreds of times, by several goroutines at once: it must make everything it uses. It must
// not use the *testing.T around it - FailNow there would end the campaign, not the run.
//
// What the package does not promise: that a history which could not be decided in time holds. It is
// reported as unknown.
package check
