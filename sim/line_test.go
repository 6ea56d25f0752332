package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// pickers are choosers that decide who goes next, of all kinds that there are.
var pickers = map[string]func(seed uint64) choice.Chooser{
	"pct":   func(seed uint64) choice.Chooser { return choice.NewPCT(seed, 100) },
	"pos":   func(seed uint64) choice.Chooser { return choice.NewPOS(seed) },
	"delay": func(seed uint64) choice.Chooser { return choice.NewDelayBounded(seed, 100) },
	"last":  func(seed uint64) choice.Chooser { return lastFirst{choice.NewSeeded(seed)} },
}

// lastFirst lets the one that became ready last go first.
type lastFirst struct{ choice.Chooser }

func (l lastFirst) Picker() choice.Picker { return l }

func (lastFirst) Next(ready []choice.Ready, _ choice.Touched) int { return len(ready) - 1 }

// recordAndReplay insists that what a Picker did is had again by key, without it.
func recordAndReplay(t require.TestingT, chooser choice.Chooser, run func(choice.Chooser) *World) {
	plain := run(chooser)
	recorder := choice.NewRecorder(chooser)
	recorded := run(recorder)
	replayer := choice.NewReplayer(recorder.Answers(), nil)
	replayed := run(replayer)
	require.Equal(t, recorded.Hash(), replayed.Hash(), "%v", recorder.Answers())
	require.Equal(t, keyOf(recorded), keyOf(replayed))
	require.Empty(t, replayer.NeverAsked())
	if _, stateless := chooser.(lastFirst); stateless {
		require.Equal(t, plain.Hash(), recorded.Hash(), "to record changes nothing")
	}
}

func keyOf(w *World) string {
	if w.Failure() == nil {
		return ""
	}
	return w.Failure().Key
}

func TestWhatAPickerDidReplaysByRanks(t *testing.T) {
	for name, chooser := range pickers {
		for _, stalls := range []StallWeights{{}, Quiet()} {
			seeds(t, 100, func(seed uint64) {
				recordAndReplay(t, chooser(seed), func(c choice.Chooser) *World {
					w := everything(Config{Chooser: c, Stalls: stalls}, func(core.Env) {})
					require.Nil(t, w.Failure(), "%s, seed %d", name, seed)
					return w
				})
			})
		}
	}
}

// TestCrowdedInstantReplaysByRanks has tasks meet at the same instants, with timers that are due just as what
// they guard happens, and messages that arrive then.
func TestCrowdedInstantReplaysByRanks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		program := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(0, 7), 1, 12), 2, 5).Draw(rt, "program")
		name := rapid.SampledFrom([]string{"pct", "pos", "delay", "last"}).Draw(rt, "picker")
		seed := rapid.Uint64Range(0, 1000).Draw(rt, "seed")
		recordAndReplay(rt, pickers[name](seed), func(c choice.Chooser) *World { return crowd(c, program) })
	})
}

// crowd runs tasks, each of a list of operations.
func crowd(chooser choice.Chooser, program [][]int) *World {
	w := NewWorld(Config{Chooser: chooser, Stalls: Quiet(), WorkloadBound: time.Minute})
	other := w.AddNode("server", serve)
	n := w.AddNode("client", func(core.Env) {})
	var bells []core.Signal
	var lock interface {
		Lock()
		Unlock()
	}
	for i, operations := range program {
		w.Workload(n, fmt.Sprint("task", i), func(env core.Env) {
			if lock == nil {
				lock = env.NewLocker()
			}
			bell, ctx := env.NewSignal(), env.Context()
			bells = append(bells, bell)
			for _, operation := range operations {
				switch operation {
				case 0:
					env.Yield("here")
				case 1:
					_ = env.Sleep(ctx, ms)
				case 2:
					_ = bell.Wait(ctx, ms)
				case 3:
					bells[operation%len(bells)].Notify()
					bells[0].Notify()
				case 4:
					lock.Lock()
					env.Yield("inside")
					lock.Unlock()
				case 5:
					under, cancel := env.WithTimeout(ctx, ms)
					_ = env.Sleep(under, 2*ms)
					cancel()
				case 6:
					env.Go("child", func() { bells[0].Notify(); env.Yield("child") })
				case 7:
					call(env)
				}
			}
		})
	}
	w.After(2*ms, "pause", other.Pause)
	w.After(4*ms, "resume", other.Resume)
	w.After(5*ms, "crash", other.Restart)
	w.Run()
	return w
}

func TestFirstComeFirstServedNeedsNoRanks(t *testing.T) {
	recorder := choice.NewRecorder(firstFirst{choice.NewReplayer(nil, nil)})
	crowd(recorder, [][]int{{0, 1, 0}, {0, 1, 4}, {4, 4, 6}})
	require.Empty(t, recorder.Answers())
}

type firstFirst struct{ choice.Chooser }

func (f firstFirst) Picker() choice.Picker { return f }

func (firstFirst) Next([]choice.Ready, choice.Touched) int { return 0 }

func TestStrategyThatStarvesLetsEveryoneRun(t *testing.T) {
	starved := 0
	for name, chooser := range pickers {
		seeds(t, 100, func(seed uint64) {
			if name == "last" {
				return
			}
			ended, turns := false, 0
			w := NewWorld(Config{Chooser: chooser(seed), Stalls: Quiet()})
			n := w.AddNode("n", func(core.Env) {})
			w.Workload(n, "asks", func(env core.Env) {
				for !ended {
					turns++
					env.Yield("is it done?")
				}
			})
			w.Workload(n, "works", func(core.Env) { ended = true })
			require.Nil(t, w.Run(), "%s, seed %d", name, seed)
			require.LessOrEqual(t, turns, choice.Patience+3)
			if turns > choice.Patience/2 {
				starved++
			}
		})
	}
	require.NotZero(t, starved, "no strategy would have starved anybody: the test shows nothing")
}
