// Package lockservice is an example of a system to test: a lock service, a store, and clients that add to a
// number under the lock. It has the bug that such systems have, and its cure.
//
// The lock service grants a lease: for 300 ms nobody else gets one. A client takes a lease, reads the number
// from the store, looks whether its lease still holds, and writes the number plus one. That looks right, and
// passes every test on a quiet machine. But between the look and the write anything may happen: the process
// is stopped, or the message hangs in a broken network. The lease ends, another client reads the same number
// and writes, and then the first write arrives: an update is lost. No closer look at the clock helps, since
// the pause may always come after it.
//
// The cure is a fencing token. Each lease has a number, higher than all before. A client shows it with every
// request, the store remembers the highest that it was shown, and turns away whatever comes with a lower one.
// Reading counts: were the token shown only by writes, an old holder's write could come between the new
// holder's read and its write.
//
// The test has the simulator find the bug among pauses and partitions, and then shows that the cure holds.
// Everything here asks core.Env for time and the network, so the same code runs on package transport.
package lockservice
