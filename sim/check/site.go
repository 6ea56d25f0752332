package check

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// site is a place in somebody's code: where an assertion stands, or what panicked.
type site struct {
	key      string // file:line, relative to the file's module
	function string
}

// notTheirs are packages in which no assertion of a user stands: what asserts, and what runs the assertion.
var notTheirs = [...]string{
	"runtime.", "runtime/", "testing.", "reflect.", "iter.",
	"github.com/stretchr/testify/",
	"github.com/windtunnel/windtunnel/core.",
	"github.com/windtunnel/windtunnel/sim.",
	"github.com/windtunnel/windtunnel/sim/check.",
}

// findSite returns the innermost place on the calling goroutine's stack that is in a user's code: not in a
// function that helper knows, not in the standard library.
func findSite(helper map[string]bool) site {
	pcs := make([]uintptr, 128)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		frame, more := frames.Next()
		if theirs(frame.Function) && !helper[frame.Function] {
			if file, ok := inModule(frame.File); ok {
				return site{key: fmt.Sprintf("%s:%d", file, frame.Line), function: frame.Function}
			}
		}
		if !more {
			return site{key: "unknown place"}
		}
	}
}

func theirs(function string) bool {
	for _, prefix := range notTheirs {
		if strings.HasPrefix(function, prefix) {
			return false
		}
	}
	return function != ""
}

// inModule makes a file's path relative to the root of its module, and rejects the standard library. A
// binary built with -trimpath has paths that begin with the module's.
func inModule(file string) (relative string, ok bool) {
	if !filepath.IsAbs(file) {
		info, known := debug.ReadBuildInfo()
		if !known {
			return file, true
		}
		if rest, ours := strings.CutPrefix(file, info.Main.Path+"/"); ours {
			return rest, true
		}
		return file, strings.Contains(file, "@") // a dependency; the standard library has neither
	}
	for folder := filepath.Dir(file); ; folder = filepath.Dir(folder) {
		if text, err := os.ReadFile(filepath.Join(folder, "go.mod")); err == nil {
			relative, err := filepath.Rel(folder, file)
			return filepath.ToSlash(relative), err == nil && !strings.HasPrefix(string(text), "module std\n")
		}
		if folder == filepath.Dir(folder) {
			return filepath.Base(file), true // the sources are gone; the name is all that is sure
		}
	}
}

// Place is where a call stands in somebody's code.
type Place struct {
	Function string
	File     string // as the compiler had it
	Line     int
	Short    string // file:line, relative to the file's module
}

// Places are the calls of a stack, as runtime.Callers says it, that stand in the code under test: not in what
// runs it. The innermost comes first.
func Places(stack []uintptr) []Place {
	var places []Place
	if len(stack) == 0 {
		return nil
	}
	for frames, more := runtime.CallersFrames(stack), true; more; {
		var frame runtime.Frame
		if frame, more = frames.Next(); !theirs(frame.Function) {
			continue
		}
		if file, ok := inModule(frame.File); ok {
			places = append(places, Place{
				frame.Function, frame.File, frame.Line, fmt.Sprintf("%s:%d", file, frame.Line),
			})
		}
	}
	return places
}

// callerName is the name of the function skip levels above the caller.
func callerName(skip int) string {
	pc, _, _, ok := runtime.Caller(skip + 1)
	if !ok {
		return ""
	}
	return runtime.FuncForPC(pc).Name()
}
