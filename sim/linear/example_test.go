package linear_test

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/check/model"
	"github.com/windtunnel/windtunnel/sim/linear"
	"github.com/windtunnel/windtunnel/sim/trace"
)

func Example() {
	outcome := check.Execute(check.Settings{Keep: trace.All}, func(r *check.Run) {
		h := r.NewHistory()
		h.Call(0, model.Write[int]{Value: 1}).Return(nil)
		h.Call(0, model.Write[int]{Value: 2}).Return(nil)
		h.Call(1, model.Read{}).Return(1)
		r.Linearizable("the register", model.Register(0), h, time.Minute)
	})
	for _, part := range linear.Explain(outcome.Judged[0]).Parts {
		fmt.Println(part.Broken.Told(outcome.Judged[0]))
		for _, i := range part.Broken.With {
			op := outcome.Judged[0].Operations[i]
			fmt.Printf("  client %d: %s: %s\n", op.Client, linear.Asked(op), linear.Answered(op))
		}
	}
	// Output:
	// read, by client 1, was answered 1; right would have been 2
	//   client 0: write 1: done
	//   client 0: write 2: done
	//   client 1: read: 1
}
