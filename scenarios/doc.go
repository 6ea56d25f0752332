// Package scenarios plays the control plane through what may go wrong, and says what must hold all the same.
//
// A Scenario is a value in the registry (All): a cluster's shape, a workload, the faults that it may
// meet, the invariants that it leans on, and the states that a suite must come to in it, or it proves
// little.
//
//	Stage        where a scenario's body plays: a cluster that boots on a Host
//	Host         a simulated World, or this machine over TCP; the bodies are the same
//	Truth        what hit the target, from the taps of the scripted engines
//	invariants   one file each, invariant_*.go; all of them are on in every run
//	sights       sometimes-states that noted facts tell
//	rare         branches that core seldom takes (core.Env.Rare); in every second run some are taken
//
// Invariants judge what the roles note (package core/fact) against the truth; none asks a node about
// itself. What is about durations, or about the order of one step, is judged in a World only.
//
// A scenario is built so that its race can happen, not so that it must: where a known bug is put back
// (package sim/mutate), some schedules fail and others do not. So sizes, moments and misdeeds are drawn
// (check.Draw), and the quiet answer of every draw is the harmless one.
//
// What the package does not promise: that a scenario which meets no fault exercises any, or that what
// holds over TCP once holds there always.
package scenarios
