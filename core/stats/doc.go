// Package stats counts what a load test did, exactly, while reports are lost, repeated, reordered and
// late.
//
// It is pure data: no tasks, no clock, no network. Time comes in as a parameter. Nouns, in the order of
// the data:
//
//	Sample     one arrival that ended: its outcome and three durations
//	Counts     how many arrivals went which way;  Sketch  how their durations are spread, within 1 %
//	Stream     who speaks: (job, datacenter, workflow, shard, attempt), one worker at a time
//	Entry      what one stream did in one window: a difference, and the cumulative counts after it
//	Outbox     the worker's side: cuts entries, numbers them from 1, keeps each until it is durable
//	Collector  the owning gate's side of one job: takes entry n+1 of a stream only after n, each once
//	Window     [kW, (k+1)W) of wall time, summed over all streams; it has revisions
//	Slot       a stream's cumulative counts as of entry n; slots merge by the greater n
//
// An entry for a window that has closed is not lost: it makes the window's next revision. One that no
// window can take any more (too old, too far ahead, dropped, after the end) still counts in the totals,
// and in Unwindowed, with its reason. So at any time, for every stream and for the job:
//
//	applied = the newest revisions of all windows + Unwindowed
//
// and when all is over: planned = sent + not sent, sent = executed = ok + failed + unknown, and executed
// = applied + refused + lost. Reconciliation says whether these balance and what is missing.
//
// Times are of type [Time]: nanoseconds since the Unix epoch on some clock. A worker and a job's owner
// each read their wall clock once and count steady time from there ([Clock]), so neither clock ever
// jumps.
//
// Not promised: that two workers' windows cover the same real time (their clocks differ; the drift
// tolerance says by how much unnoticed), that a closed window never changes, and anything about what a
// dead worker did and did not report: of that there is only a bound.
package stats
