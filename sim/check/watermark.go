package check

import (
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// Watermark says that something stands at value; the run's largest is kept: how full a queue was, how late a
// message. The name has the unit. It shows how near the runs came to a bound.
func (r *Run) Watermark(name string, value int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.watermarks[name]; ok && known >= value {
		return
	}
	if r.watermarks == nil {
		r.watermarks = make(map[string]int64)
	}
	r.watermarks[name] = value
}

// highest lists the watermarks by name. The caller holds the lock.
func (r *Run) highest() []explore.Watermark {
	var all []explore.Watermark
	for name, value := range r.watermarks {
		all = append(all, explore.Watermark{Name: name, Value: value})
	}
	slices.SortFunc(all, func(a, b explore.Watermark) int { return strings.Compare(a.Name, b.Name) })
	return all
}
