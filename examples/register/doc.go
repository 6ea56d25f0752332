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
// [Server] drives it. Whoever drives a Replica has these duties:
//
//  1. One task only calls it: Read, Write and Step when something happened, Tick when time has passed. What
//     comes from other tasks waits for this one in a mailbox.
//  2. Take what is Ready. Persist first: no message and no answer may say what a crash could make untrue.
//  3. Send the messages. Any of them may get lost or come twice, so no Send is worth waiting for.
//  4. Give the answers.
//  5. Advance, and wait for what happens next: for a message, a client, or the time of the next tick.
//
// What it does not promise: progress without a majority, and anything once a disk forgets.
//
// # Bugs that were put in
//
//	go run ./sim/mutate/mutants -bases 5 -schedules 1000 register-read-without-write-back ...
//
// Schedules until porcupine finds no order for what the clients saw, the median of five base seeds:
//
//	half-is-a-majority           3   three replicas have a majority of one
//	tie-not-broken               8   two writes have one place
//	read-without-write-back     10   a read does not see to it that a majority holds what it answers
//	own-place-not-looked-up     11   two writes of one replica have one place
//	answers-before-it-persists 179   messages go out while the disk is still at work
//	answer-counts-twice        499   a datagram that came twice is two replicas' answer
//
// The seventh, answers to an earlier life that count, hardly a schedule shows. It is a test of a few lines,
// as a Replica alone can be told anything in any order.
//
// What the write-back is for, the story of a read without it says:
//
//	4 choices matter (of 5862):
//	  +0.000s  ann/client  draws other random numbers
//	  +0.000s  bob/client  draws other random numbers
//	  +0.005s  world       power fails at a: 1 of 1
//	  +0.340s  b → a       is delayed 74.509µs: query #1.5
//
// Ann writes "0.0" through a, whose power fails when it is on a's disk and nowhere else. These lines of the
// trace are what happens then:
//
//	+0.000s  ann/client  note     writes 0.0
//	+0.005s  a           crash
//	+0.154s  bob/client  note     reads
//	+0.159s  b           deliver  a → b have #1.4 1.a="0.0"
//	+0.160s  bob/client  note     has read 0.0
//	+0.339s  bob/client  note     reads
//	+0.342s  b           deliver  c → b have #1.5
//	+0.343s  bob/client  note     has read
//
// The new value, and then the old one: b heard a first, and the next time c. With the write-back, b and one
// more had held "0.0" before anybody read it.
package register
