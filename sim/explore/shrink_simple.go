package explore

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// How much is tried for a simple explanation: runs, at last, and before single choices are left out where
// that would take more; and choices left beyond which raising one is not tried.
const (
	onceRuns   = 600
	soonRuns   = 160
	soonAbove  = 128
	raiseAbove = 24
)

// simpler looks for a failure of the same key that hangs on less. What has been left out one by one keeps to
// the coincidences of the run that was found; a person would try first whether one thing, late enough, is
// all there is to it.
func (h *shrinker) simpler() bool { return h.renamed() || h.once(onceRuns) || h.raised() }

// once tries runs that are quiet but for the faults and the configuration that are left - first without rare
// branches, if it takes any - and but for one answer, the largest: one task is late once, or one message. It
// is one of those that the failure still needs, or the task that the failure names.
func (h *shrinker) once(most int) bool {
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
	return len(plain) < len(fixed) && h.onceBeside(plain, most) || h.onceBeside(fixed, most)
}

// soon is once, where there is much to leave out one by one.
func (h *shrinker) soon() bool { return len(h.best) > soonAbove && h.once(soonRuns) }

func (h *shrinker) onceBeside(fixed Choices, most int) bool {
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
	for _, late := range spread(moments(listener.late(h.suspects())), most) {
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

// moments are all questions of some streams.
func moments(streams []questions) (all []lateness) {
	for _, q := range streams {
		for n := range q.asked {
			all = append(all, lateness{q.stream + " " + strconv.FormatUint(n, 10), q.most})
		}
	}
	return all
}

// spread is at most so many of them, evenly chosen.
func spread(all []lateness, most int) []lateness {
	every := max(1, (len(all)+most-1)/most)
	var chosen []lateness
	for at := 0; at < len(all); at += every {
		chosen = append(chosen, all[at])
	}
	return chosen
}
