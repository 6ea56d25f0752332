// Package load says when requests are due, and records what became of them.
//
//	Plan      a constant arrival rate for a time; arrival i is due at i / rate, computed in whole numbers. A
//	          part of a split plan has its arrivals at the instants at which the whole plan has them
//	Target    the request that every arrival is
//	Pacer     walks a plan on an absolute schedule: whoever comes late catches up in one burst
//	Engine    runs an Assignment: one attempt of one shard. Scripted plays it in virtual time; package
//	          load/http sends it with net/http
//	Recorder  what an engine tells: Released, NotStarted, Done. Tally is a worker's, emptied at each cut
//	Tap       what a Scripted engine really executed, for invariants to believe instead of the system
//
// The load is an open model: users arrive whether or not the target answers. So an arrival has a planned
// instant, latency counts from it, and how late the generator sent it is a measurement of its own, the send
// lag. An arrival that finds Assignment.MaxInFlight requests unanswered is not started, and counted: it
// never waits for a place, for then the target's stall would slow the arrivals down and hide itself.
//
// Every arrival of a plan is accounted for, once:
//
//	planned = released + not started + those beyond the position that a stopped attempt reached
//	released = ok + failed + unknown + in flight
//
// and nothing is in flight once Run has returned. A sample belongs to the window in which it is recorded,
// that is, in which the request ended, not the one in which it was sent.
//
// Not promised: that a request is sent at its planned instant (the send lag says by how much it was not),
// and that a burst stops in the middle: the gate and the context are asked before each.
//
// Stages and virtual users will be further kinds of plan beside Rate; both answer the pacer's questions.
package load
