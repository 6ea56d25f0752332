// Package rpc turns an endpoint that sends messages into one that makes calls.
//
//	node, err := rpc.New(env, endpoint, rpc.Config{})
//	rpc.Handle(node, "greet", greet) // func(ctx, from, *Name) (*Greeting, error)
//	env.Go("rpc", func() { err := node.Serve(env.Context()) ... })
//	out, err := rpc.Call[Greeting](ctx, node, peer, core.Normal, "greet", &Name{"Ada"})
//
// The nouns:
//
//	Node       an endpoint's calls, both ways; Serve is its one receiving task
//	call       a request that waits for its reply;  notification  one that nobody answers
//	handler    answers a method: in a task of its own (Handle), or inside the receiving task (HandleInline)
//	Responder  the right to answer one request, which an inline handler may keep for later
//	Code       what kind of "no" a RemoteError is
//
// An error of a call says what is known about its effect. errors.Is(err, core.ErrDefinite): it certainly had
// none; core.ErrIndefinite: it may have had. A *[RemoteError] in the chain is the peer's own answer; without
// one the request was never sent, or was sent and never answered. Nothing is retried here: who retries must
// know whether doing it twice is harmless.
//
// Deadlines travel as the time that is left, never as a time of day, so the clocks of two nodes need not
// agree. Time on the way counts for the caller alone: the callee may go on for that much longer. A handler's
// context carries the deadline on to the calls that it makes. Who gives up a call earlier tells the callee,
// best effort.
//
// A reply is matched by the call's id, which starts at a random point for each Node, so neither a late reply
// nor one from before a restart answers another call; and by the peer, if that was addressed by its node
// name. Replies and cancellations have the class of their request: they compete with their like, and a
// cancellation does not overtake what it cancels.
//
// Everything is bounded: calls out, requests handled in tasks, the length of methods and error texts. What
// is over a bound is answered or returned at once, and counted in [Counters].
//
// Not promised: that a request is handled at most once (a network that duplicates may bring it again once it
// has been answered), nor any order between requests that are handled in tasks of their own.
package rpc
