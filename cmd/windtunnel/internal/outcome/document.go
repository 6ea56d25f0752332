package outcome

import (
	"encoding/json"
	"time"

	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// document is results.json.
type document struct {
	Job      string `json:"job"`
	Name     string `json:"name"`
	State    string `json:"state"`
	Message  string `json:"message,omitempty"`
	Revision uint64 `json:"revision"`
	Complete bool   `json:"complete"` // the books balance
	ExitCode int    `json:"exit_code"`

	Requests  uint64            `json:"requests"` // sent: ok + failed + unknown
	Planned   uint64            `json:"planned"`
	OK        uint64            `json:"ok"`
	Failed    uint64            `json:"failed"`
	Unknown   uint64            `json:"unknown"`
	NotSent   map[string]uint64 `json:"not_sent"`
	ElapsedMS float64           `json:"elapsed_ms"`
	Extended  float64           `json:"extended_ms"` // by so much its deadline was put off

	Latency    quantiles `json:"latency_from_plan"`
	Service    quantiles `json:"latency_from_send"`
	SendLag    quantiles `json:"send_lag"`
	Coverage   float64   `json:"coverage"` // share of the expected windows that are in the quantiles, 0 to 1
	Unwindowed uint64    `json:"unwindowed"`
	Late       uint64    `json:"late_entries"`

	Reconciliation []line     `json:"reconciliation"` // a shard each, the sum last
	Lost           []lost     `json:"lost"`
	Workflows      []workflow `json:"workflows"`
	Thresholds     []Verdict  `json:"thresholds"`
	Duplicates     uint64     `json:"duplicate_results"`
	Conflicts      uint64     `json:"conflicting_results"`
}

type quantiles struct {
	Count        uint64  `json:"count"`
	ErrorPercent float64 `json:"error_percent"`
	Min          float64 `json:"min_ms"`
	Mean         float64 `json:"mean_ms"`
	P50          float64 `json:"p50_ms"`
	P90          float64 `json:"p90_ms"`
	P95          float64 `json:"p95_ms"`
	P99          float64 `json:"p99_ms"`
	P999         float64 `json:"p99_9_ms"`
	Max          float64 `json:"max_ms"`
}

// line is planned + excess = applied + refused + worker_lost + not_run + unknown_at_most + missing, for one
// shard.
type line struct {
	Datacenter    string `json:"datacenter,omitempty"`
	Workflow      string `json:"workflow,omitempty"`
	Shard         uint32 `json:"shard"`
	Planned       uint64 `json:"planned"`
	Sent          uint64 `json:"sent"`
	NotSent       uint64 `json:"not_sent"`
	Refused       uint64 `json:"refused"`
	RefusedSent   uint64 `json:"refused_sent"` // of them
	WorkerLost    uint64 `json:"worker_lost"`
	NotRun        uint64 `json:"not_run"`
	UnknownAtMost uint64 `json:"unknown_at_most"`
	Missing       uint64 `json:"missing"`
	Excess        uint64 `json:"excess"`
}

type lost struct {
	Worker      string `json:"worker"`
	At          string `json:"at"` // by the job's clock
	Why         string `json:"why"`
	Next        string `json:"next_worker,omitempty"` // who took over
	Datacenter  string `json:"datacenter"`
	Workflow    string `json:"workflow"`
	Shard       uint32 `json:"shard"`
	Attempt     uint32 `json:"attempt"`
	LastApplied uint64 `json:"last_applied_entry"`
	Applied     uint64 `json:"applied"`
	Answered    bool   `json:"answered"`
	Refused     uint64 `json:"refused"`
	AtMost      uint64 `json:"missing_at_most"`
}

type workflow struct {
	Name        string       `json:"name"`
	State       string       `json:"state"`
	Message     string       `json:"message,omitempty"`
	Revision    uint64       `json:"revision"`
	Requests    uint64       `json:"requests"`
	P99         float64      `json:"p99_ms"`
	Datacenters []datacenter `json:"datacenters"`
}

type datacenter struct {
	Name     string `json:"name"`
	State    string `json:"state"`
	Whole    bool   `json:"whole"`
	Requests uint64 `json:"requests"`
	Error    string `json:"error,omitempty"`
}

// JSON is the content of results.json. The status is the newest that is known.
func JSON(r *protocol.JobResult, s protocol.JobStatus, verdicts []Verdict) ([]byte, error) {
	sum := &r.Books.Sum
	d := document{
		Job: r.Job, Name: r.Name, State: r.State.String(), Message: r.Message, Revision: r.Revision,
		Complete: r.Books.Balanced(), ExitCode: ExitCode(r, verdicts),
		Requests: sum.Applied.Sent(), Planned: r.Planned, OK: sum.Applied.OK, Failed: sum.Applied.Failed,
		Unknown: sum.Applied.Unknown, NotSent: map[string]uint64{}, ElapsedMS: ms(r.Elapsed),
		Extended: ms(r.Extended), Duplicates: r.Duplicates, Conflicts: r.Conflicts,
		Latency: quantilesOf(&r.Measures.Latency), Service: quantilesOf(&r.Measures.Service),
		SendLag: quantilesOf(&r.Measures.SendLag), Coverage: r.Books.Share.Fraction(),
		Unwindowed: r.Unwindowed.Planned(), Late: r.LateEntries,
		Lost: []lost{}, Thresholds: append([]Verdict{}, verdicts...),
	}
	for reason, n := range sum.Applied.NotSent {
		d.NotSent[stats.Reason(reason).String()] = n
	}
	for i := range r.Books.Lines {
		d.Reconciliation = append(d.Reconciliation, lineOf(&r.Books.Lines[i]))
	}
	d.Reconciliation = append(d.Reconciliation, lineOf(sum))
	for _, l := range r.Lost {
		d.Lost = append(d.Lost, lost{
			Worker: l.Worker, At: clock(l.At).Format(time.RFC3339Nano), Why: l.Why, Next: l.Next,
			Datacenter: l.Stream.Datacenter, Workflow: l.Stream.Workflow,
			Shard: l.Stream.Shard, Attempt: l.Stream.Attempt, LastApplied: l.Last,
			Applied: l.Applied.Sent(), Answered: l.Answered, Refused: l.Refused.Sent(), AtMost: l.AtMost,
		})
	}
	for _, f := range workflows(r, s) {
		out := workflow{Name: f.name, State: f.state, Message: f.message, Datacenters: []datacenter{}}
		for i := range r.Workflows {
			if r.Workflows[i].Workflow == f.name {
				out.measured(&r.Workflows[i])
			}
		}
		d.Workflows = append(d.Workflows, out)
	}
	text, err := json.MarshalIndent(d, "", "  ")
	return append(text, '\n'), err
}

func (out *workflow) measured(w *protocol.WorkflowResult) {
	out.Revision, out.Requests, out.P99 = w.Revision, w.Totals.Sent(), ms(w.Latency.Quantile(0.99))
	for _, dc := range w.Datacenters {
		out.Datacenters = append(out.Datacenters, datacenter{
			Name: dc.Datacenter, State: dc.State.String(), Whole: dc.Whole,
			Requests: dc.Totals.Sent(), Error: dc.Error,
		})
	}
}

func lineOf(l *stats.Line) line {
	return line{
		Datacenter: l.Datacenter, Workflow: l.Workflow, Shard: l.Shard, Planned: l.Planned,
		Sent: l.Applied.Sent(), NotSent: l.Applied.NotSentTotal(), Refused: l.Refused.Planned(),
		RefusedSent: l.Refused.Sent(),
		WorkerLost:  l.WorkerLost, NotRun: l.NotRun,
		UnknownAtMost: l.Unknown, Missing: l.Missing, Excess: l.Excess,
	}
}

func quantilesOf(s *stats.Sketch) quantiles {
	return quantiles{
		Count: s.Count(), ErrorPercent: 1, Min: ms(s.Min()), Mean: ms(s.Mean()), Max: ms(s.Max()),
		P50: ms(s.Quantile(0.5)), P90: ms(s.Quantile(0.9)), P95: ms(s.Quantile(0.95)),
		P99: ms(s.Quantile(0.99)), P999: ms(s.Quantile(0.999)),
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
