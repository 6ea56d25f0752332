package story_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/check/model"
	"github.com/windtunnel/windtunnel/sim/story"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// kept is the story of a run of clients whose answers are as ask makes them.
func kept(ask func(h *check.History, sleep func())) story.Story {
	o := check.Execute(check.Settings{Keep: trace.All}, func(r *check.Run) {
		w, h := r.World(sim.Config{}), r.NewHistory()
		w.Workload(w.AddNode("store", nil), "clients", func(env core.Env) {
			ask(h, func() { _ = env.Sleep(env.Context(), time.Second) })
		})
		w.Run()
		r.Linearizable("the store", model.KeyValue[string](), h, time.Minute)
	})
	return story.Story{Outcome: o, Seed: 1, Strategy: "random"}
}

func TestStoryOfAHistoryWithoutAnOrderNamesItsOperations(t *testing.T) {
	put := func(value string) any { return model.Put[string]{Key: "a", Value: value} }
	told := kept(func(h *check.History, sleep func()) {
		h.Call(0, model.Put[string]{Key: "b", Value: "1"}).Return(nil)
		h.Call(0, put("0")).Return(nil)
		h.Call(0, put("1")).Return(nil)
		h.Call(2, put("unseen"))
		second := h.Call(3, put("2"))
		sleep()
		second.TookEffect()
		sleep()
		h.Call(1, model.Get{Key: "a"}).Return(model.Some("1"))
		h.Call(1, model.Get{Key: "a"}).Return(model.Some("2"))
	})
	require.NotNil(t, told.Outcome.Failure)
	text := told.Text()
	golden(t, "contradiction", text)
	assert.Contains(t, text, "\n  no order of the 7 operations explains their answers\n"+
		"get a, by client 1, was answered 1; right would have been 2\n"+
		"  +0.000s  to +0.000s  client 0  put a=1: done\n"+
		"  +0.000s  to the end  client 3  put a=2: no answer, took effect at +1.000")
	assert.Contains(t, text, "  client 1  get a: 1\n")
	assert.NotContains(t, text, "put b=1", "it has another key")
	assert.NotContains(t, text, "put a=0", "it contradicts nobody")
	assert.Equal(t, text, told.Text())
}

func TestOnlyTheHistoryThatFailedIsTold(t *testing.T) {
	stale := func(h *check.History, _ func()) {
		h.Call(1, model.Get{Key: "a"}).Return(model.Some("never put"))
	}
	told := kept(stale)
	assert.Contains(t, told.Text(), "\nget a, by client 1, was answered never put; ")
	told.Outcome.Failure.Key = "something else"
	assert.NotContains(t, told.Text(), "was answered")
}

func TestManyContradictionsAreTold(t *testing.T) {
	text := kept(func(h *check.History, _ func()) {
		for _, key := range strings.Fields("a b c d e") {
			h.Call(1, model.Get{Key: key}).Return(model.Some("never put"))
		}
	}).Text()
	assert.Equal(t, 3, strings.Count(text, "was answered"))
	assert.Contains(t, text, "\nand more answers have no place, on the page\n")
}
