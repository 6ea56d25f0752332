// Package model has models of what systems commonly are, for linearizability: a register, keys with values, a
// lock with fencing tokens, a queue, a set, a log.
//
//	history := r.NewHistory()
//	op := history.Call(client, model.Put[string]{Key: "a", Value: "1"})
//	if err := store.Put(ctx, "a", "1"); err == nil {
//		op.Return(nil)
//	}
//	...
//	r.Linearizable("store", model.KeyValue[string](), history, time.Minute)
//
// Each constructor says what inputs its model takes and with what outputs they return. An operation whose
// answer was lost (check.NoAnswer) is one that happened, with an answer that nobody saw. Whether it happened
// at all is not the model's affair: a checker may put it behind everything else, where nobody sees it.
//
// An input or an output of another type than the documented one is explained by no order of operations: it
// makes its history illegal.
package model
