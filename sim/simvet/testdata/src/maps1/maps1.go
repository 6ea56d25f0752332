// Package maps1 ranges over maps in every way that is told apart.
package maps1

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"
)

type set map[string]int

type holder struct {
	n    int
	all  map[string]*holder
	when time.Time
}

func (h *holder) act()          {}
func (h holder) old(int64) bool { return h.n > 0 }

func collected(m set) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func collectedBySort(m map[string]int) (keys []string, values []int) {
	for k, v := range m {
		if v > 3 {
			keys = append(keys, k)
			values = append(values, v)
		}
	}
	sort.Strings(keys)
	sort.Sort(sort.IntSlice(values))
	return
}

func unsorted(m set) (keys []string) {
	for k := range m { // want `range over a map that collects into keys, which is not sorted afterwards in this function: use slices.Sorted`
		keys = append(keys, k)
	}
	return keys
}

func sortedTooEarly(m set) (keys []string) {
	slices.Sort(keys)
	for k := range m { // want `collects into keys, which is not sorted`
		keys = append(keys, k)
	}
	return keys
}

func counted(m set, other map[string]int, flags *uint64) (n, most int) {
	for k, v := range m {
		if v == 0 {
			delete(other, k)
			continue
		}
		n++
		most = max(most, v)
		*flags |= uint64(v)
	}
	for k, v := range m {
		half := v / 2
		other[k] = other[k] + half
	}
	for k := range m {
		delete(m, k)
	}
	return n, most
}

func exists(m set, h holder) bool {
	for k, v := range m {
		if len(k) > 3 && v > 0 {
			return true
		}
	}
	found := false
	for _, v := range m {
		if v > 4 {
			found = true
		}
	}
	return found
}

func clockOnly(m map[string]time.Time, now time.Time) (n int) {
	for _, at := range m {
		if at.Before(now) {
			n++
		}
	}
	return n
}

func first(m set) string {
	for k := range m { // want `returns what whichever turn came first found`
		return k
	}
	return ""
}

func eitherOr(m set) int {
	for _, v := range m { // want `returns one thing or another`
		if v > 1 {
			return 1
		}
		return 2
	}
	return 0
}

func last(m set) (at string) {
	for k := range m { // want `leaves in at what its last turn put there`
		at = k
	}
	for at = range m { // want `leaves its last turn in an outer variable`
	}
	return at
}

func stops(m set) (n int) {
	for range m { // want `stops at whichever turn comes first \(break\)`
		n++
		break
	}
	for range m { // want `gathers until it returns`
		n++
		if len(m) > 3 {
			return 1
		}
	}
	return n
}

func floats(m map[string]float64) (sum float64, text string) {
	for _, v := range m { // want `adds to sum, which is no integer`
		sum += v
	}
	for k := range m { // want `adds to text, which is no integer`
		text += k
	}
	return
}

func reads(m set) (keys []string, n int) {
	for k := range m { // want `reads keys while it gathers it`
		if len(keys) < 3 {
			keys = append(keys, k)
		}
	}
	for _, v := range m { // want `changes n in two ways`
		n += v
		n |= v
	}
	for _, v := range m { // want `reads n while it gathers it`
		n += v * n
	}
	sort.Strings(keys)
	return
}

func acts(h *holder, f func()) {
	for _, v := range h.all { // want `calls v.act in the order of its turns`
		v.act()
	}
	for range h.all { // want `calls f in the order of its turns`
		f()
	}
	n := 0
	for _, v := range h.all { // want `calls fmt.Sprint in the order of its turns`
		if fmt.Sprint(v) == "" {
			n++
		}
	}
	for _, v := range h.all { // want `leaves in v.n what its last turn put there`
		v.n = n
	}
	for range h.all { // want `makes a function in every turn`
		_ = func() {}
	}
	for range h.all { // want `does more than gather`
		defer f()
	}
}

func nested(m map[string][]int) (all []int) {
	for _, values := range m {
		for _, v := range values {
			all = append(all, v)
		}
	}
	slices.SortFunc(all, func(a, b int) int { return a - b })
	return all
}

func generic[M ~map[K]V, K comparable, V any](m M) (keys []K) {
	for k := range m { // want `collects into keys`
		keys = append(keys, k)
	}
	return keys
}

func sequences(m set) {
	_ = slices.Sorted(maps.Keys(m))
	_ = slices.SortedFunc(maps.Values(m), func(a, b int) int { return a - b })
	values := slices.Collect(maps.Values(m))
	slices.Sort(values)
	_ = maps.Collect(maps.All(m))
	_ = slices.Collect(maps.Keys(m)) // want `maps.Keys outside slices.Sorted: use slices.Sorted\(maps.Keys\(m\)\)`
	for range maps.Keys(m) {         // want `maps.Keys outside slices.Sorted`
	}
	for range maps.All(m) { // want `maps.All outside slices.Sorted`
	}
	each := maps.Values(m) // want `maps.Values outside slices.Sorted`
	_ = each
}
