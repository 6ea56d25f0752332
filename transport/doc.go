// Package transport runs a node in the real world: goroutines, this machine's clock, TCP.
//
// A [Node] supplies the core.Env that a node's code is written against; package sim supplies the other one.
// Both pass the contract of core/envtest, so that what was found true in simulation is true here.
//
//	Node        one process's identity and its tasks; Stop ends it in order, Kill as a crash would
//	endpoint    one listening address, its connections and its inbox
//	connection  one TCP connection with one reader and one writer, and a bounded queue a class
//	hello       what each side says first: versions, name, role, limits
//	window      how many bytes of a class a peer may have sent that Recv has not yet taken
//
// Send puts a message into the queue of a connection and returns; only the first message to an address waits,
// for the dial, as long as its ctx lasts. A nil error therefore says: queued, in order, on a connection that
// was whole. When that connection breaks, what was queued or under way is its lost tail; nothing is sent
// again, so nothing arrives twice. Every error of Send here is definite: the message never reached a socket.
//
// One writer a connection drains all queues, most urgent class first, into one write. Long messages travel in
// fragments, and each class has a window of its own, so a critical message waits neither for a bulky one
// under way nor for a receiver that is behind with its statistics.
//
// A connection is made by the first Send to an address, and again by the first Send after it broke; an
// address that refused is left alone for a jittered, growing while. Messages to a `from` use the connection
// they came by. Each direction between two endpoints uses one connection at a time. Node names are meant to
// be unique: when two endpoints say the same one, answers to that name go to the one that connected last.
//
// What a peer can make this side hold is bounded: Window bytes a class and connection. So is what waits to be
// written. Beyond the one its Sends wait in their peer's queue, beyond the other they are refused.
//
// Not promised: delivery, secrecy or proof of a peer's name (TLS is a later matter), "udp", or that a task
// which computes for ever without asking its Env for anything can be ended.
package transport
