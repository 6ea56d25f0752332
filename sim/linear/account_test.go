package linear_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/check/model"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/linear"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// judged judges a history as a kept run does.
func judged(m porcupine.Model, fill func(h *check.History)) explore.Judged {
	return judgedWithin(time.Minute, m, fill)
}

func judgedWithin(timeout time.Duration, m porcupine.Model, fill func(h *check.History)) explore.Judged {
	o := check.Execute(check.Settings{Keep: trace.All}, func(r *check.Run) {
		h := r.NewHistory()
		fill(h)
		r.Linearizable("it", m, h, timeout)
	})
	return o.Judged[0]
}

func inputs(j explore.Judged, which []int) (texts []string) {
	for _, i := range which {
		texts = append(texts, linear.Asked(j.Operations[i]))
	}
	return texts
}

func TestLegalHistoryHasAnOrder(t *testing.T) {
	j := judged(model.Register(0), func(h *check.History) {
		two, one := h.Call(0, model.Write[int]{Value: 2}), h.Call(1, model.Write[int]{Value: 1})
		h.Call(2, model.Read{}).Return(1)
		h.Call(2, model.Read{}).Return(2)
		two.Return(nil)
		one.Return(nil)
	})
	require.Equal(t, explore.Linearizable, j.Judgement)
	parts := linear.Explain(j).Parts
	require.Len(t, parts, 1)
	assert.True(t, parts[0].Whole)
	assert.Nil(t, parts[0].Broken)
	assert.Equal(t, []string{"write 1", "read", "write 2", "read"}, inputs(j, parts[0].Order))
	assert.Equal(t, []int64{2, 3, 3, 5}, parts[0].Points, "not in the order in which they were called")
}

func TestPointsAreWhereEffectsWereSeen(t *testing.T) {
	j := judged(model.Register(0), func(h *check.History) {
		late, lost := h.Call(0, model.Write[int]{Value: 1}), h.Call(1, model.Write[int]{Value: 2})
		h.Call(2, model.Read{}).Return(0)
		lost.TookEffect()
		late.TookEffect()
		late.Return(nil)
	})
	part := linear.Explain(j).Parts[0]
	assert.Equal(t, []string{"read", "write 2", "write 1"}, inputs(j, part.Order))
	assert.Equal(t, []int64{3, 5, 6}, part.Points)
}

func TestStaleReadIsToldWithWhatItContradicts(t *testing.T) {
	j := judged(model.KeyValue[int](), func(h *check.History) {
		h.Call(0, model.Put[int]{Key: "b", Value: 7}).Return(nil)
		h.Call(0, model.Put[int]{Key: "a", Value: 7}).Return(nil)
		h.Call(0, model.Put[int]{Key: "a", Value: 1}).Return(nil)
		h.Call(1, model.Get{Key: "a"}).Return(model.Some(1))
		h.Call(0, model.Put[int]{Key: "a", Value: 2}).Return(nil)
		h.Call(1, model.Get{Key: "a"}).Return(model.Some(1))
		h.Call(1, model.Get{Key: "a"}).Return(model.Some(2))
	})
	parts := linear.Explain(j).Parts
	require.Len(t, parts, 2)
	assert.True(t, parts[0].Whole, "the other key")
	part := parts[1]
	assert.False(t, part.Whole)
	assert.Equal(t, []string{"put a=7", "put a=1", "get a", "put a=2"}, inputs(j, part.Order))
	require.NotNil(t, part.Broken)
	assert.Equal(t, 5, part.Broken.Operation, "what comes after it is not looked at")
	assert.Equal(t, []string{"put a=1", "put a=2", "get a"}, inputs(j, part.Broken.With),
		"the value that is read was there, and was overwritten")
	assert.Equal(t, []string{"2"}, part.Broken.Right)
	assert.Equal(t, "get a, by client 1, was answered 1; right would have been 2", part.Broken.Told(j))
}

func TestNewValueAndThenTheOldOne(t *testing.T) {
	j := judged(model.Register(""), func(h *check.History) {
		h.Call(0, model.Write[string]{Value: "new"}) // never answered
		h.Call(2, model.Read{}).Return("")
		h.Call(1, model.Read{}).Return("new")
		h.Call(2, model.Read{}).Return("")
	})
	broken := linear.Explain(j).Parts[0].Broken
	require.NotNil(t, broken)
	assert.Equal(t, []int{0, 2, 3}, broken.With, "the first read contradicts nobody")
	assert.Equal(t, `read, by client 2, was answered ""; right would have been new`, broken.Told(j))
}

func TestStatesAreToldWhereNobodyKnowsTheAnswer(t *testing.T) {
	j := judged(model.KeyValue[int](), func(h *check.History) {
		h.Call(0, model.Put[int]{Key: "a", Value: 2}).Return(nil)
		h.Call(1, model.Get{Key: "a"}).Return(model.Some(9))
	})
	broken := linear.Explain(j).Parts[0].Broken
	require.NotNil(t, broken)
	assert.Empty(t, broken.Right)
	assert.Equal(t, "get a, by client 1, was answered 9; the state can only have been 2", broken.Told(j))
}

func TestWhatWasDeniedAndTookEffectIsNamed(t *testing.T) {
	j := judged(model.Register(0), func(h *check.History) {
		op := h.Call(0, model.Write[int]{Value: 1})
		op.Refuse()
		op.TookEffect()
	})
	account := linear.Explain(j)
	assert.Equal(t, []int{0}, account.Denied)
	assert.Empty(t, account.Parts)
}

