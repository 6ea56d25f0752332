package core_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/transport"
)

// A task that owns a number: others put requests into its mailbox, and it waits for those, for a deadline,
// and for the end of its node. The order in which it looks is its select: what was put before the end is
// still summed.
func Example() {
	node, err := transport.New(transport.Config{Name: "counter"})
	if err != nil {
		fmt.Println(err)
		return
	}
	env := node.Env()
	bell := env.NewSignal()
	requests := core.NewMailbox[int](bell, 8)
	drained := core.NewLatch(env)
	env.Go("owner", func() {
		defer drained.Open()
		sum, deadline := 0, env.Now().Add(time.Minute)
		for {
			if n, ok := requests.TryTake(); ok {
				sum += n
				continue
			}
			err := bell.Wait(env.Context(), deadline.Sub(env.Now()))
			if err != nil { // ErrElapsed, or the node is asked to stop
				fmt.Println("sum", sum, errors.Is(err, context.Canceled))
				return
			}
		}
	})
	for n := range 8 {
		if !requests.Put(n) { // a full mailbox is an answer, not a wait
			fmt.Println("refused", n)
		}
	}
	fmt.Println("stopped:", node.Stop(context.Background()), drained.IsOpen())
	// Output:
	// sum 28 true
	// stopped: <nil> true
}
