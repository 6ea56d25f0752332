// Package worker runs load and reports, exactly, what it did.
//
//	take.go        what the manager says: run, stop, extend, marks
//	attempt.go     one attempt: its engine, its release gate, its end
//	provided.go    what its answers provided
//	tombstones.go  what has ended, and how
//	report.go      windows are cut, entries batched and sent
//	tell.go        calls that are made until they are answered
//	heartbeat.go   registration, and the word that it lives
//	leave.go       the worker stops in order, or because another has its name
//
// Tasks and what they own:
//
//	rpc             receives, and hands all to the streams task
//	streams         owns the attempts and their outboxes; wakes when a window is over
//	report          sends one report at a time, so that a slow connection delays no cut
//	heartbeat       registers, and moves the instant of the last answered heartbeat
//	leave           waits until the node is asked to stop
//	attempt/STREAM  the engine of one attempt; it touches a tally, a gate and a context
//
// A worker stops by itself when no manager has answered it for dead + grace: whoever gave it up may
// have put another in its place. It counts on its own steady clock, from the sending of the last
// answered heartbeat, and looks in the step that lets a request go. What ran then never goes on: its last
// entry is not final, and once all is durable, or closed, another may run the rest. What it measured it keeps
// until the gate has it, or says that it will never take it, or retention is over. A worker that restarts
// continues nothing.
package worker
