package load_test

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Two workers with one and two cores run seven requests a second. Neither knows of the other, and together
// they send exactly what one would have sent.
func Example() {
	plan := load.Plan{Rate: load.PerSecond(7), Duration: time.Second}
	parts, err := plan.Split([]uint32{1, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, part := range parts {
		pacer := load.NewPacer(part, core.Instant(0))
		fmt.Printf("worker %d:", i+1)
		for !pacer.Finished() {
			fmt.Printf(" %v", time.Duration(pacer.Take()).Round(time.Millisecond))
		}
		fmt.Println()
	}
	// Output:
	// worker 1: 0s 429ms 857ms
	// worker 2: 143ms 286ms 571ms 714ms
}

// An engine records into a Tally, and the worker drains it at each cut of a window.
func ExampleTally() {
	var tally load.Tally
	tally.Released(2)
	tally.Done(load.Sample{Sent: core.Instant(time.Millisecond), End: core.Instant(5 * time.Millisecond)})

	var window stats.Tally
	position, _ := tally.Drain(&window)
	fmt.Println(window.Counts)
	fmt.Println("in flight", position-window.Counts.Planned())
	fmt.Println("latency", window.Measures.Latency.Max(), "send lag", window.Measures.SendLag.Max())
	// Output:
	// ok 1, failed 0, unknown 0
	// in flight 1
	// latency 5ms send lag 1ms
}
