package explore

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// How much is tried for a simple explanation: runs, and choices left beyond which raising one is not tried.
const (
	onceRuns   = 600
	raiseAbove = 24
)

// simpler looks for a failure of the same key that hangs on less. What has been left out one by one keeps to
// the coincidences of the run that was found; a person would try first whether one thing, late enough, is
// all there is to it.
func (h *shrinker) simpler() bool { return h.renamed() || h.once() || h.raised() }

// once tries runs that are quiet but for the faults and the configuration that are left - first without rare
// branches, if it takes any - and but for one answer, the largest: one task is late once, or one message. It
// is one of those that the failure still needs, or the task that the failure names.
func (h *shrinker) once() bool {
	plain, fixed := Choices{}, Choices{}
	for key, answer := range h.best {
		if rankOfKind(key) >= rankOfKind("seed ") {
			continue
		}
		fixed[key] = answer
		if !strings.HasPrefix(key, "config rare ") {
			plain[key] = answer
		}
	}
	return len(plain) < len(fixed) && h.onceBeside(plain) || h.onceBeside(fixed)
}

func (h *shrinker) onceBeside(fixed Choices) bool {
	if len(h.best) <= len(fixed)+1 || h.spent() {
		return false
	}
	listener := newListener(choice.NewReplayer(fixed, nil))
	quiet := h.body(listener, false)
	h.runs++
	if quiet.Failure != nil { // it ends early, and says nothing of the questions that would follow
		return h.firstFailing([]Choices{fixed}) >= 0
	}
	var candidates []Choices
	for _, late := range spread(listener.late(h.suspects()), onceRuns) {
		candidate := maps.Clone(fixed)
		candidate[late.key] = late.most
		candidates = append(candidates, candidate)
	}
	return h.firstFailing(candidates) >= 0
}

// suspects are streams that may be late: what the failure still needs and the task that it names.
func (h *shrinker) suspects() []string {
	var streams []string
	for _, key := range sortedKeys(h.best) {
		if isLateness(key) {
			streams = append(streams, streamOf(key))
		}
	}
	if node, task, ok := strings.Cut(h.who, "/"); ok {
		streams = append(streams, "stall "+node+"#0/"+task)
	}
	return slices.Compact(streams)
}

func isLateness(key string) bool {
	return strings.HasPrefix(key, "stall ") || strings.HasPrefix(key, "delay ")
}

// raised makes one answer the largest and another one quiet, so that one long wait stands for several.
func (h *shrinker) raised() bool {
	if len(h.best) < 2 || len(h.best) > raiseAbove || h.spent() {
		return false
	}
	listener := newListener(choice.NewReplayer(h.best, nil))
	h.body(listener, false)
	h.runs++
	keys := sortedKeys(h.best)
	var candidates []Choices
	for _, key := range keys {
		most := listener.questions[streamOf(key)].most
		if !isLateness(key) || h.best[key] >= most {
			continue
		}
		for _, other := range keys {
			if other != key {
				candidate := without(h.best, other)
				candidate[key] = most
				candidates = append(candidates, candidate)
			}
		}
	}
	return h.firstFailing(candidates) >= 0
}

// lateness is a question that may be answered by a long wait.
type lateness struct {
	key  string
	most int
}

// spread is at most so many of the questions of some streams, evenly chosen.
func spread(streams []questions, most int) []lateness {
	asked := uint64(0)
	for _, q := range streams {
		asked += q.asked
	}
	every := max(1, (asked+uint64(most)-1)/uint64(most))
	var chosen []lateness
	at := uint64(0)
	for _, q := range streams {
		for n := range q.asked {
			if at%every == 0 {
				chosen = append(chosen, lateness{q.stream + " " + strconv.FormatUint(n, 10), q.most})
			}
			at++
		}
	}
	return chosen
}
