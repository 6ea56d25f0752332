package gate

import (
	"fmt"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/leaving"
	"github.com/windtunnel/windtunnel/core/protocol"
)

// lookAgain is how often a gate that leaves looks whether it may go.
const lookAgain = 100 * time.Millisecond

// leave waits until the node is asked to stop, and then brings the gate to an end: no new jobs, time for
// those that run to end, then an end for the rest, since no job outlives its gate, and time for clients to
// take what they have coming. All within Config.StopWithin.
func (g *Gate) leave() {
	_ = g.env.NewSignal().Wait(g.env.Context(), core.Forever)
	defer g.cancel()
	g.mu.Lock()
	g.leaving = true
	g.mu.Unlock()
	var stop leaving.Progress
	within := g.config.StopWithin
	stop.Begin(g.env.Now(), within)
	g.leaveWhen(&stop, stop.HalfOver, g.jobsLeft)
	for _, j := range g.running() {
		_ = j.do(func() {
			if !j.state.Terminal() {
				j.endSoon(protocol.JobCancelled, "the gate was stopped", within/4)
			}
		})
	}
	g.leaveWhen(&stop, stop.Over, g.workLeft)
	stop.Say(g.env, "")
}

// leaveWhen waits until nothing is left, or time is up, and says what it waits for when that changes.
func (g *Gate) leaveWhen(stop *leaving.Progress, over func(core.Instant) bool, left func() string) {
	for what := left(); what != "" && !over(g.env.Now()); what = left() {
		stop.Say(g.env, what)
		_ = g.env.Sleep(g.ctx, lookAgain)
	}
}

// running lists the jobs that have not ended, or whose result nobody can have yet.
func (g *Gate) running() (jobs []*job) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, j := range g.order {
		if !j.told.Load() {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// jobsLeft says in words which jobs have not ended.
func (g *Gate) jobsLeft() string {
	jobs := g.running()
	if len(jobs) == 0 {
		return ""
	}
	return fmt.Sprintf("%d jobs to end, the first is %s", len(jobs), jobs[0].id)
}

// workLeft says in words what has not ended, or was not told.
func (g *Gate) workLeft() string {
	if what := g.jobsLeft(); what != "" {
		return what
	}
	g.mu.Lock()
	jobs := slices.Clone(g.order)
	g.mu.Unlock()
	for _, j := range jobs {
		if !j.books.told() {
			return "clients to take the pushes of job " + j.id
		}
	}
	return ""
}
