// Package choice is the one place that chance comes from.
//
// Everything in a simulation that could go either way asks a [Chooser]: which ready task runs, how late a
// message is, whether a fault begins. The answers, all of them, are the run's schedule.
//
//	Choice    one question: its Kind, the Stream it belongs to, its number there, how many answers
//	Stream    the thing that is chosen about ("g1#0/push"); it counts its questions
//	Key       what names a question across runs: "pick g1#0/push 17"
//	Chooser   whoever answers: Seeded, Recorder, Replayer, or a strategy
//	Picker    what a strategy has that decides about the order of tasks: it is asked when one has to go
//
// Answer 0 is always the quiet one: first come first served, no delay, no fault, the feature off. A schedule
// is therefore its non-zero answers, and to shrink one is to put zeroes in it.
//
// A seeded chooser is a function of (seed, stream, number), not a sequence: one more question on one stream
// moves no answer on another, so a recorded schedule survives an edit of code that it does not touch.
//
// A strategy decides some kinds of question and leaves the rest to a seeded chooser. Without a Picker a
// task that becomes ready draws a rank, and the lowest (rank, arrival) goes next. [PCT], [POS], [SURW] and
// [DelayBounded] have one, because they look at all that are ready; [RoundRobin] answers every rank with 0.
// Whatever a Picker did can be had again by ranks, and is recorded as the least of them: so a recorded
// schedule needs no strategy, and first come first served is no record at all.
//
// The package knows nothing of nodes, networks or time. It does not promise that two programs which ask the
// same questions mean the same by them; a label has to say what it is about, and must not hold a running
// number.
package choice
