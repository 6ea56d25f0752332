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
func Summary(r *protocol.JobResult, verdicts []Verdict) string {
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
	for _, w := range r.Workflows {
		for _, dc := range w.Datacenters {
			fmt.Fprintf(&b, "  %s in %s: %s, %d requests\n",
				w.Workflow, dc.Datacenter, dc.State, dc.Totals.Sent())
		}
	}
	for _, l := range r.Lost {
		fmt.Fprintf(&b, "  LOST worker %s (%s, shard %d): applied through entry %d, %s\n",
			l.Worker, l.Stream.Datacenter, l.Stream.Shard, l.Last, missing(l))
	}
	for _, v := range verdicts {
		if v.Crossed {
			fmt.Fprintf(&b, "  CROSSED %s: %s, limit %s\n", v.Name, v.Seen, v.Limit)
		}
	}
	b.WriteString(reconciliation(r))
	return b.String()
}

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
	notSent := s.Applied.NotSentTotal() + s.WorkerLost
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
