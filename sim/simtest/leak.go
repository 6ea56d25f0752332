package simtest

import (
	"bytes"
	"fmt"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/sim/check"
)

// leftover describes the goroutines that runs of a scenario left behind, or is empty. A run's goroutines
// carry its scenario's name as a profiler label, which all that they start inherits, so nobody else's are
// blamed.
//
// A goroutine that is about to end is given a second for it.
func leftover(scenario string) string {
	const patience = 100
	for range patience {
		if len(labelled(scenario)) == 0 {
			return ""
		}
		time.Sleep(10 * time.Millisecond)
	}
	left := labelled(scenario)
	if len(left) == 0 {
		return ""
	}
	return fmt.Sprintf("runs of %s left goroutines behind:\n%s\n", scenario, strings.Join(left, "\n"))
}

// labelled returns the stacks of a scenario's goroutines, from the profile's text: records part at empty
// lines.
func labelled(scenario string) []string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return []string{err.Error()}
	}
	var found []string
	for record := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(record, fmt.Sprintf("%q:%q", check.LabelScenario, scenario)) {
			found = append(found, strings.TrimSpace(record))
		}
	}
	return found
}
