package check_test

import (
	"context"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/trace"
)

func TestSeenEffectOfACallWithoutAnswerHappenedByThen(t *testing.T) {
	for told, want := range map[bool]check.Judgement{false: check.Ok, true: check.Illegal} {
		h := check.NewHistory(nil)
		op := h.Call(0, write{1})
		if told {
			op.TookEffect()
		}
		h.Call(1, read{}).Return(0)
		assert.Equal(t, want, check.Linearizable(register, h, time.Minute), "told %v", told)
	}
}

func TestLostEffectIsNotHidden(t *testing.T) {
	// A server says that it has written, forgets it, and later is asked: the answer contradicts it.
	h := check.NewHistory(nil)
	h.Call(0, write{1}).TookEffect()
	h.Call(1, read{}).Return(1)
	h.Call(1, read{}).Return(0)
	h.Resolve()
	assert.Equal(t, check.Illegal, check.Linearizable(register, h, time.Minute))
}

func TestCallThatNeverTookEffectIsSeenByNobody(t *testing.T) {
	for resolved, want := range map[bool]check.Judgement{false: check.Ok, true: check.Illegal} {
		h := check.NewHistory(nil)
		h.Call(0, write{1})
		h.Call(1, read{}).Return(1)
		if resolved {
			h.Resolve()
		}
		assert.Equal(t, want, check.Linearizable(register, h, time.Minute), "resolved %v", resolved)
	}
}

func TestEffectOfAnAnsweredCallIsAHint(t *testing.T) {
	// An acknowledged write that the server does afterwards, and a read that saw it before that.
	h := check.NewHistory(nil)
	op := h.Call(0, write{1})
	op.Return(nil)
	h.Call(1, read{}).Return(1)
	op.TookEffect()
	assert.Equal(t, check.Ok, check.Linearizable(register, h, time.Minute))

	h = check.NewHistory(nil)
	op = h.Call(0, write{1})
	op.Return(nil)
	stale := h.Call(1, read{})
	stale.TookEffect()
	stale.Return(0)
	op.TookEffect()
	assert.Equal(t, check.Illegal, check.Linearizable(register, h, time.Minute),
		"the effects are in an order that explains the answers, and one is not in its call's time")
}

func TestRefusedCallThatTookEffectIsIllegal(t *testing.T) {
	o := check.Execute(check.Settings{}, func(r *check.Run) {
		h := r.NewHistory()
		op := h.Call(7, write{1})
		op.Refuse()
		op.TookEffect()
		assert.Equal(r, check.Illegal, r.Linearizable("the register", register, h, time.Minute))
	})
	require.NotNil(t, o.Failure)
	assert.Equal(t, "{1} of client 7 was refused, and took effect", o.Failure.Message)
}

func TestResolvedHistorySaysWhatHappened(t *testing.T) {
	h := check.NewHistory(nil)
	h.Call(0, write{1}).TookEffect()
	h.Call(1, write{2})
	h.Resolve()
	ops := h.Operations()
	assert.Equal(t, trace.Open, ops[0].Ending)
	assert.Equal(t, int64(2), ops[0].Effect.Position)
	assert.Equal(t, trace.Void, ops[1].Ending)
	assert.Equal(t, []string{"open", "void"}, []string{ops[0].Ending.String(), ops[1].Ending.String()})
}

// applied is the fact that a server has done the operation of a number.
type applied struct{ number int }

func (applied) AppendText(b []byte) []byte { return append(b, "applied"...) }

func TestNotedFactsAreEffects(t *testing.T) {
	o := run(func(r *check.Run) {
		h := r.NewHistory()
		asked := []*check.Operation{h.Call(0, write{1}), h.Call(1, write{2})}
		r.Hold(check.Effects(func(o check.Observation) *check.Operation {
			if f, ok := o.Event.(applied); ok {
				return asked[f.number]
			}
			return nil
		}))
		inTask(r, func(env core.Env) {
			assert.NoError(r, env.Sleep(env.Context(), time.Second))
			env.Note(applied{1})
			env.Note(applied{1})
			h.Call(2, read{}).Return(0)
		})
		effect := h.Operations()[1].Effect
		assert.Equal(r, int64(3), effect.Position)
		assert.GreaterOrEqual(r, effect.At, time.Second)
		assert.Equal(r, check.Illegal, r.Linearizable("the register", register, h, time.Minute))
	})
	require.NotNil(t, o.Failure)
	assert.Equal(t, "the register", o.Failure.Key)
}

