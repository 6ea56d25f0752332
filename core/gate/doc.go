// Package gate is the global tier: it accepts jobs, has datacenters run them, counts what they report
// exactly once, and tells clients, by numbered pushes, until each job has ended and its books are
// closed.
//
//	accept.go      a submission, idempotent by its key; specification.go says what may be asked for
//	workflow.go    workflows wait for others; values.go has what those provided
//	queue.go       whose turn it is; turn.go waits for it
//	start.go       the datacenters are asked for their splits, then all attempts are opened
//	successor.go   an attempt is closed, and another runs what is left
//	adopt.go       a manager that was replaced hands over, through the gate, what it had
//	relay.go       entries come in, marks go out
//	push.go        the one task for periodic pushes; subscriber.go sends them to one client
//	results.go     datacenters' results, the aggregate of each workflow, the end
//	cancel.go      an end that a client asks for; deadline.go, one that time brings, or puts off
//	members.go     managers, and the backpressure level in force
//	leave.go       the gate is asked to stop
//
// Tasks and what they own:
//
//	rpc            receives; hands every request to the task that owns the job, and never waits
//	job/ID         one a job: its state, its results, its end
//	push           all jobs' periodic pushes, from the list of those with closed windows
//	job/ID/to/C    one a subscribed client
//	levels         lets the level of silent managers expire
//	job/ID/start/W one a workflow that is being started, until its attempts are open
//	job/ID/...     calls that are made until they are answered: open, adopt, extend, end
//	leave          waits for the word to stop
//
// What several of them touch is a job's books - the collector and the push log - under one lock, and
// three values that are read whole: status, totals, level. The pure decisions stand apart: keys.go,
// queue.go, state.go, statements.go, ending.go, pushlog.go, members.go, dependencies.go wait for nothing.
//
// Nothing that cannot be unsaid leaves before it is in the gate's memory: the answer to a submission, a
// durable mark, a push number. There is no ledger yet, so a job does not outlive its gate; hellos carry
// the gate's boot id by which managers and clients notice.
package gate
