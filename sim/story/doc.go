// Package story tells a failed run to a person.
//
// The first line says what broke, when and by whom; then come what was expected and seen, the choices that
// matter, in words, the passing run next to it, the seed and what it drew, the faults that were on, the
// last events of the nodes that all this is about, the last lines that were logged, and the one command that
// has it all again:
//
//	invariant "no push under REJECT" broken at step 1204, +14.200s, by g1/push
//	  pushed 2 windows of job j1 while the level was REJECT
//	2 choices matter (of 1204), no fault needed:
//	  +14.050s  g1/push      is late by 100ms
//	  +14.100s  m-east → g1  is delayed 20ms
//	the closest passing run does without this: +14.050s g1/push is late by 100ms; where they part
//	  here   +14.120s g1 deliver pressure REJECT from m-east
//	  there  +14.050s g1/push note push 2 windows of j1
//	seed 17 (run 4 from base 1), strategy random, shrunk from 212 choices in 57 runs
//	drawn: datacenters=2 workers=3
//	the last 3 of 201 events of g1, m-east:
//	  +14.050s  g1/push     note     read level NONE, waits 150ms
//	  +14.120s  g1          deliver  pressure REJECT from m-east
//	  +14.200s  g1/push     note     push 2 windows of j1
//	replay: go test ./scenarios -run '^TestScenarios$/^stale-backpressure$' -sim.replay=out/stale-8f3a.json
//
// Where no order explains a history, the answer that has no place follows what broke, with what would have
// been right and the operations that contradict it (package linear):
//
//	read, by client 1, was answered 5; right would have been 1
//	  +0.000s  to +0.000s  client 0  write 5: done
//	  +0.002s  to the end  client 0  write 1: no answer, took effect at +0.003s
//	  +0.103s  to +0.103s  client 1  read: 5
//
// A story knows traces, lanes, choices and outcomes, and nothing of what the nodes are. The same failure is
// told in the same bytes. Which choices matter it says of a reduced failure only ([Reduce]).
package story
