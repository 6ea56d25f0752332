package timeline

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/check/model"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// asking runs what clients ask in a task of a World and has it judged; pause lets time pass. The run fails in
// any case.
func asking(m porcupine.Model, ask func(h *check.History, pause func())) explore.Outcome {
	return check.Execute(check.Settings{Keep: trace.All}, func(r *check.Run) {
		w, h := r.World(sim.Config{}), r.NewHistory()
		w.Workload(w.AddNode("store", nil), "clients", func(env core.Env) {
			ask(h, func() { _ = env.Sleep(env.Context(), time.Millisecond) })
		})
		w.Run()
		r.Linearizable("the store", m, h, time.Minute)
		r.Unreachable("drawn", "so that there is a page")
	})
}

// drawn is the data of the page of a run, its marks as events.
func drawn(t require.TestingT, o explore.Outcome) data {
	var page bytes.Buffer
	require.NoError(t, WritePage(&page, story.Story{Outcome: o, Strategy: "random"}, explore.File{}))
	_, rest, _ := strings.Cut(page.String(), `<script id="data" type="application/json">`)
	text, _, _ := strings.Cut(rest, "</script>")
	var d data
	require.NoError(t, json.Unmarshal([]byte(text), &d))
	for _, h := range d.Histories {
		for i := 1; i < len(h.Marks); i++ {
			h.Marks[i] += h.Marks[i-1]
		}
	}
	return d
}

// ordered are an order's operations in words.
func (h historyData) ordered() []string {
	var texts []string
	for number := range len(h.Order) {
		if n := slices.Index(h.Order, number+1); n >= 0 {
			texts = append(texts, h.Texts[h.Asked[n]])
		}
	}
	return texts
}

func TestLegalHistoryIsDrawnInTheOrderFound(t *testing.T) {
	o := asking(model.Register(0), func(h *check.History, pause func()) {
		two, one := h.Call(7, model.Write[int]{Value: 2}), h.Call(3, model.Write[int]{Value: 1})
		pause()
		h.Call(5, model.Read{}).Return(1)
		pause()
		h.Call(5, model.Read{}).Return(2)
		h.Call(3, model.Write[int]{Value: 9}).Refuse()
		pause()
		two.Return(nil)
		one.Return(nil)
	})
	d := drawn(t, o)
	require.Len(t, d.Histories, 1)
	h := d.Histories[0]
	assert.Equal(t, "in order", h.Verdict)
	assert.Equal(t, "an order of 4 operations explains every answer", h.Told)
	assert.Equal(t, []string{"client 3", "client 5", "client 7"}, h.Lanes)
	assert.Equal(t, []int{2, 0, 1, 1, 0}, h.Lane)
	assert.Equal(t, []string{"write 1", "read", "write 2", "read"}, h.ordered(), "not as they were called")
	assert.Equal(t, none, h.Point[4], "what was refused has no place")
	assert.Equal(t, none, h.Broken)
	assert.Empty(t, h.With)
	assert.Less(t, h.Marks[h.Call[0]], h.Marks[h.End[0]], "it lasted for several steps")
	assert.Equal(t, h.Marks[h.Call[2]], h.Marks[h.End[2]], "it began and ended in one step")
	for n := range h.Client {
		assert.Equal(t, "step", d.Kinds[d.Kind[h.Marks[h.Call[n]]]])
	}
}

func TestIllegalHistoryIsDrawnWithWhatContradicts(t *testing.T) {
	o := asking(model.Register(0), func(h *check.History, pause func()) {
		h.Call(0, model.Write[int]{Value: 5}).Return(nil)
		pause()
		h.Call(2, model.Read{}).Return(5)
		pause()
		lost := h.Call(0, model.Write[int]{Value: 1})
		pause()
		lost.TookEffect()
		for range 100 {
			pause()
		}
		h.Call(1, model.Read{}).Return(5)
		pause()
		h.Call(1, model.Read{}).Return(1)
	})
	d := drawn(t, o)
	h := d.Histories[0]
	assert.Equal(t, "no order", h.Verdict)
	assert.Equal(t, "read, by client 1, was answered 5; right would have been 1", h.Told)
	assert.Equal(t, 3, h.Broken)
	assert.Equal(t, []int{0, 2, 3}, h.With)
	assert.Equal(t, []string{"write 5", "read", "write 1"}, h.ordered(), "the longest order that was found")
	assert.Equal(t, none, h.Point[3])
	assert.Equal(t, none, h.End[2])
	assert.Equal(t, h.Marks[h.Seen[2]], h.Marks[h.Point[2]], "its effect was seen")
	for _, n := range h.With {
		assert.NotZero(t, d.Mark[h.Marks[h.Call[n]]]&int(notable), "what contradicts is not folded away")
	}
	assert.Zero(t, d.Mark[h.Marks[h.Call[1]]]&int(notable))
}

func TestKeysAreHistoriesAndTheBrokenOneComesFirst(t *testing.T) {
	o := asking(model.KeyValue[int](), func(h *check.History, pause func()) {
		h.Call(0, model.Put[int]{Key: "a", Value: 1}).Return(nil)
		h.Call(1, model.Get{Key: "b"}).Return(model.Some(3))
		h.Call(1, model.Put[int]{Key: "b", Value: 1}).Refuse()
	})
	var names []string
	for _, h := range drawn(t, o).Histories {
		names = append(names, h.Name+": "+h.Verdict)
	}
	assert.Equal(t, []string{
		"the store, 2 of 2: get b: no order", "the store, 1 of 2: put a=1: in order",
		"the store, what did not happen: ",
	}, names)
}

