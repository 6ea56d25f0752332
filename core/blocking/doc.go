// Package blocking has what ported code waits with: the structures that Go makes of channels and package
// sync, made of core.Signal, so that they work in every core.Env and a World sees each wait.
//
//	RWLock     many readers or one writer; a writer that waits comes before new readers
//	WaitGroup  a count that is waited for
//	Cond       a condition that tasks wait for under a lock
//	Once       something that is done once, and waited for by those who come while it is done
//	Queue      a bounded queue with any number of tasks at both ends, which can be closed
//	Select     the first of several cases that is possible
//
// New code rather gives each state one owner task with a core.Mailbox: one task, one bell. This is for code
// that exists, and keeps its shape:
//
//	make(chan T, n)       NewQueue[T](env, n)
//	make(chan T)          NewQueue[T](env, 1), and an answer where the sender must know that it was taken
//	ch <- v, v := <-ch    Queue.Put, Queue.Take
//	close(ch)             Queue.Close; Take says ErrClosed once it is empty
//	close(done), <-done   core.Latch; in a Select, a Queue that is closed
//	select                Select: the first case, as written, that is possible
//	select with default   TrySelect, Queue.TryPut, Queue.TryTake
//	time.After            a context of env.WithTimeout; Signal.Wait and Latch.Wait take a duration
//	time.Ticker           a loop around env.Sleep
//	go f()                env.Go(name, f)
//	errgroup.Group        core.Group
//	sync.WaitGroup        WaitGroup; core.Group where it starts the tasks, too
//	sync.Mutex            env.NewLocker
//	sync.RWMutex          RWLock
//	sync.Cond             Cond, on a lock of env.NewLocker
//	sync.Once             Once
//	context.WithTimeout   env.WithTimeout
//	context.WithCancel    env.WithCancel
//	time.Now, time.Since  env.Now and Sub for durations, env.Wall for the time of day
//	math/rand             env.Rand
//
// What waits takes a context and returns why it ended (context.Cause), having changed nothing. What is
// possible wins over an ended context, as a ring does in core. The first look, too, is an interleaving point;
// Try methods, and those that only give something back, are none.
//
// No wake-up is lost: a task that was woken, and gives up or takes something else, passes it on. Those that
// wait are woken first come first served, but a task that comes by may be faster, as with package sync. Who
// waits for ever is found in a World, as a deadlock or by its bound; a task of a real node waits on.
//
// Misuse that package sync answers with a panic is answered so here: unlocking what is not locked, a count
// below zero. Both end the task's node.
//
// An exhaustive search with Reduce does not see who touches these structures; try all orders instead.
package blocking
