// Package story tells a failed run to a person.
//
// The first line says what broke, when and by whom; then come what was expected and seen, the seed and what
// it drew, the faults that were on, the last events before the end, the last lines that nodes logged, and
// the one command that has it all again:
//
//	invariant "no push under REJECT" broken at step 1204, +14.200s, by g1/push
//	  pushed 2 windows of job j1 while the level was REJECT
//	seed 17 (run 4 from base 1), strategy random: 212 of 1204 choices were not quiet
//	drawn: datacenters=2 workers=3
//	faults: none
//	the last 3 of 3201 events:
//	  +14.050s  g1/push     note     read level NONE, waits 150ms
//	  +14.120s  g1          deliver  pressure REJECT from m-east
//	  +14.200s  g1/push     note     push 2 windows of j1
//	replay: go test ./scenarios -run '^TestScenarios$/^stale-backpressure$' -sim.replay=out/stale-8f3a.json
//
// A story knows traces, lanes, choices and outcomes, and nothing of what the nodes are. The same failure is
// told in the same bytes. It does not say which choices matter: all of a run's are in its failure file.
package story