func TestWhatWasDeniedIsBroken(t *testing.T) {
	h := drawn(t, asking(model.Register(0), func(h *check.History, pause func()) {
		h.Call(0, model.Read{}).Return(0)
		op := h.Call(0, model.Write[int]{Value: 1})
		op.Refuse()
		op.TookEffect()
	})).Histories[0]
	assert.Equal(t, "no order", h.Verdict)
	assert.Equal(t, 1, h.Broken)
	assert.Equal(t, []int{1}, h.With)
}

func TestLongHistorySaysWhatIsLeftOut(t *testing.T) {
	o := asking(model.Register(0), func(h *check.History, pause func()) {
		for range mostOperations + 20 {
			h.Call(0, model.Read{}).Return(0)
		}
	})
	o.Judged = append(o.Judged, o.Judged[0])
	all := drawn(t, o).Histories
	require.Len(t, all, 2)
	assert.Len(t, all[0].Client, mostOperations)
	assert.Contains(t, all[0].Told, "(the first 20 operations are not drawn)")
	assert.Equal(t, 21, all[0].Order[0])
	assert.Equal(t, "and 1 more, which are left out", all[1].Name)
	assert.Empty(t, all[1].Client)
}

func TestManyClientsShareLanes(t *testing.T) {
	h := drawn(t, asking(model.Register(0), func(h *check.History, pause func()) {
		for i := range 40 {
			first, second := h.Call(2*i, model.Read{}), h.Call(2*i+1, model.Read{})
			first.Return(0)
			second.Return(0)
		}
	})).Histories[0]
	assert.Equal(t, []string{"several", "several"}, h.Lanes)
	assert.Equal(t, []int{0, 1, 0, 1}, h.Lane[:4])
}

func TestSecondWorldsOperationsStandInIt(t *testing.T) {
	o := check.Execute(check.Settings{Keep: trace.All}, func(r *check.Run) {
		h := r.NewHistory()
		for _, name := range []string{"first", "second"} {
			w := r.World(sim.Config{})
			w.Workload(w.AddNode(name, nil), "clients", func(env core.Env) {
				h.Call(0, model.Read{}).Return(0)
			})
			w.Run()
		}
		r.Linearizable("the store", model.Register(1), h, time.Minute)
	})
	d := drawn(t, o)
	var nodes []string
	for _, call := range d.Histories[0].Call {
		nodes = append(nodes, d.Nodes[d.Lanes[d.Lane[d.Histories[0].Marks[call]]].Node])
	}
	assert.Equal(t, []string{"first", "second"}, nodes)
}

// What a reader may rely on, whatever was asked: marks go forward, a bar's point lies within it, and the
// points are in the order of the numbers.
func TestPointsLieWithinTheirBarsInTheOrderFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawn(t, asking(model.Register(0), func(h *check.History, pause func()) {
			var pending []*check.Operation
			for client := range rapid.IntRange(1, 8).Draw(t, "operations") {
				var input any = model.Read{}
				if rapid.Bool().Draw(t, "writes") {
					input = model.Write[int]{Value: rapid.IntRange(1, 2).Draw(t, "value")}
				}
				pending = append(pending, h.Call(client%3, input))
				for rapid.Bool().Draw(t, "goes on") {
					op := rapid.SampledFrom(pending).Draw(t, "who")
					switch what := rapid.IntRange(0, 3).Draw(t, "what"); {
					case what == 0:
						pause()
					case what == 1:
						op.TookEffect()
					case input == model.Read{}:
						op.Return(rapid.IntRange(0, 2).Draw(t, "output"))
					default:
						op.Return(nil)
					}
				}
			}
		})).Histories[0]
		require.True(t, slices.IsSorted(h.Marks))
		point := make([]int, len(h.Order)+1) // by number in the order
		for n, number := range h.Order {
			if number == 0 {
				continue
			}
			point[number] = h.Point[n]
			require.Less(t, h.Call[n], h.Point[n])
			if h.End[n] != none {
				require.Less(t, h.Point[n], h.End[n])
			}
		}
		last := none
		for _, mark := range point[1:] {
			if mark != 0 {
				require.Greater(t, mark, last, "an order goes forward")
				last = mark
			}
		}
		require.Equal(t, h.Verdict == "no order", h.Broken != none)
	})
}

func TestPorcupinesPageIsOfTheHistoryWithoutAnOrder(t *testing.T) {
	o := asking(model.Register(0), func(h *check.History, pause func()) {
		op := h.Call(0, model.Write[int]{Value: 77})
		op.TookEffect()
		h.Call(1, model.Read{}).Return(-3)
	})
	legal := asking(model.Register(0), func(h *check.History, pause func()) {
		h.Call(0, model.Write[int]{Value: 12345}).Return(nil)
	})
	o.Judged = append(legal.Judged, o.Judged...)
	var page bytes.Buffer
	require.NoError(t, Export(&page, "porcupine", o))
	assert.Contains(t, page.String(), "read: -3")
	assert.Contains(t, page.String(), "write 77, no answer")
	assert.Contains(t, page.String(), "seen to take effect at step ")
	assert.NotContains(t, page.String(), "12345")
	page.Reset()
	require.NoError(t, Export(&page, "porcupine", legal))
	assert.Contains(t, page.String(), "write 12345")

	require.ErrorIs(t, Export(&page, "porcupine", explore.Outcome{}), ErrNoHistory)
	require.ErrorIs(t, Export(full{}, "porcupine", o), errFull)
}
