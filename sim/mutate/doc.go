// Package mutate puts known bugs back into a program and sees whether its checks notice.
//
// A bug that was fixed, or that must never be there, lives on as a mutant: a small text file that says what
// to change, and what must catch it. A build overlay makes the change, so the program itself holds no
// switches.
//
//	id: F4-stale-level
//	what: the push loop reads the level before it sleeps and acts on it afterwards
//	scenario: stale-backpressure
//	invariant: no push under REJECT
//	-- file --
//	core/gate/push.go
//	-- func --
//	(*pusher).loop
//	-- old --
//	level := p.level()
//	-- new --
//	level := p.levelBeforeSleep
//
// The header is "key: value" lines. What must catch it is either a scenario and an invariant, or a test:
//
//	scenario: ID, invariant: KEY     the subtest ID of the scenarios' test must fail with that key
//	test: ./sim TestName             that test of that package must fail
//	package: ./other, run: TestX/y   where and what the scenario's test is, if not as Config says
//	hang: caught                     that the test never ends, or dies with its process, is its failure
//
// Then come edits. Each is func, old and new, of the file named last, and optionally imports, one path a
// line, that the new text needs; imports that it no longer needs are dropped. A func is named "loop",
// "pusher.loop" or "(*pusher).loop"; "const x", "var x" and "type T" name a declaration. Old is matched as Go
// tokens inside that function and must be there exactly once: formatting, comments and moves within the file
// do not break it. An empty new removes the old.
//
// A scenario's mutant is judged on many base seeds, 20 unless told otherwise. On each, schedules run until
// the named invariant fails, 1,000 at most, and the untouched program must pass the same ones. Something else
// that fails first is passed over, but its schedules count. Caught means on at least 19 of 20 seeds, on all
// when there are fewer. A mutant that dies on the first schedule of every seed, of five at least, is blunt:
// anything would catch it, so it proves nothing.
//
// Its score is how many schedules that took, median and 95th percentile, by each strategy that is asked for;
// the first one judges. WriteScore makes a page of the scores, and RunAgainst compares with one: a median of
// more than four times the recorded one fails the suite like a survivor. Measuring many mutants takes long;
// what is measured is kept in the file that Config.Resume names, and an interrupted run goes on from there.
//
// The binaries are the package's own, by go test -c; sim/simtest's flags -sim.seed, -sim.seeds,
// -sim.strategy, -sim.out, -sim.shrink and -sim.report are all that the runner asks of them. They run in an
// empty folder, so that failures kept beside the package are not replayed. Package mutants, below this one,
// is the command.
//
// What a caught mutant does not prove: that the check would catch the same mistake made in another way.
package mutate
