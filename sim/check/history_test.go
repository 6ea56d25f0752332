package check_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/trace"
)

type write struct{ value int }
type read struct{}

// register is a number that is written and read; who got no answer may have written.
var register = porcupine.Model{
	Init: func() any { return 0 },
	Step: func(state, input, output any) (bool, any) {
		if w, ok := input.(write); ok {
			return true, w.value
		}
		_, lost := output.(check.NoAnswer)
		return lost || output == state, state
	},
}

func TestStaleReadIsNotLinearizable(t *testing.T) {
	h := check.NewHistory(nil)
	h.Call(0, write{1}).Return(nil)
	h.Call(1, read{}).Return(0)
	assert.Equal(t, check.Illegal, check.Linearizable(register, h, time.Minute))
}

func TestConcurrentReadMaySeeEither(t *testing.T) {
	for _, seen := range []int{0, 1} {
		h := check.NewHistory(nil)
		w, r := h.Call(0, write{1}), h.Call(1, read{})
		r.Return(seen)
		w.Return(nil)
		assert.Equal(t, check.Ok, check.Linearizable(register, h, time.Minute), "saw %d", seen)
	}
}

func TestCallWithoutAnswerMayTakeEffectLaterOrNever(t *testing.T) {
	for _, seen := range []int{0, 1} {
		h := check.NewHistory(nil)
		h.Call(0, write{1})
		h.Call(1, read{}).Return(0)
		h.Call(1, read{}).Return(seen)
		assert.Equal(t, check.Ok, check.Linearizable(register, h, time.Minute), "saw %d", seen)
	}
	h := check.NewHistory(nil)
	h.Call(0, write{1})
	h.Call(1, read{}).Return(1)
	h.Call(1, read{}).Return(0)
	assert.Equal(t, check.Illegal, check.Linearizable(register, h, time.Minute), "writes do not come undone")
}

func TestRefusedCallDidNotHappen(t *testing.T) {
	h := check.NewHistory(nil)
	h.Call(0, write{1}).Refuse()
	h.Call(1, read{}).Return(1)
	assert.Equal(t, check.Illegal, check.Linearizable(register, h, time.Minute))
}

func TestFirstEndOfACallCounts(t *testing.T) {
	h := check.NewHistory(nil)
	h.Call(0, write{1}).Return(nil)
	op := h.Call(1, read{})
	op.Return(1)
	op.Return(0)
	op.Refuse()
	assert.Equal(t, check.Ok, check.Linearizable(register, h, time.Minute))
	assert.Equal(t, 1, op.Output)
}

func TestCallsOfOneInstantAreInOrder(t *testing.T) {
	// Both operations happen at one virtual time, one after the other: stamped with time they would count
	// as concurrent, and the stale read would pass.
	o := run(func(r *check.Run) {
		h := r.NewHistory()
		w := inTask(r, func(env core.Env) {
			h.Call(0, write{1}).Return(nil)
			op := h.Call(1, read{})
			op.Return(0)
			assert.NotZero(r, op.Called.Step)
		})
		require.Zero(r, w.Now())
		assert.Equal(r, check.Illegal, r.Linearizable("the register", register, h, time.Minute))
	})
	require.NotNil(t, o.Failure)
	assert.True(t, o.Failure.Invariant)
	assert.Equal(t, "the register", o.Failure.Key)
}

func TestUndecidedHistoryIsReportedAsUnknown(t *testing.T) {
	o := run(func(r *check.Run) {
		h := r.NewHistory()
		for i := range 40 { // 40 concurrent writes have 2^40 states to rule out
			h.Call(i, write{i + 1})
		}
		h.Call(40, read{}).Return(-1)
		assert.Equal(r, check.Unknown, r.Linearizable("the register", register, h, time.Millisecond))
	})
	assert.Nil(t, o.Failure)
	assert.Equal(t, []string{"the register"}, o.Unknown)
	assert.Equal(t, "unknown", fmt.Sprint(check.Unknown))
}

func TestKeptRunKeepsWhatWasJudged(t *testing.T) {
	body := func(r *check.Run) {
		h := r.NewHistory()
		inTask(r, func(env core.Env) {
			op := h.Call(3, write{1})
			assert.NoError(r, env.Sleep(env.Context(), time.Second))
			op.Return(nil)
			h.Call(1, read{}).Refuse()
			h.Call(2, read{})
		})
		r.Linearizable("the register", register, h, time.Minute)
	}
	o := check.Execute(check.Settings{Keep: trace.All}, body)
	require.Len(t, o.Judged, 1)
	judged := o.Judged[0]
	assert.Equal(t, "the register", judged.Name)
	assert.Equal(t, check.Ok, judged.Judgement)
	require.Len(t, judged.Operations, 3)
	first := judged.Operations[0]
	assert.Equal(t, write{1}, first.Input)
	assert.Equal(t, 3, first.Client)
	assert.Equal(t, int64(1), first.Called.Position)
	assert.Equal(t, int64(2), first.Ended.Position)
	assert.GreaterOrEqual(t, first.Ended.At-first.Called.At, time.Second)
	assert.Greater(t, first.Ended.Step, first.Called.Step)
	assert.Equal(t, []trace.Ending{trace.Returned, trace.Refused, trace.Open},
		[]trace.Ending{first.Ending, judged.Operations[1].Ending, judged.Operations[2].Ending})
	require.Len(t, judged.Checked, 2, "without what was refused")
	assert.Equal(t, judged.Operations[2].Called.Position, judged.Checked[1].Call)
	assert.Empty(t, check.Execute(check.Settings{}, body).Judged)
}
