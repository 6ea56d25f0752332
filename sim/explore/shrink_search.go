package explore

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// search makes the best schedule smaller until nothing helps or a bound is met. Each stage leaves less to the
// next, which is finer: a run costs the same whether it drops one choice or a thousand.
func (h *shrinker) search() {
	for _, kind := range [...]string{"config", "fault", "seed", "delay", "stall", "pick"} {
		rest := maps.Clone(h.best)
		maps.DeleteFunc(rest, func(key string, _ int) bool { return strings.HasPrefix(key, kind+" ") })
		if len(rest) < len(h.best) {
			h.firstFailing([]Choices{rest})
		}
	}
	h.coarsely()
	h.finely()
	for h.simpler() {
		h.finely()
	}
}

// finely leaves out episodes, streams and single choices, and lowers what is left.
func (h *shrinker) finely() {
	faults := func(key string) bool { return rankOfKind(key) < rankOfKind("seed ") }
	for before := -1; before != len(h.best) && !h.spent(); {
		before = len(h.best)
		h.drop(groups(h.best, faults, episodeOf))
		h.drop(groups(h.best, anyKey, streamOf))
		h.soon()
		h.drop(groups(h.best, anyKey, itself))
		h.lower()
		h.spareNone()
	}
}

// coarsely leaves out streams, and where that does not get far looks for another failure.
func (h *shrinker) coarsely() {
	before := len(h.best)
	streams := groups(h.best, anyKey, streamOf)
	streams = h.dropEach(streams, max(1, len(streams)/4))
	if 2*len(h.best) <= before { // of what is no coincidence, half can be spared at once
		h.drop(streams)
	}
	h.late()
}

// spareNone leaves out single choices until none can be spared, so that of each that is left it is known what
// the run is without it.
func (h *shrinker) spareNone() {
	for before := -1; before != len(h.best) && !h.spent(); {
		before = len(h.best)
		h.dropEach(groups(h.best, anyKey, itself), 1)
	}
}

// drop leaves out groups of choices: half of the groups at once, then quarters, down to single ones, the
// last until none of them can be spared.
func (h *shrinker) drop(all [][]string) {
	for size := max(1, len(all)/2); size > 0 && len(all) > 0 && !h.spent(); {
		before := len(h.best)
		all = h.dropEach(all, size)
		if size == 1 && len(h.best) == before {
			return
		}
		size = max(1, size/2)
	}
}

// dropEach tries to spare every size groups, and returns those that are left.
func (h *shrinker) dropEach(all [][]string, size int) [][]string {
	gone := func(chunk [][]string) bool {
		left := func(key string) bool { return h.best[key] != 0 }
		return !slices.ContainsFunc(slices.Concat(chunk...), left)
	}
	chunks := slices.Collect(slices.Chunk(all, size))
	for at := 0; at < len(chunks) && !h.spent(); {
		var candidates []Choices
		for _, chunk := range chunks[at:] {
			candidates = append(candidates, without(h.best, slices.Concat(chunk...)...))
			if len(candidates) == h.Parallel {
				break
			}
		}
		dropped := h.firstFailing(candidates)
		if dropped < 0 {
			at += len(candidates)
			continue
		}
		at += dropped
		chunks = append(chunks[:at], slices.DeleteFunc(chunks[at:], gone)...)
	}
	var left [][]string
	for _, group := range slices.Concat(chunks...) {
		group = slices.DeleteFunc(slices.Clone(group), func(key string) bool { return h.best[key] == 0 })
		if len(group) > 0 {
			left = append(left, group)
		}
	}
	return left
}

// lower gives what is left smaller answers: less late, shorter faults, fewer nodes.
func (h *shrinker) lower() {
	for _, key := range sortedKeys(h.best) {
		for answer, there := h.best[key]; there && answer > 1 && !h.spent(); answer = h.best[key] {
			var candidates []Choices
			for _, less := range lessThan(answer) {
				candidate := maps.Clone(h.best)
				candidate[key] = less
				candidates = append(candidates, candidate)
			}
			if h.firstFailing(candidates) < 0 {
				break
			}
		}
	}
}

// lessThan are smaller answers to try, fewer than would find the smallest: a rank's size says nothing.
func lessThan(answer int) []int {
	const few = 8
	less := []int{1, answer / 2}
	if answer <= few {
		less = append(less, answer-1)
	}
	return slices.Compact(less)
}

// groups puts the keys that are wanted into groups of one name each, in order.
func groups(c Choices, wanted func(key string) bool, name func(key string) string) [][]string {
	var all [][]string
	at := map[string]int{}
	for _, key := range sortedKeys(c) {
		if !wanted(key) {
			continue
		}
		i, known := at[name(key)]
		if !known {
			i = len(all)
			at[name(key)] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], key)
	}
	return all
}

func anyKey(string) bool { return true }

func itself(key string) string { return key }

// streamOf is the key without the question's number.
func streamOf(key string) string {
	stream, _, _ := cutLast(key)
	return stream
}

// episodeOf is what the streams of one thing have in common, and the question's number: the streams
// "nemesis/cut/where" and "nemesis/cut/when" ask about one episode with the same number.
func episodeOf(key string) string {
	stream, number, _ := cutLast(key)
	return stream[:strings.LastIndexByte(stream, '/')+1] + number
}

// sortedKeys are the keys with faults and configuration first, then by stream, then in the order asked.
func sortedKeys(c Choices) []string {
	return slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		streamA, numberA, _ := cutLast(a)
		streamB, numberB, _ := cutLast(b)
		nA, _ := strconv.ParseUint(numberA, 10, 64)
		nB, _ := strconv.ParseUint(numberB, 10, 64)
		return cmp.Or(cmp.Compare(rankOfKind(a), rankOfKind(b)), strings.Compare(streamA, streamB),
			cmp.Compare(nA, nB))
	})
}

// rankOfKind orders kinds as they are dropped: what a reader would rather do without comes first.
func rankOfKind(key string) int {
	kind, _, _ := strings.Cut(key, " ")
	at := slices.Index([]string{"config", "fault", "seed", "delay", "stall"}, kind)
	if at < 0 {
		return 5
	}
	return at
}
