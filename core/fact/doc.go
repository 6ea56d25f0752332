// Package fact holds the typed facts that the roles note: what happened, from the one who made it
// happen, in the step in which it did.
//
// Invariants judge a run by facts and by the engine's tap, never by asking a node about itself: a node
// that lies to its client would lie to the checker too. A fact is a plain value; its text (core.Event)
// is one line of a trace. In production a fact is a debug log line at most.
//
//	gate.go     acceptance, states, levels, streams, entries, windows, pushes, results
//	worker.go   cores, load, heartbeats, and the clients' side: pushes taken, callbacks
//
// Facts are cheap to make and are made always: keep them small, hold no pointers into a node's state.
package fact
