// Package explore looks for failures, keeps them, and has them again.
//
//	Scenario  a Body with a name; a Body is one run: choices in, an Outcome out
//	Campaign  runs scenarios over many seeds, several at once, the seeds dealt evenly; a Report each
//	Demands   what the runs of a scenario must come to between them, and what became of it
//	Strategy  how a seed becomes choices: Random, PCT, POS, SURW, DelayBounded, RoundRobin, a Portfolio
//	Guided    the strategy that changes runs which showed something new; Guidance says what that came to
//	Found     a failing seed, run again with every choice recorded and the whole trace kept
//	File      what is kept of it: small, readable, the same bytes every time
//	Shrinking makes a failure small: of what is left, every choice is needed for the same key to fail
//	Replay    the file's choices once more: identical, same failure by another trace, another one, or
//	          gone; ReplayNearby also tries the schedules next to them before it says so
//	Moments   the steps at which the share of failing continuations jumps
//	Closest   the passing run that differs least
//	Exhaustive  every order of a small program's tasks; it says whether it tried them all
//	Elsewhere the same seeds in another process, for what one process cannot see; a TwinRequest asks it
//
// A run is its seed's as long as nothing but the chooser decides. That is checked, not assumed: samples of
// the seeds run twice, a failure must come back with its key and its trace before it is told, and a
// Divergence names the first event that differs.
//
// With one base a campaign finds the same first failure however many runs go on at once: seeds are begun in
// order, and the earliest that fails counts.
//
// The package knows choosers, traces and outcomes. It imports neither core nor sim, so that whatever draws
// its choices from a Chooser can be searched.
//
// A shrunk failure has the key of the original and need not be a part of its run. That no choice of it can be
// spared does not mean that there is no smaller failure.
package explore
