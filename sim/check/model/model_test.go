package model_test

import (
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/check/model"
)

// kind is a model and a real object that does what it says.
type kind struct {
	name   string
	model  porcupine.Model
	input  *rapid.Generator[any]
	object func() func(input any) (output any)
}

var (
	values = rapid.IntRange(1, 3)
	keys   = rapid.SampledFrom([]string{"a", "b"})
	owners = rapid.SampledFrom([]string{"ann", "bob"})
)

// of makes a generator of inputs.
func of[T any](draw func(t *rapid.T) T) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any { return draw(t) })
}

func kinds() []kind {
	value := func(t *rapid.T) int { return values.Draw(t, "value") }
	key := func(t *rapid.T) string { return keys.Draw(t, "key") }
	owner := func(t *rapid.T) string { return owners.Draw(t, "owner") }
	maybe := func(t *rapid.T) model.Maybe[int] {
		return rapid.SampledFrom([]model.Maybe[int]{{}, model.Some(1), model.Some(2)}).Draw(t, "old")
	}
	return []kind{
		{"register", model.Register(0), rapid.OneOf(
			rapid.Just[any](model.Read{}),
			of(func(t *rapid.T) model.Write[int] { return model.Write[int]{Value: value(t)} }),
			of(func(t *rapid.T) model.CompareAndSet[int] {
				return model.CompareAndSet[int]{Old: value(t), New: value(t)}
			}),
		), newRegister},
		{"key-value", model.KeyValue[int](), rapid.OneOf(
			of(func(t *rapid.T) model.Get { return model.Get{Key: key(t)} }),
			of(func(t *rapid.T) model.Put[int] { return model.Put[int]{Key: key(t), Value: value(t)} }),
			of(func(t *rapid.T) model.Delete { return model.Delete{Key: key(t)} }),
			of(func(t *rapid.T) model.PutIf[int] {
				return model.PutIf[int]{Key: key(t), Old: maybe(t), New: value(t)}
			}),
		), newStore},
		{"lock", model.Lock(), rapid.OneOf(
			of(func(t *rapid.T) model.Acquire { return model.Acquire{Owner: owner(t)} }),
			of(func(t *rapid.T) model.Release { return model.Release{Owner: owner(t)} }),
			rapid.Just[any](model.Expire{}),
			of(func(t *rapid.T) model.Use { return model.Use{Token: uint64(value(t))} }),
		), newLock},
		{"queue", model.Queue[int](), rapid.OneOf(
			of(func(t *rapid.T) model.Enqueue[int] { return model.Enqueue[int]{Value: value(t)} }),
			rapid.Just[any](model.Dequeue{}),
		), newQueue},
		{"set", model.Set[int](), rapid.OneOf(
			of(func(t *rapid.T) model.Add[int] { return model.Add[int]{Value: value(t)} }),
			of(func(t *rapid.T) model.Remove[int] { return model.Remove[int]{Value: value(t)} }),
			of(func(t *rapid.T) model.Contains[int] { return model.Contains[int]{Value: value(t)} }),
		), newSet},
		{"log", model.Log[int](), rapid.OneOf(
			of(func(t *rapid.T) model.Append[int] { return model.Append[int]{Value: value(t)} }),
			of(func(t *rapid.T) model.ReadFrom {
				return model.ReadFrom{From: value(t) - 1, Most: rapid.IntRange(0, 2).Draw(t, "most")}
			}),
		), newLog},
	}
}

// concurrently has clients use a real object at random: what is asked is done at some moment or not at all,
// and answered at some later one or not at all. noting says how often effects are told.
func concurrently(t *rapid.T, k kind, noting int) *check.History {
	type asked struct {
		op     *check.Operation
		done   bool
		output any
	}
	h, do := check.NewHistory(nil), k.object()
	var pending []*asked
	for client := range rapid.IntRange(1, 12).Draw(t, "operations") {
		pending = append(pending, &asked{op: h.Call(client, k.input.Draw(t, "input"))})
		for len(pending) > 0 && rapid.IntRange(0, 2).Draw(t, "goes on") > 0 {
			i := rapid.IntRange(0, len(pending)-1).Draw(t, "who")
			switch a := pending[i]; {
			case !a.done && rapid.IntRange(0, 9).Draw(t, "lost") > 0:
				a.done, a.output = true, do(a.op.Input)
				if rapid.IntRange(1, 100).Draw(t, "noted") <= noting {
					a.op.TookEffect()
				}
			default: // it has its answer, or gives up on it
				if a.done && rapid.IntRange(0, 3).Draw(t, "answered") > 0 {
					a.op.Return(a.output)
				}
				pending = slices.Delete(pending, i, i+1)
			}
		}
	}
	return h
}

