// Package client submits jobs to a gate and follows them to their end, over broken connections.
//
//	client, err := client.New(env, config)
//	env.Go("client", func() { err := client.Run() ... })
//	job, err := client.Submit(ctx, key, spec)      // idempotent by key
//	session := client.Follow(job)
//	session.Subscribe("progress", client.Callbacks{Windows: ...})
//	result, err := session.Wait(ctx)
//
// A job that somebody else submitted, or this client before it was restarted, is followed by its id, from any
// push on:
//
//	session := client.Attach(id, after)
//	answer, err := client.Cancel(ctx, id, reason)  // idempotent; says whether the job will be CANCELLED
//
// Nouns: a Session follows one job and takes each of its numbered pushes once and in order; its Books
// are what they say all together. A Subscription hands them to callbacks from a task of its own,
// through a bounded queue.
//
// Tasks and what they own:
//
//	rpc                    receives pushes, checks their numbers, queues them; never waits or calls a user
//	session/JOB            subscribes, and again after silence, from the last number
//	subscription/JOB/NAME  calls one subscription's callbacks
//	leave                  ends the sessions when the node is asked to stop, and waits for the callbacks
//
// Promised: no push twice, none out of order, none left out that is not announced as a gap; status and
// results are never dropped. A window is a whole value that replaces an older revision, so a consumer
// that missed some can go on. Not promised: that a job outlives its gate; then Wait returns
// ErrNotFinished.
package client
