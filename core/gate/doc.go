// Package gate is the global tier: it accepts jobs, has datacenters run them, counts what they report
// exactly once, and tells clients, by numbered pushes, until each job has ended and its books are
// closed.
//
//	accept.go      a submission, idempotent by its key
//	dispatch.go    the datacenters are asked for their splits, then all attempts are opened
//	relay.go       entries come in, marks go out
//	push.go        the one task for periodic pushes; subscriber.go sends them to one client
//	results.go     datacenters' results, the aggregate of each workflow, the end
//	members.go     managers, and the backpressure level in force
//
// Tasks and what they own:
//
//	rpc            receives; hands every request to the task that owns the job, and never waits
//	job/ID         one a job: its state, its results, its end
//	push           all jobs' periodic pushes, from the list of those with closed windows
//	job/ID/to/C    one a subscribed client
//	levels         lets the level of silent managers expire
//	job/ID/...     calls that are made until they are answered: dispatch, open, end
//
// What several of them touch is a job's books - the collector and the push log - under one lock, and
// three values that are read whole: status, totals, level. The pure decisions stand apart: keys.go,
// state.go, statements.go, ending.go, pushlog.go, members.go import nothing that waits.
//
// Nothing that cannot be unsaid leaves before it is in the gate's memory: the answer to a submission, a
// durable mark, a push number. There is no ledger yet, so a job does not outlive its gate; hellos carry
// the gate's boot id by which managers and clients notice.
package gate
