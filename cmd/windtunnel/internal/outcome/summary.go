package outcome

import (
	"fmt"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Summary is a result in a few lines, the reconciliation last: what was planned is what was sent and what was
// not, and what is missing is named.
//
// The status is the newest that is known: it says why workflows ended as they did.
func Summary(r *protocol.JobResult, s protocol.JobStatus, verdicts []Verdict) string {
	var b strings.Builder
	word := ""
	if r.Books.Incomplete(r.State == protocol.JobPartial) {
		word = ", INCOMPLETE"
	}
	fmt.Fprintf(&b, "%s %s%s after %.1fs (job %s, revision %d)\n",
		r.Name, r.State, word, r.Elapsed.Seconds(), r.Job, r.Revision)
	if r.Message != "" {
		fmt.Fprintf(&b, "  %s\n", r.Message)
	}
	coverage := fmt.Sprintf("±1 %%, %.1f %% of windows", 100*r.Books.Share.Fraction())
	row := func(name string, s *stats.Sketch) {
		fmt.Fprintf(&b, "  %-18s p50 %-9s p90 %-9s p99 %-9s max %-9s %s\n", name,
			short(s.Quantile(0.5)), short(s.Quantile(0.9)), short(s.Quantile(0.99)), short(s.Max()),
			coverage)
	}
	row("latency from plan", &r.Measures.Latency)
	row("latency from send", &r.Measures.Service)
	row("send lag", &r.Measures.SendLag)
	for i := range r.Workflows {
		for _, dc := range r.Workflows[i].Datacenters {
			fmt.Fprintf(&b, "  %s in %s: %s, %d requests%s\n", r.Workflows[i].Workflow, dc.Datacenter,
				dc.State, dc.Totals.Sent(), because(dc.Error))
		}
	}
	for _, w := range workflows(r, s) {
		if w.state != protocol.WorkflowCompleted.String() {
			fmt.Fprintf(&b, "  %s: %s%s\n", w.name, w.state, because(w.message))
		}
	}
	if r.Extended > 0 {
		fmt.Fprintf(&b, "  deadline put off by %v\n", r.Extended)
	}
	for _, l := range r.Lost {
		fmt.Fprintf(&b, "  LOST worker %s (%s, shard %d) at %s%s: applied through entry %d, %s%s\n",
			l.Worker, l.Stream.Datacenter, l.Stream.Shard, clock(l.At).Format("15:04:05.000"), because(l.Why),
			l.Last, missing(l), followed(l.Next))
	}
	for _, v := range verdicts {
		if v.Crossed {
			fmt.Fprintf(&b, "  CROSSED %s: %s, limit %s\n", v.Name, v.Seen, v.Limit)
		}
	}
	b.WriteString(reconciliation(r))
	return b.String()
}

// because is a reason at the end of a line, where there is one.
func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

func followed(next string) string {
	if next == "" {
		return "; nobody took over"
	}
	return "; " + next + " took over"
}

// clock is a time by a job's clock.
func clock(unixNano int64) time.Time { return time.Unix(0, unixNano).UTC() }

func missing(l protocol.LostStream) string {
	if l.Answered {
		return fmt.Sprintf("%d more were sent", l.Refused.Sent())
	}
	return fmt.Sprintf("at most %d more were sent", l.AtMost)
}

// reconciliation is the books in two lines.
func reconciliation(r *protocol.JobResult) string {
	s := &r.Books.Sum
	var reasons []string
	for reason, n := range s.Applied.NotSent {
		if n > 0 {
			reasons = append(reasons, fmt.Sprintf("%s %d", stats.Reason(reason), n))
		}
	}
	if s.WorkerLost > 0 {
		reasons = append(reasons, fmt.Sprintf("worker_lost %d", s.WorkerLost))
	}
	if s.NotRun > 0 {
		reasons = append(reasons, fmt.Sprintf("not_run %d", s.NotRun))
	}
	notSent := s.Applied.NotSentTotal() + s.WorkerLost + s.NotRun
	sent := s.Applied.Sent()
	text := fmt.Sprintf("  planned %d = sent %d + not sent %d", s.Planned, sent, notSent)
	if len(reasons) > 0 {
		text += " (" + strings.Join(reasons, ", ") + ")"
	}
	for _, part := range []struct {
		name string
		n    uint64
	}{{"refused", s.Refused.Planned()}, {"unknown, at most", s.Unknown}, {"missing", s.Missing}} {
		if part.n > 0 {
			text += fmt.Sprintf(" + %s %d", part.name, part.n)
		}
	}
	const second = "\n  sent %d = ok %d + failed %d + unknown %d; unwindowed %d, late entries %d\n"
	return text + fmt.Sprintf(second, sent, s.Applied.OK, s.Applied.Failed, s.Applied.Unknown,
		r.Unwindowed.Planned(), r.LateEntries)
}

// short is a duration with three digits.
func short(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.2fs", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.0fms", ms(d))
	default:
		return fmt.Sprintf("%.2fms", ms(d))
	}
}
