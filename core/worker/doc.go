// Package worker runs load and reports, exactly, what it did.
//
//	take.go        what the manager says: run, stop, marks
//	attempt.go     one attempt: its engine, its release gate, its end
//	report.go      windows are cut, entries batched and sent
//	tell.go        calls that are made until they are answered
//	heartbeat.go   registration, and the word that it lives
//
// Tasks and what they own:
//
//	rpc             receives, and hands all to the streams task
//	streams         owns the attempts and their outboxes; wakes when a window is over
//	report          sends one report at a time, so that a slow connection delays no cut
//	heartbeat       registers, and moves the instant of the last answered heartbeat
//	attempt/STREAM  the engine of one attempt; it touches a tally, a gate and a context
//
// A worker stops by itself when no manager has answered it for dead + grace: whoever gave it up may
// have put another in its place. It counts on its own steady clock, from the sending of the last
// answered heartbeat, and looks in the step that lets a request go. What it measured it keeps until the
// gate has it, or says that it will never take it, or retention is over. A worker that restarts
// continues nothing.
package worker
