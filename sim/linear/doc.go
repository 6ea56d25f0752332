// Package linear accounts for a judged history: it finds the order that explains what clients were answered
// or, where there is none, the first answer that nothing explains, and the few operations that contradict it.
//
//	for _, part := range linear.Explain(judged).Parts {
//		part.Order   // the operations as they may have happened, one after the other
//		part.Points  // a moment for each, between its call and its return
//		part.Broken  // whose answer has no place, what would have been right, and who says so
//	}
//
// Where there is no order, the one that is told explains every answer that was given before the one that has
// no place: the history was in order until then, and is not with it. Some other answer may be to blame all
// the same; the operations that are named say only that they cannot all be true.
//
// What is said is found by trials that are counted and bounded, not timed: a history has one account. Where
// the trials are used up it is less: an order that goes less far, more operations than are needed. Whether
// a history is linearizable is package check's to say, and known before.
package linear
