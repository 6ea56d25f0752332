// Package core is what a node may ask of the world, and nothing else.
//
// A node is ordinary blocking Go that asks an [Env] for all that the outside world decides: the time, the
// network, a random number, another task. Two packages supply one. Package transport runs the node on
// goroutines, the machine's clock and TCP; package sim runs it in a World where a recorded choice decides
// every one of those answers. The node cannot tell which.
//
//	node      a process: boot(env), then whatever tasks it starts
//	task      what Env.Go starts; it ends when its function returns or its node dies
//	Signal    one task's bell: remembers one ring, has one waiter
//	Mailbox   a bounded queue that rings its owner's bell
//	Group     tasks that are awaited together; the first error stops the others
//	Latch     opens once and stays open
//
// There are no channels, timers or selects here: which ready arm of a select wins is outside anybody's
// control. A task that waits for one of several things looks at each in a written order and then waits on its
// bell; that order is the select:
//
//	for {
//		if request, ok := requests.TryTake(); ok {
//			...
//			continue
//		}
//		if err := bell.Wait(ctx, deadline.Sub(env.Now())); err != nil { // ErrElapsed, or why ctx ended
//			...
//		}
//	}
//
// Between two interleaving points a task is atomic in simulation. The points are: before a lock is taken,
// before Send and at Yield; inside Sleep, Wait and Recv. Now, Wall, Rand, Rare, Notify, Unlock, Note, Log
// and Go are none. In production nothing is atomic: share immutable values, or lock.
//
// What core does not promise: that a sent message arrives, that a wall clock only moves forward, or that a
// crashed node's deferred calls have any effect.
package core
