package sim_test

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// Two nodes add one each to a number that ann keeps. Whoever reads and then writes loses an update when
// both read before either writes; to ask ann to add does not.
func Example() {
	found := search(func(ask func(request string) int) { ask(strconv.Itoa(ask("get") + 1)) })
	fmt.Println("found:", found.Failure.Message)
	for _, e := range found.Trace {
		if e.Kind == trace.Note {
			fmt.Printf("  %s asked %s\n", e.Lane, e.Text)
		}
	}
	fixed := search(func(ask func(request string) int) { ask("add") })
	fmt.Println("fixed:", fixed.Failure == nil)
	// Unordered output:
	// found: the number is 1 after 2 increments
	//   ann/increment asked "get", was told 0
	//   bob/increment asked "get", was told 0
	//   ann/increment asked "1", was told 1
	//   bob/increment asked "1", was told 1
	// fixed: true
}

// search runs the scenario under up to 100 schedules and returns the first run that failed.
func search(increment func(ask func(request string) int)) explore.Outcome {
	scenario := check.Scenario("counter", func(r *check.Run) {
		w := r.World(sim.Config{})
		number := 0
		ann := w.AddNode("ann", func(env core.Env) { keep(env, &number) })
		bob := w.AddNode("bob", func(core.Env) {})
		for _, node := range []*sim.Node{ann, bob} {
			w.Workload(node, "increment", func(env core.Env) {
				endpoint, _ := env.Listen("tcp", node.Name()+":0")
				increment(func(request string) int { return ask(env, endpoint, request) })
			})
		}
		if w.Run() == nil && number != 2 {
			r.Errorf("the number is %d after 2 increments", number)
		}
	})
	reports, err := explore.Campaign{
		Scenarios: []explore.Scenario{scenario}, Base: 1, Seeds: 100,
	}.Explore(context.Background())
	if err != nil || len(reports[0].Found) == 0 {
		return explore.Outcome{}
	}
	return reports[0].Found[0].Outcome
}

// keep answers requests: "get" reads the number, "add" adds one to it, and a number replaces it.
func keep(env core.Env, number *int) {
	endpoint, err := env.Listen("tcp", "ann:1")
	for err == nil {
		from, m, failed := endpoint.Recv(env.Context())
		if failed != nil {
			return
		}
		if written, notNumber := strconv.Atoi(string(m.Body)); notNumber == nil {
			*number = written
		} else if string(m.Body) == "add" {
			*number++
		}
		err = endpoint.Send(env.Context(), from, core.Message{Body: []byte(strconv.Itoa(*number))})
	}
}

// ask sends a request to ann until it is on its way, and returns the answer.
func ask(env core.Env, endpoint core.Endpoint, request string) int {
	for endpoint.Send(env.Context(), "ann:1", core.Message{Body: []byte(request)}) != nil {
		_ = env.Sleep(env.Context(), 10*time.Millisecond) // ann has not booted yet
	}
	_, m, _ := endpoint.Recv(env.Context())
	answer, _ := strconv.Atoi(string(m.Body))
	env.Note(asked{request, answer})
	return answer
}

type asked struct {
	request string
	answer  int
}

func (a asked) AppendText(b []byte) []byte {
	return fmt.Appendf(b, "%q, was told %d", a.request, a.answer)
}
