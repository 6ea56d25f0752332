package timeline_test

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
	"github.com/windtunnel/windtunnel/sim/story/timeline"
	"github.com/windtunnel/windtunnel/sim/trace"
)

func Example() {
	told := story.Story{
		Outcome: explore.Outcome{
			Failure: &explore.Failure{Key: "one holder", Invariant: true, Message: "n2 took what n1 holds"},
			Trace: []trace.Event{
				{ID: 1, At: time.Second, Lane: "n1", Kind: trace.Send, Text: "n1 → n2 mine"},
				{ID: 2, At: 2 * time.Second, Lane: "n2", Kind: trace.Deliver, Cause: 1, Text: "n1 → n2 mine"},
			},
		},
		Strategy: "random",
	}
	var page bytes.Buffer
	if err := timeline.WritePage(&page, told, explore.File{Scenario: "locks"}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(bytes.HasPrefix(page.Bytes(), []byte("<!doctype html>")))
	if err := timeline.Export(os.Stdout, "shiviz", told.Outcome); err != nil {
		fmt.Println(err)
	}
	// Output:
	// true
	// n1 {"n1":1}
	// send n1 → n2 mine
	// n2 {"n1":1,"n2":1}
	// deliver n1 → n2 mine
}
