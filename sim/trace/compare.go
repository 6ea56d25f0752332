package trace

import "sort"

// FirstDifference returns the position of the first event in which two full traces differ, and false if they
// are the same. A position may be the length of the shorter one: it ended where the other went on.
//
// It compares hashes, so it sees what the hash sees: not text, not log lines.
func FirstDifference(a, b []Event) (int, bool) {
	shorter := min(len(a), len(b))
	// A rolling hash that has parted stays apart, so the first difference can be searched for by halving.
	i := sort.Search(shorter, func(i int) bool { return a[i].Hash != b[i].Hash || a[i].ID != b[i].ID })
	return i, i < shorter || len(a) != len(b)
}
