// Package protocol holds the messages of the control plane. It is pure data: every message is a struct
// with one Fields method (package wire), and nothing here decides anything.
//
// Who says what to whom, in the life of a job:
//
//	client  -> gate    job.submit        a job, idempotent by key        answered with its id
//	client  -> gate    job.subscribe     pushes after number n, please   answered with the last number
//	gate    -> client  client.push       numbered pushes                 answered with the last one taken
//	client  -> gate    job.status        how is it now?                  answered with a snapshot
//	client  -> gate    job.cancel        end it                          answered with whether it will
//	manager -> gate    manager.register  datacenter, boot id, cores      answered with the gate's boot id
//	manager -> gate    manager.heartbeat level, free cores               answered with the gate's boot id
//	worker  -> manager worker.register   node, incarnation, cores        answered with the manager's level
//	worker  -> manager worker.heartbeat  that it lives, by what clock    answered with the manager's level
//	gate    -> manager workflow.dispatch a workflow's share              answered with its split into shards
//	gate    -> manager attempt.open      attempts that may now run       answered when taken
//	gate    -> manager job.adopt         what your predecessor had       answered when taken
//	gate    -> manager job.extend        its deadline is later           answered when taken, then told as
//	manager -> worker  attempt.extend                                    answered when taken
//	manager -> worker  attempt.run       one attempt of one shard        answered: it runs, or has ended
//	worker  -> manager worker.report     entries                         one way
//	manager -> gate    manager.relay     reports, unmerged               one way
//	gate    -> manager gate.marks        durable, want, closed           one way, and relayed to workers as
//	manager -> worker  worker.marks                                      one way
//	worker  -> manager attempt.ended     an attempt's last entry is cut  answered when taken
//	worker  -> manager attempt.refused   counts at a close               answered when taken, relayed as
//	manager -> gate    stream.refused                                    answered when taken
//	manager -> gate    stream.close      a worker is dead                answered with where it was closed
//	manager -> gate    attempt.next      another takes the rest over     answered with the attempt's number
//	manager -> gate    workflow.result   the datacenter's statement      answered when taken
//	gate    -> manager job.end           the job is terminal, or will be answered when taken
//	manager -> worker  attempt.stop      stop the load                   answered when taken
//
// Every message about a job that a gate sends carries the gate's fencing token for it; lower tokens are
// refused. A request may arrive twice (it is sent again after a broken connection), so each handler is
// idempotent by the names in it. What a stream did travels only in entries: a result holds no counts.
package protocol