// The write of 1 can be spared only once the read of 1 is.
func TestWhatCanBeSparedOnlyAfterAnotherIs(t *testing.T) {
	j := judged(model.Register(0), func(h *check.History) {
		other := h.Call(0, model.Read{})
		h.Call(1, model.Write[int]{Value: 2}).TookEffect()
		read := h.Call(2, model.Read{})
		h.Call(3, model.Write[int]{Value: 1})
		other.Return(1)
		read.Return(0)
	})
	assert.Equal(t, []int{1, 2}, linear.Explain(j).Parts[0].Broken.With)
}

// register has histories of a register whose answers may be wrong.
func register(t *rapid.T) func(h *check.History) {
	return func(h *check.History) {
		var pending []*check.Operation
		for client := range rapid.IntRange(1, 9).Draw(t, "operations") {
			var input any = model.Read{}
			if rapid.Bool().Draw(t, "writes") {
				input = model.Write[int]{Value: rapid.IntRange(1, 2).Draw(t, "value")}
			}
			pending = append(pending, h.Call(client, input))
			for rapid.Bool().Draw(t, "goes on") {
				op := rapid.SampledFrom(pending).Draw(t, "who")
				switch _, reads := op.Input.(model.Read); {
				case rapid.IntRange(0, 3).Draw(t, "effect") == 0:
					op.TookEffect()
				case reads:
					op.Return(rapid.IntRange(0, 2).Draw(t, "output"))
				default:
					op.Return(nil)
				}
			}
		}
	}
}

func TestAccountAgreesWithTheJudgement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := judged(model.Register(0), register(t))
		part := linear.Explain(j).Parts[0]
		require.Equal(t, j.Judgement == explore.Linearizable, part.Whole)
		require.Equal(t, part.Whole, part.Broken == nil)
		at, state := int64(0), any(0)
		for n, i := range part.Order {
			op := checked(j, i)
			require.LessOrEqual(t, at, part.Points[n])
			at = part.Points[n]
			require.LessOrEqual(t, op.Call, at)
			require.LessOrEqual(t, at, op.Return)
			var legal bool
			legal, state = j.Model.Step(state, op.Input, op.Output)
			require.True(t, legal)
		}
		if part.Whole {
			require.Len(t, part.Order, len(part.Operations))
			return
		}
		broken := checked(j, part.Broken.Operation)
		for _, i := range part.Operations {
			if checked(j, i).Return < broken.Return {
				require.Contains(t, part.Order, i, "the order explains what was answered before")
			}
		}
		requireContradiction(t, j, part.Broken)
	})
}

// requireContradiction holds what is told of a contradiction to porcupine.
func requireContradiction(t *rapid.T, j explore.Judged, c *linear.Contradiction) {
	require.Contains(t, c.With, c.Operation)
	end := checked(j, c.Operation).Return
	// A call that had no end by then may have happened by then, or not: it does so with its answer.
	history := func(of []int, right *int) (some, none []porcupine.Operation) {
		for _, i := range of {
			op := checked(j, i)
			switch {
			case i == c.Operation && right != nil:
				op.Output = *right
			case op.Return > end:
				op.Return = math.MaxInt64
				if _, reads := op.Input.(model.Read); reads {
					op.Output = check.NoAnswer{}
				}
			}
			if op.Call < end {
				some = append(some, op)
				if i != c.Operation {
					none = append(none, op)
				}
			}
		}
		return some, none
	}
	all, others := history(c.With, nil)
	require.False(t, porcupine.CheckOperations(j.Model, all))
	require.True(t, porcupine.CheckOperations(j.Model, others))
	for _, i := range c.With {
		fewer := slices.DeleteFunc(slices.Clone(c.With), func(k int) bool { return k == i })
		if i != c.Operation {
			some, others := history(fewer, nil)
			anytime := slices.Clone(some)
			for k, op := range anytime {
				if op.Call == checked(j, c.Operation).Call {
					anytime[k].Call, anytime[k].Return = 0, math.MaxInt64
				}
			}
			require.False(t, porcupine.CheckOperations(j.Model, others) &&
				porcupine.CheckOperations(j.Model, anytime) && !porcupine.CheckOperations(j.Model, some),
				"%v need not be there", checked(j, i))
		}
	}
	everything := make([]int, len(j.Operations))
	for i := range everything {
		everything[i] = i
	}
	for _, text := range c.Right {
		right := int(text[0] - '0')
		legal, _ := history(everything, &right)
		require.True(t, porcupine.CheckOperations(j.Model, legal), "%s would have been right", text)
	}
}

// checked is an operation as it was judged.
func checked(j explore.Judged, i int) porcupine.Operation {
	at := slices.IndexFunc(j.Checked, func(op porcupine.Operation) bool {
		return op.Call == j.Operations[i].Called.Position
	})
	return j.Checked[at]
}

func TestLongHistoryIsExplainedWithinItsTrials(t *testing.T) {
	j := judgedWithin(time.Nanosecond, model.Register(0), func(h *check.History) {
		for i := range 10_000 {
			write, read := h.Call(0, model.Write[int]{Value: i + 1}), h.Call(1, model.Read{})
			h.Call(2, model.Write[int]{Value: -i}) // never answered, and seen by nobody
			write.Return(nil)
			read.Return(i + i%2)
		}
		h.Call(1, model.Read{}).Return(77)
	})
	part := linear.Explain(j).Parts[0]
	assert.GreaterOrEqual(t, len(part.Order), 15_000)
	once := linear.Explain(j).Parts[0]
	assert.Equal(t, once, part, "one history, one account")
}
