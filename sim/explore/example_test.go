package explore_test

import (
	"context"
	"fmt"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// A campaign finds the one face in a hundred that breaks a die, and the failure's file finds it again.
func Example() {
	die := func(chooser choice.Chooser, keep bool) explore.Outcome {
		face := choice.NewStream(choice.Fault, "die").Ask(chooser, 100, nil)
		o := explore.Outcome{Hash: uint64(face)}
		if face == 99 {
			o.Failure = &explore.Failure{Key: "no ninety-nine", Invariant: true, Message: "it shows 99"}
		}
		return o
	}
	reports, err := explore.Campaign{
		Scenarios: []explore.Scenario{{Name: "die", Body: die}}, Base: 1, Seeds: 10_000,
	}.Explore(context.Background())
	if err != nil || len(reports[0].Found) == 0 {
		fmt.Println("not found:", err)
		return
	}
	file := reports[0].Found[0].File
	fmt.Println(file.Failure.Message, file.Choices)
	answer, err := explore.Replay(file, die)
	fmt.Println(answer.Explain(file), err)
	// Output:
	// it shows 99 map[fault die 0:99]
	// replayed: identical <nil>
}
