package explore

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// shrinker is one failure while it is being shrunk.
type shrinker struct {
	Shrinking
	ctx      context.Context
	body     Body
	key      string // what must fail
	who      string // node and task, of the original
	scenario string
	seed     uint64
	step     uint64    // in which it failed at first
	until    time.Time // zero: no bound

	best   Choices
	before int
	runs   int
	known  map[uint64]Flip // what became of schedules that do not fail with the key, by identity
}

// spent tells whether a bound is met.
func (h *shrinker) spent() bool {
	return h.ctx.Err() != nil || h.Runs > 0 && h.runs >= h.Runs ||
		!h.until.IsZero() && !h.Now().Before(h.until)
}

// tried is a smaller schedule and what became of it.
type tried struct {
	choices Choices
	unheard []string // choices that the run did not ask, or whose answer it could not take
	outcome Outcome
	skipped bool // it was known, or a bound was met
}

// firstFailing runs schedules, some at once, until one fails with the key, takes the first such for the best
// so far and returns its number; -1 when none does. It is the same one however many run at once.
func (h *shrinker) firstFailing(candidates []Choices) int {
	for begin := 0; begin < len(candidates) && !h.spent(); begin += h.Parallel {
		batch := candidates[begin:min(begin+h.Parallel, len(candidates))]
		results := make([]tried, len(batch))
		var running sync.WaitGroup
		for i, candidate := range batch {
			if _, seen := h.known[candidate.identity()]; seen {
				results[i].skipped = true
				continue
			}
			running.Go(func() { results[i] = try(h.body, candidate) })
		}
		running.Wait()
		for i, result := range results {
			if result.skipped {
				continue
			}
			h.runs++
			if h.took(result) {
				return begin + i
			}
		}
	}
	return -1
}

func try(body Body, choices Choices) tried {
	replayer := choice.NewReplayer(choices, nil)
	outcome := body(replayer, false)
	unheard := append(replayer.NeverAsked(), replayer.OutOfRange()...)
	return tried{choices: choices, unheard: unheard, outcome: outcome}
}

// took makes a schedule the best so far, if it fails as it must. Choices that its run did not ask are left
// out: without them it is the same run.
func (h *shrinker) took(t tried) bool {
	f := t.outcome.Failure
	if f == nil || f.Key != h.key {
		flip := Flip{Passes: f == nil}
		if f != nil {
			flip.Key = f.Key
		}
		h.known[t.choices.identity()] = flip
		return false
	}
	h.take(without(t.choices, t.unheard...))
	return true
}

// take makes choices the best so far.
func (h *shrinker) take(choices Choices) {
	h.best = choices
	if h.Progress != nil {
		h.Progress(Progress{Scenario: h.scenario, Before: h.before, Choices: len(h.best), Runs: h.runs})
	}
}

// identity is a hash of the choices, whatever their order.
func (c Choices) identity() (sum uint64) {
	for key, answer := range c {
		sum += choice.HashString(uint64(answer), key)
	}
	return sum
}

// without returns the choices but for some.
func without(c Choices, keys ...string) Choices {
	rest := maps.Clone(c)
	for _, key := range keys {
		delete(rest, key)
	}
	return rest
}
