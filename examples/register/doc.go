// Package register is a register that several replicas keep: anybody reads and writes through any of them,
// and it behaves like one variable as long as a majority is there. It is an example of how to drive a core
// that does no I/O on a core.Env.
//
// [Replica] is the protocol alone, the one of Attiya, Bar-Noy and Dolev (Sharing memory robustly in
// message-passing systems, J. ACM 42, 1995) with the two rounds of Lynch and Shvartsman for many writers. A
// value has a place: a number, and the writer's name for a tie. Who reads asks a majority, takes the value of
// the highest place, and has a majority hold it before answering; who writes asks a majority, and has a
// majority hold its value at the place after the highest. There is no leader, and no compare-and-set: a
// register cannot decide who of two was first.
//
// [Server] drives it. Whoever drives a Replica has these duties, in this order:
//
//  1. Call it from one task: Read, Write and Step are told what happened, and nothing else tells it anything.
//  2. Take what is ready. Persist first: what was promised must outlive a crash.
//  3. Send the messages. Any of them may get lost or come twice.
//  4. Answer the operations.
//
// What it does not promise: progress without a majority, and anything once a disk forgets.
package register