// arbitrary is a history of a register with any answers, and any word of effects, true or not; bare is the
// same history without a word of effects.
func arbitrary(t *rapid.T, most int) (told, bare *check.History) {
	told, bare = check.NewHistory(nil), check.NewHistory(nil)
	var ops [][2]*check.Operation
	for client := range rapid.IntRange(1, most).Draw(t, "operations") {
		var input any = read{}
		if rapid.Bool().Draw(t, "writes") {
			input = write{rapid.IntRange(1, 2).Draw(t, "value")}
		}
		ops = append(ops, [2]*check.Operation{told.Call(client, input), bare.Call(client, input)})
		for rapid.Bool().Draw(t, "goes on") {
			op := rapid.SampledFrom(ops).Draw(t, "who")
			if rapid.Bool().Draw(t, "effect") {
				op[0].TookEffect()
				continue
			}
			output := rapid.IntRange(0, 2).Draw(t, "output")
			op[0].Return(output)
			op[1].Return(output)
		}
	}
	if rapid.Bool().Draw(t, "resolved") {
		told.Resolve()
	}
	return told, bare
}

func TestNoWordOfEffectsMakesAnIllegalHistoryLegal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		told, bare := arbitrary(t, 6)
		if check.Linearizable(register, told, 0) == check.Ok {
			require.Equal(t, check.Ok, check.Linearizable(register, bare, 0))
		}
	})
}

func TestEffectsOfAnsweredCallsChangeNoVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		told, bare := check.NewHistory(nil), check.NewHistory(nil)
		var pending [][2]*check.Operation
		for client := range rapid.IntRange(1, 6).Draw(t, "operations") {
			var input any = read{}
			if rapid.Bool().Draw(t, "writes") {
				input = write{rapid.IntRange(1, 2).Draw(t, "value")}
			}
			pending = append(pending, [2]*check.Operation{told.Call(client, input), bare.Call(client, input)})
			for rapid.Bool().Draw(t, "goes on") {
				rapid.SampledFrom(pending).Draw(t, "who")[0].TookEffect()
			}
			if rapid.Bool().Draw(t, "all return") {
				for _, ops := range pending {
					output := rapid.IntRange(0, 2).Draw(t, "output")
					ops[0].Return(output)
					ops[1].Return(output)
				}
			}
		}
		for _, ops := range pending {
			ops[0].Return(0)
			ops[1].Return(0)
		}
		require.Equal(t, check.Linearizable(register, bare, 0), check.Linearizable(register, told, 0))
	})
}

type step = func(state, input, output any) (bool, any)

func contextual(s step) func(ctx context.Context, state, input, output any) (bool, any) {
	return func(_ context.Context, state, input, output any) (bool, any) { return s(state, input, output) }
}

func TestModelIsOnlyAskedForWhatItHas(t *testing.T) {
	// Neither Equal nor Partition, and a step that may be cancelled in place of Step.
	m := porcupine.Model{Init: register.Init, StepContext: contextual(register.Step)}
	h := check.NewHistory(nil)
	op := h.Call(0, write{1})
	op.TookEffect()
	op.Return(nil)
	h.Call(1, read{}).Return(1)
	assert.Equal(t, check.Ok, check.Linearizable(m, h, time.Minute))
	h.Call(1, read{}).Return(2)
	assert.Equal(t, check.Illegal, check.Linearizable(m, h, time.Minute))
}

func TestSeenEffectsAreReplayedWithoutASearch(t *testing.T) {
	h := check.NewHistory(nil)
	writes := make([]*check.Operation, 60) // of which porcupine would have to rule out 2^60 subsets
	for i := range writes {
		writes[i] = h.Call(i, write{i + 1})
	}
	for i := len(writes) - 1; i >= 0; i-- {
		reader := h.Call(100, read{})
		writes[i].TookEffect()
		reader.Return(i + 1) // the reader is between this effect and the next; nobody saw where
	}
	assert.Equal(t, check.Ok, check.Linearizable(register, h, time.Nanosecond))
	h.Call(0, read{}).Return(2)
	assert.NotEqual(t, check.Ok, check.Linearizable(register, h, time.Nanosecond))
}
