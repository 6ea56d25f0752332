package sim

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/envtest"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// TestEnvKeepsTheContract runs the suite that every environment passes over many schedules: quiet ones, ones
// with stalls and spread latencies, and ones that a nemesis makes slow. Faults that break what a check sends
// are the check's own to ask for.
func TestEnvKeepsTheContract(t *testing.T) {
	t.Run("quiet", func(t *testing.T) { envtest.Run(t, simulated{seeds: 1, stalls: Quiet()}) })
	t.Run("stalled", func(t *testing.T) { envtest.Run(t, simulated{seeds: 12}) })
	t.Run("slow", func(t *testing.T) {
		envtest.Run(t, simulated{seeds: 6, faults: []FaultKind{
			FaultSlowLink, FaultNarrowLink, FaultHold, FaultSlowCPU, FaultPause,
		}})
	})
}

// simulated is envtest's World for the simulator.
type simulated struct {
	seeds  uint64
	stalls StallWeights
	faults []FaultKind // that disturb every node, from the beginning
}

// Cannot says that everything is possible here.
func (s simulated) Cannot() map[envtest.Ability]string { return nil }

const contractLimit = 64 << 10

func (s simulated) Run(t *testing.T, script envtest.Script) {
	for seed := range s.seeds {
		w := NewWorld(Config{
			Chooser: choice.NewSeeded(seed), Stalls: s.stalls, Rare: "contract",
			Network: NetworkConfig{Link: LinkConfig{Queue: 500}, MessageLimit: contractLimit},
		})
		told := &reports{}
		for _, node := range script(told, control{w}) {
			w.Workload(w.AddNode(node.Name, asleep), "body", node.Body)
		}
		if s.faults != nil {
			faults := Faults{Kinds: s.faults, NoSwarm: true, Until: 100 * time.Millisecond, Intensity: 8}
			if err := w.Inject(faults); err != nil {
				t.Fatal(err)
			}
		}
		failure := w.Run()
		for _, text := range told.texts {
			t.Errorf("seed %d: %s", seed, text)
		}
		if failure != nil && len(told.texts) == 0 {
			t.Errorf("seed %d: %v\n%s", seed, failure, failure.Stack)
		}
		if t.Failed() {
			t.Log(w.FaultSummary())
			return
		}
	}
}

// reports is envtest's Reporter.
type reports struct{ texts []string }

func (r *reports) Helper() {}

func (r *reports) Errorf(format string, args ...any) {
	r.texts = append(r.texts, fmt.Sprintf(format, args...))
}

// FailNow ends the task, and so the run.
func (r *reports) FailNow() { runtime.Goexit() }

// control is envtest's Control.
type control struct{ world *World }

func (c control) MessageLimit() int { return contractLimit }

func (c control) Via(_, _ string, addr core.Address) core.Address { return addr }

func (c control) Stop(env core.Env, node string) {
	c.world.Node(node).Stop()
	_ = env.Sleep(env.Context(), 10*time.Second)
	c.Crash(env, node)
}

// Crash waits before it strikes: a task that has not begun dies without a trace, and the checks count those
// that have.
func (c control) Crash(env core.Env, node string) {
	_ = env.Sleep(env.Context(), time.Second)
	c.world.Node(node).Crash()
	env.Yield("the crash is over")
}

func (c control) Cut(_ core.Env, a, b string) { c.world.Cut(a, b) }

func (c control) Stall(_ core.Env, a, b string) {
	c.world.Hold(Link{a, b})
	c.world.Hold(Link{b, a})
}

func (c control) Release(_ core.Env, a, b string) {
	c.world.Release(Link{a, b})
	c.world.Release(Link{b, a})
}

func (c control) JumpWall(_ core.Env, node string, d time.Duration) { c.world.Node(node).JumpWall(d) }
