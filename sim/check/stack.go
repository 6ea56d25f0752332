package check

import (
	"fmt"
	"slices"
	"strings"
)

// stackFrame is one call of a stack's text.
type stackFrame struct {
	function string
	place    string // file:line
}

// panicFrames returns the calls below the innermost panic of a stack as debug.Stack prints it, innermost
// first. The text of debug.Stack itself differs from run to run: it holds goroutine numbers and addresses.
func panicFrames(stack string) []stackFrame {
	lines := strings.Split(stack, "\n")
	var frames []stackFrame
	for i := 0; i+1 < len(lines); i++ {
		place, isPlace := strings.CutPrefix(lines[i+1], "\t")
		at := strings.LastIndexByte(lines[i], '(') // of the arguments: a method's receiver has one before
		started := strings.HasPrefix(lines[i], "created by ")
		if !isPlace || at <= 0 || started || strings.HasPrefix(lines[i], "\t") {
			continue
		}
		function := lines[i][:at]
		if function == "panic" {
			frames = nil // an earlier one is a deferred call that panicked again, or passed it on
			continue
		}
		place, _, _ = strings.Cut(place, " ")
		frames = append(frames, stackFrame{function, place})
	}
	return frames
}

// panicSite is the innermost place in a user's code among the frames, or, where none is, in any module's:
// then what runs the user's code is itself at fault.
func panicSite(frames []stackFrame) site {
	fallback := site{key: "unknown place"}
	for _, frame := range slices.Backward(frames) {
		if where, ok := siteOf(frame); ok {
			fallback = where
		}
	}
	for _, frame := range frames {
		if where, ok := siteOf(frame); ok && theirs(frame.function) {
			return where
		}
	}
	return fallback
}

func siteOf(frame stackFrame) (site, bool) {
	colon := max(strings.LastIndexByte(frame.place, ':'), 0)
	file, ok := inModule(frame.place[:colon])
	return site{key: file + frame.place[colon:], function: frame.function}, ok
}

// stackText is the frames for a reader, the same in every run: a bounded number, without what runs the
// tasks.
func stackText(frames []stackFrame) string {
	const most = 12
	var b strings.Builder
	for _, frame := range frames[:min(len(frames), most)] {
		place := frame.place
		if where, ok := siteOf(frame); ok {
			place = where.key
		}
		fmt.Fprintf(&b, "%s %s\n", frame.function, place)
	}
	return b.String()
}
