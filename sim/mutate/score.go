package mutate

import (
	"fmt"
	"slices"
	"strconv"
)

// A Score is how soon one strategy finds a mutant.
type Score struct {
	Strategy  string `json:"strategy"`  // of sim/explore; "" is the scenario's own
	Schedules int    `json:"schedules"` // the most that a base seed had
	// KilledAt has, for every base seed, the first schedule that failed by the named invariant, from 1; 0
	// where none did.
	KilledAt []int `json:"killed_at"`
	// Others counts the base seeds on which something else failed and the named invariant never, by its key.
	Others map[string]int `json:"others,omitempty"`
}

// name is what the strategy is called where a person reads it.
func (s Score) name() string {
	if s.Strategy == "" {
		return "own"
	}
	return s.Strategy
}

// Caught is the number of base seeds on which the named invariant failed.
func (s Score) Caught() int {
	n := 0
	for _, at := range s.KilledAt {
		if at > 0 {
			n++
		}
	}
	return n
}

// Median is the number of schedules after which half of the base seeds had caught the mutant; 0 when they
// never did.
func (s Score) Median() int { return quantile(s.KilledAt, 50) }

// Percentile95 is the number of schedules after which 19 of 20 base seeds had; 0 when they never did.
func (s Score) Percentile95() int { return quantile(s.KilledAt, 95) }

// quantile is by nearest rank, so that it is always a number of schedules that was seen.
func quantile(schedules []int, percent int) int {
	if len(schedules) == 0 {
		return 0
	}
	sorted := slices.Clone(schedules)
	slices.SortFunc(sorted, soonest)
	return sorted[(len(sorted)*percent+99)/100-1]
}

// soonest compares schedules; 0, which is never, comes last.
func soonest(a, b int) int {
	switch {
	case a == b:
		return 0
	case a == 0:
		return 1
	case b == 0:
		return -1
	}
	return a - b
}

// leastToGiveUp is how many base seeds, the first ones, have to find nothing for a strategy to be given up on
// a mutant. Of 20 it could no longer catch the 19 that a verdict takes.
const leastToGiveUp = 4

// hopeless tells whether the strategy is to be given up.
func (s Score) hopeless() bool { return len(s.KilledAt) >= leastToGiveUp && s.Caught() == 0 }

// String is median and 95th percentile, or on how many base seeds nothing was found.
func (s Score) String() string {
	if s.Caught() == 0 {
		return fmt.Sprintf("%s on %d of %d", schedulesText(0, s.Schedules), len(s.KilledAt), len(s.KilledAt))
	}
	return schedulesText(s.Median(), s.Schedules) + " / " + schedulesText(s.Percentile95(), s.Schedules)
}

// schedulesText writes a number of schedules: 0 is more than the bound.
func schedulesText(at, bound int) string {
	if at == 0 {
		return "> " + thousands(bound)
	}
	return thousands(at)
}

// thousands writes 12345 as 12,345.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
