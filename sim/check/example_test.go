package check_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// beats is a node's sign of life.
type beats struct{}

func (beats) AppendText(b []byte) []byte { return append(b, "beats"...) }

// steadyHeart holds while two beats are never more than a second apart.
type steadyHeart struct{ last time.Duration }

func (*steadyHeart) Name() string { return "a beat every second" }

func (h *steadyHeart) Observe(o check.Observation) error {
	if _, ok := o.Event.(beats); !ok {
		return nil
	}
	since := o.At - h.last
	h.last = o.At
	if since > time.Second {
		return fmt.Errorf("%s was silent for %v", o.Node, since)
	}
	return nil
}

func (h *steadyHeart) End() error {
	if h.last == 0 {
		return errors.New("it never beat")
	}
	return nil
}

// A node beats later each time. The invariant ends the run at the first beat that is late.
func Example() {
	outcome := check.Execute(check.Settings{Name: "heart"}, func(r *check.Run) {
		r.Hold(&steadyHeart{})
		w := r.World(sim.Config{Stalls: sim.Quiet()})
		w.Workload(w.AddNode("n1", func(core.Env) {}), "heart", func(env core.Env) {
			for pause := 800 * time.Millisecond; pause < time.Minute; pause += 100 * time.Millisecond {
				_ = env.Sleep(env.Context(), pause)
				env.Note(beats{})
			}
		})
		w.Run()
	})
	f := outcome.Failure
	fmt.Printf("%q broken at +%v by %s: %s\n", f.Key, f.At, f.Who, f.Message)
	// Output:
	// "a beat every second" broken at +3.8s by n1/heart: n1 was silent for 1.1s
}
