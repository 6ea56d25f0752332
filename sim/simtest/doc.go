// Package simtest runs simulations from go test.
//
//	func TestLeaseHolderStopsBeforeExpiry(t *testing.T) {
//		simtest.Check(t, func(r *check.Run) {
//			w := r.World(sim.Config{})
//			...
//			w.Run()
//			require.Equal(r, 1, holders)
//		})
//	}
//
// [Check] runs the body once for every seed, one run a core at a time. The body asserts on its Run, never
// on t: a failing body is run again, and must not fail the test by that. When a run fails, the test fails
// once, tells the story, writes a failure file and prints the command that replays it.
//
// Before it searches, a check replays the failures that are kept for it: the files in testdata/failures of
// the package and of the module that name its scenario. Such a file passes while its failure is gone. To
// keep a failure, put the file there.
//
// [Exhaust] runs the body once for every order in which its tasks can go, and fails if those are too many:
// for small programs, of which it then shows that no order breaks them.
//
// That no run failed means little where runs never came to what is dangerous. So a check, or a scenario of
// Budget, names states that some run must reach (Options.Sometimes) and kinds of fault that must do something
// to somebody in some run (Options.Faults). A whole suite names the rare branches of its program
// (Options.Rare), each of which some run must take. What is missing is looked for in a bounded number of
// schedules more, and then fails the check; so does a check.Eventually that no run came to judge. A part of a
// suite, chosen by -run or a flag, only reports. go test -v shows what was reached and never was, how often
// each kind was injected and bit, and in how many runs each rare branch was taken.
//
// [Budget] deals a time over many scenarios; [Rapid] lets rapid draw a body's operations; [FuzzCheck] makes
// seeds of fuzzed bytes.
//
// The flags, for every check of the run; relative paths begin at the module's root:
//
//	-sim.seed S        the base: the first seed of every check; the others follow from it
//	-sim.seeds N       that many schedules a check
//	-sim.strategy X    how choices are made: random, portfolio, pos, pct, surw, delay, round-robin or guided
//	-sim.replay FILE   replay a failure instead of searching; use it with -run
//	-sim.doctor        Check and Budget: do not search, say why the base seed has several traces
//	-sim.out DIR       where failure files go
//	-sim.trace FILE    draw a failure as one page, a space-time diagram with the histories that were judged
//	-sim.export F=FILE write a failure's trace for another tool, F being a format of package timeline
//	-sim.shrink T      the most time spent on making a failure small; 10s unless given, 0 for none
//	-sim.report FILE   append a line of JSON for every check
//
// Some seeds run twice and their traces are compared; one that differs fails the test with the first event
// that does, and -sim.doctor then says why (see package doctor). Goroutines that outlive their run fail it
// too. What simtest does not see is a body that keeps something between runs without it showing in a trace.
package simtest
