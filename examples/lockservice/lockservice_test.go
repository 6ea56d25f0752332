package lockservice_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/examples/lockservice"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// noLostUpdate holds that each stored number is one more than the one before it.
type noLostUpdate struct {
	run  *check.Run
	last lockservice.Stored
}

const increments = 20 // by each client

const noUpdateIsLost = "no update is lost"

func (*noLostUpdate) Name() string { return noUpdateIsLost }

func (i *noLostUpdate) Observe(o check.Observation) error {
	switch fact := o.Event.(type) {
	case lockservice.Fenced:
		i.run.Reached("an old token was turned away")
	case lockservice.Stored:
		before := i.last
		if i.last = fact; fact.Value != before.Value+1 {
			return fmt.Errorf("token %d wrote %d over the %d of token %d",
				fact.Token, fact.Value, before.Value, before.Token)
		}
	}
	return nil
}

func (*noLostUpdate) End() error { return nil }

// counting has two clients add to the number, whatever befalls them and the network meanwhile.
func counting(fencing bool, faults ...sim.FaultKind) func(r *check.Run) {
	return func(r *check.Run) {
		r.Hold(&noLostUpdate{run: r})
		between := sim.UniformLatency(5*time.Millisecond, 20*time.Millisecond)
		w := r.World(sim.Config{Network: sim.NetworkConfig{Link: sim.LinkConfig{Latency: between}}})
		w.AddNode("locks", func(env core.Env) {
			require.NoError(r, lockservice.ServeLocks(env, "locks:1"))
		})
		w.AddNode("store", func(env core.Env) {
			require.NoError(r, lockservice.ServeStore(env, "store:1", fencing))
		})
		clients := []string{"ann", "bob"}
		for _, name := range clients {
			w.Workload(w.AddNode(name, nil), "count", func(env core.Env) {
				client, err := lockservice.NewClient(env, core.Address(name+":1"), "locks:1", "store:1")
				require.NoError(r, err)
				for done := 0; done < increments; {
					if client.Increment(env.Context()) == nil {
						done++
					}
					_ = env.Sleep(env.Context(), time.Duration(env.Rand().IntN(200))*time.Millisecond)
				}
			})
		}
		if len(faults) > 0 {
			require.NoError(r, w.Inject(sim.Faults{
				Kinds: faults, Until: 10 * time.Second, Intensity: 8,
				Nodes: map[sim.FaultKind][]string{sim.FaultPause: clients},
			}))
		}
		w.Run()
	}
}

func pausesAndPartitions() []sim.FaultKind {
	return []sim.FaultKind{sim.FaultPause, sim.FaultPartition}
}

func TestWithoutFaultsTheBugDoesNotShow(t *testing.T) {
	simtest.CheckWith(t, simtest.Options{Seeds: 200}, counting(false))
}

func TestAPauseLosesAnUpdateWithoutFencing(t *testing.T) {
	scenario := check.Scenario("no fencing", counting(false, pausesAndPartitions()...))
	reports, err := explore.Campaign{
		Scenarios: []explore.Scenario{scenario}, Base: 1, Seeds: 1000,
	}.Explore(context.Background())
	require.NoError(t, err)
	require.Len(t, reports[0].Found, 1, "the bug was not found")
	failure := reports[0].Found[0].Outcome.Failure
	t.Logf("schedule %d: %s", reports[0].Runs, failure.Message)
	require.Equal(t, noUpdateIsLost, failure.Key)
	require.True(t, failure.Invariant)
}

func TestAFencingTokenKeepsEveryUpdate(t *testing.T) {
	body := counting(true, pausesAndPartitions()...)
	report := simtest.CheckWith(t, simtest.Options{Seeds: 400}, body)
	if report.Runs == 400 { // neither a replay nor fewer, by a flag
		require.NotEmpty(t, report.Reached, "no old token ever came: nothing was shown")
	}
}
