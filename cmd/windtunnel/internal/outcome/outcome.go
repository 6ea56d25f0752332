// Package outcome turns a job's result into what a person, a file and a shell are told.
//
//	Judge     compares the result with the job's thresholds
//	Summary   a few lines for a person, the reconciliation last
//	JSON      results.json
//	ExitCode  0 held, 1 failed, 4 PARTIAL or books that do not balance (which comes before 1), 130 cancelled
//
// It is pure. It does not decide whether the books balance: stats.Reconciliation does.
package outcome

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/jobfile"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// The exit codes of every command.
const (
	Held       = 0
	Failed     = 1 // a check, threshold or invariant failed, or the job FAILED or hit its TIMEOUT
	Usage      = 2 // bad usage or input
	NotStarted = 3 // nothing could be started
	Incomplete = 4 // ran, but PARTIAL or its books do not balance
	Cancelled  = 130
)

// Verdict is one threshold, as configured and as seen.
type Verdict struct {
	Name    string `json:"name"`
	Limit   string `json:"limit"`
	Seen    string `json:"seen"`
	Crossed bool   `json:"crossed"`
}

// Judge compares a result with its thresholds.
func Judge(r *protocol.JobResult, t jobfile.Thresholds) []Verdict {
	planned := float64(max(r.Planned, 1))
	share := func(name string, limit float64, n uint64) Verdict {
		seen := float64(n) / planned
		return Verdict{
			Name: name, Limit: percent(limit), Crossed: seen > limit,
			Seen: fmt.Sprintf("%s (%d of %d)", percent(seen), n, r.Planned),
		}
	}
	applied := r.Books.Sum.Applied
	lag := r.Measures.SendLag.Quantile(0.99)
	return []Verdict{
		share("unwindowed", t.Unwindowed, r.Unwindowed.Planned()),
		share("not_started", t.NotStarted, applied.NotSent[stats.NotStarted]),
		share("failed", t.Failed, applied.Failed+applied.Unknown),
		{
			Name: "send_lag_p99", Limit: t.SendLagP99.String(), Crossed: lag > t.SendLagP99,
			Seen: lag.Round(10 * time.Microsecond).String(),
		},
	}
}

// ExitCode is what the shell is told. Books that do not balance come before a verdict: it could be another
// one.
func ExitCode(r *protocol.JobResult, verdicts []Verdict) int {
	ran := r.Books.Sum.Applied.Sent()+r.Books.Sum.Unknown > 0
	incomplete := r.Books.Incomplete(r.State == protocol.JobPartial)
	switch {
	case r.State == protocol.JobCancelled:
		return Cancelled
	case ran && incomplete && !r.AcceptLost:
		return Incomplete
	case r.State != protocol.JobCompleted && !(r.State == protocol.JobPartial && r.AcceptLost):
		return Failed
	}
	for _, v := range verdicts {
		if v.Crossed {
			return Failed
		}
	}
	return Held
}

func percent(share float64) string {
	return fmt.Sprintf("%.4g%%", share*100)
}
