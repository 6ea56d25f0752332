package stats_test

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core/stats"
)

// A worker counts, its first report is lost, its second arrives twice, and the owner still has every
// arrival once.
func Example() {
	start := stats.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	windows := stats.DefaultConfig()
	stream := stats.Stream{Job: "j1", Datacenter: "east", Workflow: "browse", Attempt: 1}
	worker := stats.Source{Worker: "w1", Incarnation: 1}

	collector, _ := stats.NewCollector("j1", windows, start)
	_ = collector.Open(stream, worker, start)

	// The worker: one sample every 10 ms for half a second, and a final entry.
	outbox, _ := stats.NewOutbox(stats.DefaultOutboxConfig(stream, windows), stats.NewClock(start, 0), 0)
	now := time.Duration(0)
	for n := range 50 {
		now = time.Duration(n) * 10 * time.Millisecond
		outbox.Record(now, stats.Sample{Outcome: stats.OK, Latency: time.Duration(n+1) * time.Millisecond})
	}
	lost := outbox.Batch(now, 10)
	outbox.Settle(false) // sent, and nobody knows that it was lost
	fmt.Println("lost: entry", lost[0].N)
	outbox.Finish(now)

	// The owner: takes what is next, and says what it wants.
	deliver := func() {
		batch := outbox.Batch(now, 10)
		outbox.Settle(false)
		for range 2 { // the network delivers it twice
			for _, e := range batch {
				receipt := collector.Apply(e, worker, start.Add(now))
				fmt.Printf("entry %d: %v, wants %d\n", e.N, receipt.Result, receipt.Next)
				outbox.Want(receipt.Next)
			}
		}
	}
	deliver()
	deliver()
	_ = outbox.Durable(now, 2) // the owner's checkpoint holds both
	fmt.Println("worker is done:", outbox.Done())

	for _, w := range collector.TakeAll(start.Add(2 * time.Second)) {
		at := windows.Start(w.K).Wall().Format("15:04:05.000")
		fmt.Printf("window at %s, revision %d: %v\n", at, w.Revision, w.Counts())
	}
	latency := collector.Totals()[0].Tally.Measures.Latency
	fmt.Println("p50", latency.Quantile(0.5).Round(time.Millisecond), "of", latency.Count())
	books := collector.Books()
	sums := stats.Reconcile(&books, []stats.Plan{{Datacenter: "east", Workflow: "browse", Arrivals: 50}})
	fmt.Println("balanced:", sums.Balanced())

	// Output:
	// lost: entry 1
	// entry 2: gap, wants 1
	// entry 2: gap, wants 1
	// entry 1: applied, wants 2
	// entry 2: applied, wants 3
	// entry 1: duplicate, wants 3
	// entry 2: duplicate, wants 3
	// worker is done: true
	// window at 12:00:00.000, revision 1: ok 25, failed 0, unknown 0
	// window at 12:00:00.250, revision 1: ok 25, failed 0, unknown 0
	// p50 25ms of 50
	// balanced: true
}