func TestWhatARealObjectAnswersIsLegal(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				noting := rapid.SampledFrom([]int{0, 50, 100}).Draw(t, "noting")
				h := concurrently(t, k, noting)
				require.Equal(t, check.Ok, check.Linearizable(k.model, h, time.Minute))
				if noting == 100 {
					h.Resolve()
					require.Equal(t, check.Ok, check.Linearizable(k.model, h, time.Minute), "resolved")
				}
			})
		})
	}
}

func TestOneWrongAnswerIsFound(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				inputs := rapid.SliceOfN(k.input, 1, 10).Draw(t, "inputs")
				do := k.object()
				outputs := make([]any, len(inputs))
				for i, input := range inputs {
					outputs[i] = do(input)
				}
				at := rapid.IntRange(0, len(inputs)-1).Draw(t, "at")
				outputs[at] = wrong(outputs[at])
				h := check.NewHistory(nil)
				for i, input := range inputs {
					op := h.Call(0, input)
					op.TookEffect()
					op.Return(outputs[i])
				}
				require.Equal(t, check.Illegal, check.Linearizable(k.model, h, time.Minute))
			})
		})
	}
}

// wrong is an answer that is not the right one, whatever the input was.
func wrong(output any) any {
	switch right := output.(type) {
	case nil:
		return "nothing was asked"
	case bool:
		return !right
	case int:
		return right + 1
	case model.Maybe[int]:
		return model.Maybe[int]{Value: right.Value + 1, Found: true}
	case model.Granted:
		return model.Granted{Token: right.Token - 1}
	case model.Held:
		return model.Granted{Token: 100}
	case []int:
		return append(slices.Clone(right), 1)
	}
	panic("an answer that no model has")
}

func TestInputOrOutputOfAnotherTypeIsIllegal(t *testing.T) {
	for _, k := range kinds() {
		h := check.NewHistory(nil)
		h.Call(0, "no such input").Return(nil)
		assert.Equal(t, check.Illegal, check.Linearizable(k.model, h, 0), k.name)
	}
	h := check.NewHistory(nil)
	h.Call(0, model.Read{}).Return(int64(0))
	assert.Equal(t, check.Illegal, check.Linearizable(model.Register(0), h, 0))
}

func TestOperationsAreToldInWords(t *testing.T) {
	says := func(m porcupine.Model, input, output any, words string) {
		assert.Equal(t, words, m.DescribeOperation(input, output))
	}
	register, store, lock := model.Register(0), model.KeyValue[int](), model.Lock()
	says(register, model.Read{}, 3, "read: 3")
	says(register, model.Write[int]{Value: 3}, nil, "write 3")
	says(register, model.CompareAndSet[int]{Old: 1, New: 2}, true, "set 2 if 1: true")
	says(store, model.Get{Key: "a"}, model.None[int](), "get a: nothing")
	says(store, model.Put[int]{Key: "a", Value: 3}, check.NoAnswer{}, "put a=3, no answer")
	says(store, model.PutIf[int]{Key: "a", Old: model.Some(1), New: 3}, true, "put a=3 if 1: true")
	says(lock, model.Acquire{Owner: "ann"}, model.Granted{Token: 3}, "ann acquires: token 3")
	says(lock, model.Acquire{Owner: "bob"}, model.Held{}, "bob acquires: held")
	says(lock, model.Use{Token: 3}, false, "use token 3: false")
	says(model.Queue[int](), model.Dequeue{}, model.Some(3), "dequeue: 3")
	says(model.Set[int](), model.Contains[int]{Value: 3}, true, "contains 3: true")
	says(model.Log[int](), model.ReadFrom{From: 2, Most: 4}, []int{7}, "read 4 from 2: [7]")
	assert.Equal(t, "2 records", model.Log[int]().DescribeState(appended(t, 1, 2)))
}

func appended(t *testing.T, values ...int) any {
	t.Helper()
	log := model.Log[int]()
	state := log.Init()
	for i, v := range values {
		legal, next := log.Step(state, model.Append[int]{Value: v}, i)
		require.True(t, legal)
		state = next
	}
	return state
}
