package doctor

import (
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/sim"
)

// before is for how many steps before the first difference goroutines are looked for.
const before = 50

// strangers returns the goroutines that are there about the first difference, were not before the run, and
// were started by code in the folders of the stack: each with the place of its go statement at the end.
func (c Case) strangers(d *Diagnosis) []string {
	if len(d.Stack) == 0 {
		return nil
	}
	at := max(stepOf(d.Divergence.FirstEvent), stepOf(d.Divergence.SecondEvent))
	known := goroutines()
	seen := make(map[string]struct{})
	look := func(w *sim.World) {
		if step := w.Step(); step+before < at || step > at {
			return
		}
		for id, started := range goroutines() {
			if _, old := known[id]; !old && ours(started.file, d) {
				seen[fmt.Sprintf("started by %s at %s", started.function, started.short(d))] = struct{}{}
			}
		}
	}
	c.run(look)
	return slices.Sorted(maps.Keys(seen))
}

func stepOf(event string) uint64 {
	var step uint64
	_, _ = fmt.Sscan(event, &step) // 0 where the run had ended
	return step
}

func ours(file string, d *Diagnosis) bool {
	return slices.Contains(folders(d.Stack), filepath.Dir(file))
}

// start is where a goroutine was started.
type start struct{ function, file, line string }

func (s start) short(d *Diagnosis) string { return short(d.Stack, s.file) + ":" + s.line }

// goroutines returns where each goroutine was started, by its id.
func goroutines() map[string]start {
	text := make([]byte, 1<<20)
	for {
		n := runtime.Stack(text, true)
		if n < len(text) {
			text = text[:n]
			break
		}
		text = make([]byte, 2*len(text))
	}
	all := make(map[string]start)
	for record := range strings.SplitSeq(string(text), "\n\n") {
		head, _, _ := strings.Cut(record, " [")
		_, created, ok := strings.Cut(record, "\ncreated by ")
		if !ok {
			all[head] = start{}
			continue
		}
		function, place, _ := strings.Cut(created, "\n\t")
		function, _, _ = strings.Cut(function, " in goroutine ")
		place, _, _ = strings.Cut(place, " ")
		colon := max(strings.LastIndexByte(place, ':'), 0)
		all[head] = start{function, place[:colon], strings.TrimPrefix(place[colon:], ":")}
	}
	return all
}
