package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
)

func TestNothingOfARunIsLeftInItsSpare(t *testing.T) {
	spare := new(Spare)
	defer spare.Close()
	NewWorld(Config{Spare: spare}).AddNode("never run", nil)
	seeds(t, 50, func(seed uint64) {
		for name, chooser := range pickers {
			run := func(spare *Spare) uint64 {
				return everything(Config{Chooser: chooser(seed), Spare: spare}, func(core.Env) {}).Hash()
			}
			require.Equal(t, run(nil), run(spare), "%s, seed %d", name, seed)
		}
		failed := NewWorld(Config{Chooser: choice.NewSeeded(seed), Spare: spare})
		n := failed.AddNode("n", nil)
		failed.Workload(n, "waits", func(env core.Env) {
			_ = env.NewSignal().Wait(env.Context(), core.Forever)
		})
		failed.Workload(n, "fails", func(env core.Env) { failed.Fail("planted", "with tasks under way") })
		require.NotNil(t, failed.Run())
	})
}
