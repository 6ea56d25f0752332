package main

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// contestant does n operations and says how long they took, without what it needed to get ready.
type contestant struct {
	name  string
	run   func(n int) (time.Duration, error)
	least int // operations that are worth timing; 0 is 1
}

// result is what a contestant's turns took: nanoseconds an operation, one number a turn, in the order of
// turns.
type result []float64

// median is of all turns.
func (r result) median() float64 {
	sorted := slices.Sorted(slices.Values(r))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// over is the median of the ratios of turns that were taken side by side.
func (r result) over(rival result) float64 {
	ratios := make(result, len(r))
	for i := range r {
		ratios[i] = r[i] / rival[i]
	}
	return ratios.median()
}

// perSecond is how many operations a second the median makes.
func (r result) perSecond() float64 { return 1e9 / r.median() }

// takeTurns lets the contestants run one after the other, again and again. First each finds out how many
// operations fill a slice, which also warms it up.
func takeTurns(s settings, contestants ...contestant) ([]result, error) {
	counts := make([]int, len(contestants))
	for i, c := range contestants {
		n, err := fill(c, s.slice)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		counts[i] = n
	}
	results := make([]result, len(contestants))
	for range s.rounds {
		for i, c := range contestants {
			took, err := c.run(counts[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			results[i] = append(results[i], float64(took)/float64(counts[i]))
		}
	}
	return results, nil
}

// fill finds how many operations take about so long.
func fill(c contestant, slice time.Duration) (int, error) {
	for n := max(1, c.least); n < 1<<40; {
		took, err := c.run(n)
		if err != nil {
			return 0, err
		}
		if took >= slice/4 {
			return max(1, c.least, int(float64(n)*float64(slice)/float64(took))), nil
		}
		if took < slice/100 {
			n *= 10
		} else {
			n *= 4
		}
	}
	return 0, errors.New("it takes no time")
}

// nanoseconds prints a median.
func (r result) nanoseconds() string { return number(r.median()) + " ns" }
