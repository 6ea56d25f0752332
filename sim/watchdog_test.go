package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
)

func TestWatchdogNamesTheTaskThatBlocks(t *testing.T) {
	var out strings.Builder
	release, exits := make(chan struct{}), make(chan int, 1)
	dog := &watchdog{limit: ms, every: ms, out: &out, exit: func(code int) { exits <- code }}
	w := NewWorld(Config{})
	n := w.AddNode("n", func(core.Env) {})
	w.Workload(n, "stuck", func(env core.Env) { <-release })
	dog.add(w)
	ended := make(chan *Failure)
	go func() { ended <- w.Run() }()
	require.Equal(t, 1, <-exits)
	require.Contains(t, out.String(), "task n/stuck runs for")
	require.Contains(t, out.String(), "TestWatchdogNamesTheTaskThatBlocks.func", "all stacks")
	close(release)
	require.Nil(t, <-ended)
	dog.remove(w)
}

func TestWatchdogIsSilentWhileStepsEnd(t *testing.T) {
	dog := &watchdog{limit: time.Minute, every: time.Hour, exit: func(int) { t.Error("barked") }}
	w := NewWorld(Config{})
	n := w.AddNode("n", func(core.Env) {})
	w.Workload(n, "main", func(env core.Env) {
		for range 100 {
			dog.look()
			require.True(t, w.heartbeat.asked.Load())
			_ = env.Sleep(env.Context(), ms)
			require.False(t, w.heartbeat.asked.Load(), "the step's end answers")
		}
	})
	dog.add(w)
	require.Nil(t, w.Run())
	dog.remove(w)
}

func TestWatchdogBlamesNobodyForTimeInADebugger(t *testing.T) {
	dog := &watchdog{every: time.Hour, exit: func(int) { t.Error("barked") }}
	w := NewWorld(Config{})
	w.Workload(w.AddNode("n", func(core.Env) {}), "main", func(core.Env) {
		dog.look()
		dog.looked = time.Now().Add(-2 * time.Hour)
		dog.look() // the step has lasted, and longer than the limit of nothing; but the process stood still
	})
	dog.add(w)
	require.Nil(t, w.Run())
	dog.remove(w)
}
