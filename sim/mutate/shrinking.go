package mutate

import (
	"fmt"
	"io"
	"time"
)

// Shrinking is what sim/simtest's report says of how a failure was made small.
type Shrinking struct {
	Before       int   `json:"before"`     // choices that were not quiet
	After        int   `json:"after"`      // that are left
	Unverified   int   `json:"unverified"` // of those: not known to be necessary, for want of time
	Runs         int   `json:"runs"`
	Milliseconds int64 `json:"ms"`
}

// WriteShrinking prints, as a table in Markdown, how small the failures of mutants became: for each the one
// of the first base seed that caught it. Config.Shrink must have been set.
func WriteShrinking(w io.Writer, results []Result) error {
	fmt.Fprintln(w, "| mutant | scenario | choices before | after | not verified | runs | time |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
	for _, r := range results {
		if len(r.Shrunk) == 0 {
			continue
		}
		s := r.Shrunk[0]
		took := time.Duration(s.Milliseconds) * time.Millisecond
		_, err := fmt.Fprintf(w, "| %s | %s | %d | %d | %d | %d | %.1f s |\n",
			r.Mutant.ID, r.Mutant.Scenario, s.Before, s.After, s.Unverified, s.Runs, took.Seconds())
		if err != nil {
			return err
		}
	}
	return nil
}
