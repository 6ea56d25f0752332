package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/check/model"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// Histories of twenty clients on ten keys, a fifth of whose operations have no answer: they took effect, or do
// so later, or never do.
const (
	historyClients = 20
	historyKeys    = 10
	historyLong    = 100_000
	historyTurns   = 50 // as long as so many turns may take each history without help
)

// measureHistory judges a long history with the effects that a simulator sees, and the longest without them
// that porcupine decides in its time.
func measureHistory(s settings) ([]figure, error) {
	within := historyTurns * s.slice
	h := playHistory(historyLong, true)
	began := time.Now()
	if judged := check.Linearizable(model.KeyValue[int](), h, within); judged != check.Ok {
		return nil, fmt.Errorf("a history of %d operations is %v", historyLong, judged)
	}
	took := time.Since(began)
	decided, undecided := 0, 0
	for n := 100; n <= historyLong && undecided == 0; n *= 10 {
		alone := unaided(playHistory(n, false))
		if porcupine.CheckOperationsTimeout(model.KeyValue[int](), alone, within) == porcupine.Ok {
			decided = n
		} else {
			undecided = n
		}
	}
	figures := []figure{{
		what:  fmt.Sprintf("%s operations, %v without an answer, effects seen", number(historyLong), unanswered(h)),
		value: number(took.Seconds()) + " s", goal: atMost(10, " s"), got: took.Seconds(),
	}, {
		what:  fmt.Sprintf("without them: the longest that porcupine decides in %v", within),
		value: number(float64(decided)) + " operations",
	}}
	if undecided > 0 {
		figures = append(figures, figure{
			what: "the shortest that it does not", value: number(float64(undecided)) + " operations",
		})
	}
	return figures, nil
}

func unanswered(h *check.History) int {
	n := 0
	for _, op := range h.Operations() {
		if op.Ending != trace.Returned {
			n++
		}
	}
	return n
}

// unaided is a history as porcupine has it without anybody who saw effects: what has no answer may happen until
// the end.
func unaided(h *check.History) []porcupine.Operation {
	var all []porcupine.Operation
	for _, op := range h.Operations() {
		asked := porcupine.Operation{ClientId: op.Client, Input: op.Input, Call: op.Called.Position}
		asked.Output, asked.Return = check.NoAnswer{}, math.MaxInt64
		if op.Ending == trace.Returned {
			asked.Output, asked.Return = op.Output, op.Ended.Position
		}
		all = append(all, asked)
	}
	return all
}

// caller is a client that plays a part of a history.
type caller struct {
	number int
	op     *check.Operation
	input  any
	output any
	done   bool // it took effect
}

// playHistory plays operations on a store, one step of one client after another.
func playHistory(operations int, seen bool) *check.History {
	random := rand.New(rand.NewPCG(1, 2))
	h := check.NewHistory(nil)
	store := map[string]int{}
	clients := make([]caller, historyClients)
	for i := range clients {
		clients[i].number = i
	}
	var late []caller // who gave up, and whose operation is still on its way
	next := historyClients
	for called := 0; called < operations; {
		if len(late) > 0 && random.IntN(10*historyClients) == 0 {
			at := random.IntN(len(late))
			late[at].perform(store, seen)
			late = slices.Delete(late, at, at+1)
		}
		c := &clients[random.IntN(historyClients)]
		silent := c.op != nil && random.IntN(9) == 0 // two such steps an operation: a fifth of them
		switch {
		case c.op == nil:
			c.input = request(random, called)
			c.op = h.Call(c.number, c.input)
			called++
		case silent: // it gives up, and goes on as somebody else
			if !c.done && random.IntN(2) == 0 {
				late = append(late, *c)
			}
			*c = caller{number: next}
			next++
		case !c.done:
			c.perform(store, seen)
		default:
			c.op.Return(c.output)
			*c = caller{number: c.number}
		}
	}
	if seen {
		h.Resolve()
	}
	return h
}

func request(random *rand.Rand, value int) any {
	key := fmt.Sprintf("k%d", random.IntN(historyKeys))
	if random.IntN(2) == 0 {
		return model.Get{Key: key}
	}
	return model.Put[int]{Key: key, Value: value}
}

// perform has the operation take effect, before somebody who sees it or not.
func (c *caller) perform(store map[string]int, seen bool) {
	c.done = true
	if seen {
		c.op.TookEffect()
	}
	switch in := c.input.(type) {
	case model.Put[int]:
		store[in.Key] = in.Value
	case model.Get:
		c.output = model.None[int]()
		if value, ok := store[in.Key]; ok {
			c.output = model.Some(value)
		}
	}
}
