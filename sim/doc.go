// Package sim runs a whole cluster on one thread, reproducibly.
//
// A World owns time, chance and every node. A step resumes one ready task until it blocks; between steps
// nothing else runs. The schedule decides which task, which delay, which fault. Same schedule, same binary,
// same trace.
//
//	World     the whole simulation; it runs once
//	Node      a simulated process: boot(env), then its tasks, until it crashes; Restart boots it again
//	task      what runs on a node; it is atomic between two interleaving points (package core lists them)
//	workload  the tasks that a run is about; it ends when they have. All others are servers
//	link      one direction between two nodes: latency, loss, bandwidth, a queue; held, cut, partitioned
//	rule      judges packets before their link does; in a chain, the first that decides wins
//	nemesis   draws faults as episodes on links and nodes (World.Inject), and heals them at its end: all of
//	          them, or, with FaultCore, a core of some nodes that must do without the others
//	rare      a branch of the program that its nodes take in some runs only (core.Env.Rare, Config.Rare)
//	choice    whatever could go either way is asked of one choice.Chooser, by key
//	trace     what happened, hashed as it happens: the run's identity
//
// Time is virtual: it jumps to the next thing that is due. A task that becomes ready may be late (a stall: a
// slow processor), and among the tasks that are ready at one instant a drawn rank decides, or the chooser's
// Picker where it has one. Answer 0 to every question is the quiet run: first come first served, nobody late,
// nothing lost.
//
// A run fails when a check calls [World.Fail], when a task panics or ends itself, and when the World sees
// that nothing will ever happen again, that tasks wait for each other's locks, that a workload task waits
// too long, or that time does not move on. Every failure has a key that is the same in every run in which it
// happens.
//
// A task that blocks natively - on a channel, in a system call, in an endless loop - hangs its World. After
// five seconds on the real clock a watchdog says which task it was, and ends the process.
//
// sim does not see data races between two yield points: go test -race on package transport is for those. It
// does not promise the same trace from another build of the program, or on another architecture.
package sim
