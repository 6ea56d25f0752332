package model_test

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/check/model"
)

// put is the fact that a store has done the put of a number.
type put struct{ number int }

func (put) AppendText(b []byte) []byte { return append(b, "put"...) }

// A client puts, has no answer, and reads the old value. That may be: its put may never have happened. Here
// the store noted that it has, so it lost a put.
func Example() {
	outcome := check.Execute(check.Settings{Name: "store"}, func(r *check.Run) {
		history := r.NewHistory()
		var puts []*check.Operation
		r.Hold(check.Effects(func(o check.Observation) *check.Operation {
			if f, ok := o.Event.(put); ok {
				return puts[f.number]
			}
			return nil
		}))
		w := r.World(sim.Config{})
		w.Workload(w.AddNode("store", func(core.Env) {}), "client", func(env core.Env) {
			puts = append(puts, history.Call(0, model.Put[string]{Key: "a", Value: "new"}))
			env.Note(put{0}) // the store has it; its answer is lost, and then the store crashes
			history.Call(1, model.Get{Key: "a"}).Return(model.None[string]())
		})
		w.Run()
		history.Resolve() // whatever the store did not note did not happen
		fmt.Println(r.Linearizable("the store", model.KeyValue[string](), history, time.Minute))
	})
	fmt.Println(outcome.Failure.Message)
	// Output:
	// not linearizable
	// no order of the 2 operations explains their answers
}

func ExampleRegister() {
	h := check.NewHistory(nil)
	write := h.Call(0, model.Write[int]{Value: 1})
	h.Call(1, model.Read{}).Return(1) // it overlaps the write, and sees it
	h.Call(1, model.Read{}).Return(0) // and then no more
	write.Return(nil)
	fmt.Println(check.Linearizable(model.Register(0), h, time.Minute))
	// Output: not linearizable
}

func ExampleKeyValue() {
	h := check.NewHistory(nil)
	h.Call(0, model.Put[int]{Key: "a", Value: 1}) // no answer: it may have happened
	h.Call(1, model.PutIf[int]{Key: "a", Old: model.Some(1), New: 2}).Return(true)
	h.Call(1, model.Get{Key: "b"}).Return(model.None[int]())
	fmt.Println(check.Linearizable(model.KeyValue[int](), h, time.Minute))
	// Output: linearizable
}

func ExampleLock() {
	h := check.NewHistory(nil)
	h.Call(0, model.Acquire{Owner: "ann"}).Return(model.Granted{Token: 1})
	h.Call(9, model.Expire{}).Return(nil)
	h.Call(1, model.Acquire{Owner: "bob"}).Return(model.Granted{Token: 2})
	h.Call(1, model.Use{Token: 2}).Return(true)
	h.Call(0, model.Use{Token: 1}).Return(true) // she had paused, and nothing stops her
	fmt.Println(check.Linearizable(model.Lock(), h, time.Minute))
	// Output: not linearizable
}

func ExampleQueue() {
	h := check.NewHistory(nil)
	h.Call(0, model.Enqueue[string]{Value: "a"}).Return(nil)
	h.Call(1, model.Dequeue{}).Return(model.None[string]())
	fmt.Println(check.Linearizable(model.Queue[string](), h, time.Minute))
	// Output: not linearizable
}

func ExampleSet() {
	h := check.NewHistory(nil)
	first, second := h.Call(0, model.Add[string]{Value: "a"}), h.Call(1, model.Add[string]{Value: "a"})
	first.Return(true)
	second.Return(true) // it cannot have been new to both
	fmt.Println(check.Linearizable(model.Set[string](), h, time.Minute))
	// Output: not linearizable
}

func ExampleLog() {
	h := check.NewHistory(nil)
	h.Call(0, model.Append[string]{Value: "a"}) // no answer
	h.Call(1, model.Append[string]{Value: "b"}).Return(1)
	h.Call(2, model.ReadFrom{From: 0}).Return([]string{"a", "b"})
	fmt.Println(check.Linearizable(model.Log[string](), h, time.Minute))
	// Output: linearizable
}
