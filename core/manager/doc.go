// Package manager runs one datacenter: it registers workers, gives their cores to shares of workflows,
// relays what they report, and states how each share ended.
//
//	health.go     workers come, fall silent, are given up
//	displaced.go  a worker's name is its newest process's
//	dispatch.go   a share is split over workers, and opened by the gate
//	run.go        an attempt is run
//	relay.go      reports go to the gate unmerged, marks come back
//	ending.go     attempts end, are lost, are closed; jobs end
//	successor.go  another worker runs what a closed attempt has left
//	adopt.go      what an earlier manager had is taken over
//	sync.go       until all of it has come; what nobody knows is stopped
//	extend.go     deadlines are put off
//	leave.go      the manager stops in order
//	result.go     the statement of a share, sent until the gate has it
//	gate.go       heartbeats to the gate
//
// Tasks and what they own:
//
//	rpc        receives, and hands all to the manager's task
//	manager    owns workers, jobs and the relay buffer
//	relay      sends one relay at a time, so that the buffer's fill says how far the gate is behind
//	gate       registers and sends heartbeats
//	leave      waits until the node is asked to stop
//	run/, close/, next/, extend/, stop/, stray/, result/   one call each, made until it is answered
//
// A manager holds nothing that must survive it: no entry counts because of what it knows, and none is
// lost when it forgets. It merges nothing, since a merge by a manager that dies could never be told
// apart again. The one thing that is its own word is which cores are whose.
package manager
