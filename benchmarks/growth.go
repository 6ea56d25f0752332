package main

import (
	"fmt"
	"math"
	"syscall"
	"time"

	"github.com/windtunnel/windtunnel/sim"
)

// What a virtual second costs as a cluster grows: as many requests a second of each worker, all invariants on.
// The gate's tasks are never late: those of the default stalls, every hundredth wait by 10 ms or more, make one
// job's task too slow for the 3,600 reports a second of 900 workers, and what is sent again and again would be
// measured.
const (
	growthRate  = clusterRate / 9 // requests a second of one worker
	growthFrom  = 3 * time.Second // by then all have registered and run
	growthFor   = 10 * time.Second
	growthLasts = growthFrom + growthFor + 2*time.Second
)

// grown is a cluster of some size, and the steps that its measured seconds took.
type grown struct {
	workers int // in all
	seed    uint64
	steps   uint64
}

// measureGrowth compares the cost of a virtual second with n log n, n the workers.
func measureGrowth(s settings) ([]figure, error) {
	sizes := []*grown{{workers: 9}, {workers: 90}, {workers: 900}}
	var contestants []contestant
	for _, g := range sizes {
		contestants = append(contestants, contestant{name: fmt.Sprintf("%d workers", g.workers), run: g.play})
	}
	results, err := takeTurns(s, contestants...)
	if err != nil {
		return nil, err
	}
	var figures []figure
	for i, g := range sizes {
		figures = append(figures, figure{
			what: fmt.Sprintf("a virtual second, %d workers (%s steps)", g.workers,
				number(float64(g.steps)/growthFor.Seconds())),
			value: number(results[i].median()/growthFor.Seconds()/1e6) + " ms",
		})
	}
	for _, step := range [][2]int{{0, 1}, {1, 2}, {0, 2}} {
		from, to := float64(sizes[step[0]].workers), float64(sizes[step[1]].workers)
		got, allowed := results[step[1]].over(results[step[0]]), to*math.Log(to)/(from*math.Log(from))
		figures = append(figures, figure{
			what: fmt.Sprintf("growth from %v to %v workers, as n to the %s; n log n is to the %s", from, to,
				number(exponent(got, from, to)), number(exponent(allowed, from, to))),
			value: number(got) + "×", goal: atMost(math.Round(10*allowed)/10, "×"), got: got,
		})
	}
	return figures, nil
}

// exponent is of n, for a cost that grows so many times between two sizes.
func exponent(grows, from, to float64) float64 { return math.Log(grows) / math.Log(to/from) }

// play plays n Worlds and says how long their measured seconds took: what comes before is a cluster that boots.
func (g *grown) play(n int) (took time.Duration, err error) {
	job := steady{workers: g.workers / 3, rate: uint64(g.workers * growthRate), duration: growthLasts}
	for range n {
		g.seed++
		var began time.Duration
		var before uint64
		_, err := job.play(g.seed, func(w *sim.World) {
			w.Node("g1").SetStalls(sim.Quiet())
			w.After(growthFrom, "measured from here", func() { began, before = processorTime(), w.Step() })
			w.After(growthFrom+growthFor, "measured", func() {
				took += processorTime() - began
				g.steps = w.Step() - before
			})
		})
		if err != nil {
			return 0, err
		}
	}
	return took, nil
}

// processorTime is what this process has used of all processors: a neighbour's use of them is no cost of a
// virtual second, and the garbage collector's is.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(fmt.Sprintf("processor time: %v", err))
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
