package story_test

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
	"github.com/windtunnel/windtunnel/sim/trace"
)

func Example() {
	told := story.Story{
		Outcome: explore.Outcome{
			Failure: &explore.Failure{
				Key: "one holder", Invariant: true, Message: "n2 took what n1 holds", Who: "n2/take", Step: 9,
				At: 2 * time.Second,
			},
			Trace: []trace.Event{
				{ID: 1, At: time.Second, Lane: "n1/take", Kind: trace.Note, Text: "took it"},
				{ID: 2, At: 2 * time.Second, Lane: "n2/take", Kind: trace.Note, Text: "took it"},
			},
		},
		Seed: 5, Base: 1, Run: 3, Strategy: "random", Asked: 20, Loud: 4,
	}
	fmt.Print(told.Text())
	// Output:
	// invariant "one holder" broken at step 9, +2.000s, by n2/take
	//   n2 took what n1 holds
	// seed 5 (run 3 from base 1), strategy random: 4 of 20 choices were not quiet
	// faults: none
	// the last 2 of 2 events:
	//   +1.000s  n1/take  note  took it
	//   +2.000s  n2/take  note  took it
}
