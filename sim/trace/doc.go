// Package trace is what happened in a run, and its identity.
//
// A run is a stream of typed events on lanes. Every event is hashed as it happens; the hash after the last
// one is the run's identity, for one binary on one architecture. Events themselves are kept only when
// somebody wants to read them, and keeping them changes no hash.
//
//	Lane      who it happened to: a node ("g1") or a task of it ("g1/push")
//	Event     one thing that happened, with its step, virtual time and the event that caused it
//	Recorder  hashes every event, and keeps none, the last n, or all
//	Orders    which events of a node came before which, in 8 KiB: how a run went, without its trace
//
// Two runs with one hash did the same. Where two runs part, [FirstDifference] names the first event that
// differs: each kept event holds the hash of everything up to it.
//
// Causes make the trace a graph: the parent of a task's step is what woke it - a ring of its bell, a timer,
// a message's send - and the parent of anything else is the step that it happened in.
//
// Log lines are kept in their place but are neither numbered nor hashed: what a program says is not what it
// does. Choices are no events: a [Choice] says in words what was decided and which event asked, and stands
// beside the trace that it led to.
package trace
