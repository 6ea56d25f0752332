package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// progress prints a running job as plain lines: one at every change of state, and one a second.
type progress struct {
	console *console
	revised chan struct{} // a result came in

	told      string                            // of the job's state, printed last
	deadline  time.Duration                     // as known last; 0: not at all
	workflows map[string]protocol.WorkflowState // as printed last
	printed   time.Time
	sent      uint64        // as printed last
	at        time.Duration // the job's time of the line printed last
	recent    stats.Sketch  // latencies of the windows since then
	lost      int
}

func newProgress(c *console) *progress {
	return &progress{
		console: c, revised: make(chan struct{}, 1), workflows: map[string]protocol.WorkflowState{},
	}
}

func (p *progress) callbacks() client.Callbacks {
	return client.Callbacks{
		Status:  p.status,
		Windows: p.windows,
		Gap: func(g protocol.Gap) {
			p.console.printf("pushes %d to %d were dropped: quantiles of %d windows are not shown\n",
				g.From, g.To, len(g.Windows))
		},
		Final: func(protocol.JobResult) {
			select {
			case p.revised <- struct{}{}:
			default:
			}
		},
	}
}

// windows gathers what the next line shows. A late revision of a window counts again in the line, not in the
// result.
func (p *progress) windows(windows []stats.Window) {
	for i := range windows {
		for j := range windows[i].Parts {
			p.recent.Merge(&windows[i].Parts[j].Tally.Measures.Latency)
		}
	}
}

func (p *progress) status(s protocol.JobStatus) {
	for _, text := range s.Degraded[min(p.lost, len(s.Degraded)):] {
		p.console.printf("DEGRADED %s\n", text)
	}
	p.lost = len(s.Degraded)
	if told := outcome.State(s); told != p.told {
		p.told = told
		p.console.printf("%s\n", told)
	}
	p.changes(s)
	if now := time.Now(); p.recent.Count() > 0 && now.Sub(p.printed) >= time.Second {
		p.line(s)
		p.printed = now
	}
}

// changes prints what has become of workflows, where there are several, and of the deadline.
func (p *progress) changes(s protocol.JobStatus) {
	for _, w := range s.Workflows {
		if len(s.Workflows) > 1 && w.State > protocol.WorkflowPending && w.State != p.workflows[w.Name] {
			p.console.printf("%s\n", outcome.Workflow(w))
		}
		p.workflows[w.Name] = w.State
	}
	if p.deadline > 0 && s.Deadline > p.deadline {
		p.console.printf("deadline put off by %v, to %v\n", s.Deadline-p.deadline, s.Deadline)
	}
	p.deadline = s.Deadline
}

func (p *progress) line(s protocol.JobStatus) {
	sent, text := s.Totals.Sent(), ""
	if p.at > 0 && s.Elapsed > p.at {
		text = fmt.Sprintf("%7.0f/s", float64(sent-p.sent)/(s.Elapsed-p.at).Seconds())
	}
	p50, p99 := brief(p.recent.Quantile(0.5)), brief(p.recent.Quantile(0.99))
	p.console.printf("%6.1fs  %8d of %d  %9s  p50 %-8s p99 %-8s failed %d unknown %d\n",
		s.Elapsed.Seconds(), sent, s.Planned, text, p50, p99, s.Totals.Failed, s.Totals.Unknown)
	p.sent, p.at = sent, s.Elapsed
	p.recent.Reset()
}

func brief(d time.Duration) string {
	if d < time.Millisecond {
		return d.Round(time.Microsecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}

// logger is for the nodes: what a person must know goes to the error output, the rest only when asked for.
func logger(c *console, verbose bool) *slog.Logger {
	level := slog.LevelError
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: level}))
}

// nodeLogger is for a node that is a process of its own: its operator sees what it has to say.
func nodeLogger(c *console, verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: level}))
}
