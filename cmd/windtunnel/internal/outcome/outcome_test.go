package outcome

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/jobfile"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// result is a job's end whose books balance: 100 planned, 90 ok, 6 failed, 4 not started.
func result(state protocol.JobState) *protocol.JobResult {
	r := &protocol.JobResult{
		Job: "j1", Name: "quickstart", State: state, Revision: 1, Planned: 100, Elapsed: 10 * time.Second,
	}
	counts := stats.Counts{OK: 90, Failed: 6}
	counts.NotSent[stats.NotStarted] = 4
	line := stats.Line{Datacenter: "dc-a", Workflow: "wf", Planned: 100, Applied: counts}
	r.Books.Lines = []stats.Line{line}
	r.Books.Sum = stats.Line{Planned: 100, Applied: counts}
	for i := range 96 {
		r.Measures.Latency.Add(time.Duration(i+1) * time.Millisecond)
		r.Measures.Service.Add(time.Millisecond)
		r.Measures.SendLag.Add(10 * time.Microsecond)
	}
	r.Workflows = []protocol.WorkflowResult{{
		Workflow: "wf", Revision: 1, State: protocol.EndCompleted, Totals: counts,
		Datacenters: []protocol.DatacenterEnd{
			{Datacenter: "dc-a", State: protocol.EndCompleted, Whole: true, Totals: counts},
		},
	}}
	return r
}

// unbalanced is one whose worker was lost, and has not answered.
func unbalanced(state protocol.JobState) *protocol.JobResult {
	r := result(state)
	r.Planned, r.Books.Sum.Planned, r.Books.Sum.Unknown = 110, 110, 10
	r.Lost = []protocol.LostStream{{
		Stream: stats.Stream{Job: "j1", Datacenter: "dc-a", Workflow: "wf", Shard: 1, Attempt: 1},
		Worker: "w2", Last: 7, AtMost: 10, Why: "silent for 10s",
		At: time.Date(2026, 11, 25, 14, 2, 10, 5e6, time.UTC).UnixNano(),
	}}
	return r
}

// skipping is the status of a job that had a workflow which never started.
func skipping() protocol.JobStatus {
	return protocol.JobStatus{Job: "j1", Workflows: []protocol.WorkflowStatus{
		{Name: "wf", State: protocol.WorkflowCompleted},
		{Name: "browse", State: protocol.WorkflowSkipped, Message: "login did not complete"},
	}}
}

func TestExitCodes(t *testing.T) {
	crossed := []Verdict{{Name: "failed"}, {Name: "unwindowed", Crossed: true}}
	held := []Verdict{{Name: "failed"}}
	nothingRan := result(protocol.JobTimeout)
	nothingRan.Books.Sum.Applied = stats.Counts{}
	nothingRan.Books.Sum.Missing = 100
	accepted := func(r *protocol.JobResult) *protocol.JobResult {
		r.AcceptLost = true
		return r
	}
	for _, c := range []struct {
		name     string
		result   *protocol.JobResult
		verdicts []Verdict
		want     int
	}{
		{"completed", result(protocol.JobCompleted), held, Held},
		{"completed, threshold crossed", result(protocol.JobCompleted), crossed, Failed},
		{"completed, books do not balance", unbalanced(protocol.JobCompleted), held, Incomplete},
		{"that comes before a threshold", unbalanced(protocol.JobCompleted), crossed, Incomplete},
		{"completed, lost accepted", accepted(unbalanced(protocol.JobCompleted)), held, Held},
		{"completed, lost accepted, threshold crossed", accepted(unbalanced(protocol.JobCompleted)),
			crossed, Failed},
		{"partial", result(protocol.JobPartial), held, Incomplete},
		{"partial, books do not balance", unbalanced(protocol.JobPartial), crossed, Incomplete},
		{"partial, lost accepted", accepted(unbalanced(protocol.JobPartial)), held, Held},
		{"failed", result(protocol.JobFailed), held, Failed},
		{"failed, books do not balance", unbalanced(protocol.JobFailed), held, Incomplete},
		{"failed, lost accepted", accepted(unbalanced(protocol.JobFailed)), held, Failed},
		{"timeout", result(protocol.JobTimeout), held, Failed},
		{"timeout, nothing ran", nothingRan, held, Failed},
		{"timeout, books do not balance", unbalanced(protocol.JobTimeout), held, Incomplete},
		{"cancelled", result(protocol.JobCancelled), held, Cancelled},
		{"cancelled comes before all", unbalanced(protocol.JobCancelled), crossed, Cancelled},
	} {
		require.Equal(t, c.want, ExitCode(c.result, c.verdicts), c.name)
	}
}

func TestThresholdsAreCrossedOnlyBeyondTheirLimit(t *testing.T) {
	r := result(protocol.JobCompleted)
	r.Unwindowed = stats.Counts{OK: 2}
	at := jobfile.Thresholds{Unwindowed: 0.02, NotStarted: 0.04, Failed: 0.06, SendLagP99: time.Millisecond}
	for _, v := range Judge(r, at) {
		require.False(t, v.Crossed, "%s is at its limit", v.Name)
	}
	below := jobfile.Thresholds{Unwindowed: 0.019, NotStarted: 0.039, Failed: 0.059,
		SendLagP99: 9 * time.Microsecond}
	verdicts := Judge(r, below)
	require.Len(t, verdicts, 4)
	for _, v := range verdicts {
		require.True(t, v.Crossed, v.Name)
	}
	require.Equal(t, Verdict{Name: "unwindowed", Limit: "1.9%", Seen: "2% (2 of 100)", Crossed: true},
		verdicts[0])
	require.Equal(t, "10µs", verdicts[3].Seen)
	require.Len(t, Judge(&protocol.JobResult{}, at), 4, "a job that planned nothing divides by nothing")
}

func TestTheSummaryOfAGoodRun(t *testing.T) {
	require.Equal(t, `quickstart COMPLETED after 10.0s (job j1, revision 1)
  latency from plan  p50 48ms      p90 86ms      p99 95ms      max 96ms      ±1 %, 100.0 % of windows
  latency from send  p50 1.00ms    p90 1.00ms    p99 1.00ms    max 1.00ms    ±1 %, 100.0 % of windows
  send lag           p50 0.01ms    p90 0.01ms    p99 0.01ms    max 0.01ms    ±1 %, 100.0 % of windows
  wf in dc-a: COMPLETED, 96 requests
  planned 100 = sent 96 + not sent 4 (not_started 4)
  sent 96 = ok 90 + failed 6 + unknown 0; unwindowed 0, late entries 0
`, Summary(result(protocol.JobCompleted), protocol.JobStatus{}, nil))
}

func TestTheSummaryNamesWhatIsMissing(t *testing.T) {
	r := unbalanced(protocol.JobPartial)
	r.Message = "no whole result of wf from datacenter dc-b in time"
	crossed := []Verdict{{Name: "failed", Limit: "1%", Seen: "6% (6 of 100)", Crossed: true}}
	text := Summary(r, protocol.JobStatus{}, crossed)
	for _, line := range []string{
		"quickstart PARTIAL, INCOMPLETE after 10.0s (job j1, revision 1)\n",
		"  no whole result of wf from datacenter dc-b in time\n",
		"  LOST worker w2 (dc-a, shard 1) at 14:02:10.005: silent for 10s: applied through entry 7, " +
			"at most 10 more were sent; nobody took over\n",
		"  CROSSED failed: 6% (6 of 100), limit 1%\n",
		"  planned 110 = sent 96 + not sent 4 (not_started 4) + unknown, at most 10\n",
	} {
		require.Contains(t, text, line)
	}
	r.Lost[0].Answered, r.Lost[0].Refused, r.Lost[0].Next = true, stats.Counts{OK: 3}, "w3"
	require.Contains(t, Summary(r, protocol.JobStatus{}, nil),
		"applied through entry 7, 3 more were sent; w3 took over\n")
}

func TestTheFileHasWhatTheSummarySays(t *testing.T) {
	r := unbalanced(protocol.JobCompleted)
	r.Extended, r.Lost[0].Next = 30*time.Second, "w3"
	s := skipping()
	text, err := JSON(r, s, []Verdict{{Name: "failed", Limit: "1%", Seen: "6%", Crossed: true}})
	require.NoError(t, err)
	var d map[string]any
	require.NoError(t, json.Unmarshal(text, &d))
	for key, want := range map[string]any{
		"job": "j1", "name": "quickstart", "state": "COMPLETED", "revision": 1.0, "complete": false,
		"exit_code": 4.0, "requests": 96.0, "planned": 110.0, "ok": 90.0, "failed": 6.0, "unknown": 0.0,
		"elapsed_ms": 10000.0, "extended_ms": 30000.0, "coverage": 1.0, "unwindowed": 0.0,
		"late_entries":      0.0,
		"duplicate_results": 0.0, "conflicting_results": 0.0,
	} {
		require.Equal(t, want, d[key], key)
	}
	require.Equal(t, 4.0, d["not_sent"].(map[string]any)["not_started"])
	latency := d["latency_from_plan"].(map[string]any)
	require.Equal(t, 96.0, latency["count"])
	require.Equal(t, 96.0, latency["max_ms"])
	require.InEpsilon(t, 95, latency["p99_ms"], 0.02)
	lines := d["reconciliation"].([]any)
	require.Len(t, lines, 2, "a line for each shard, and the sum")
	require.Equal(t, 10.0, lines[1].(map[string]any)["unknown_at_most"])
	gone := d["lost"].([]any)[0].(map[string]any)
	require.Equal(t, "w2", gone["worker"])
	require.Equal(t, 7.0, gone["last_applied_entry"])
	require.Equal(t, 10.0, gone["missing_at_most"])
	require.Equal(t, "2026-11-25T14:02:10.005Z", gone["at"])
	require.Equal(t, "silent for 10s", gone["why"])
	require.Equal(t, "w3", gone["next_worker"])
	require.Equal(t, true, d["thresholds"].([]any)[0].(map[string]any)["crossed"])
	workflow := d["workflows"].([]any)[0].(map[string]any)
	require.Equal(t, "COMPLETED", workflow["state"])
	skipped := d["workflows"].([]any)[1].(map[string]any)
	require.Equal(t, "browse", skipped["name"])
	require.Equal(t, "SKIPPED", skipped["state"])
	require.Equal(t, "login did not complete", skipped["message"])
	require.Equal(t, 96.0, workflow["requests"])
	require.Equal(t, "dc-a", workflow["datacenters"].([]any)[0].(map[string]any)["name"])
	require.Contains(t, string(text), "\"lost\": [", "what is empty is a list, too")
}

func TestTheSummarySaysWhatBecameOfEveryWorkflow(t *testing.T) {
	r := result(protocol.JobCancelled)
	r.Message, r.Extended = "cancelled: enough seen", 45*time.Second
	r.Workflows[0].Datacenters[0].State, r.Workflows[0].Datacenters[0].Error = protocol.EndStopped, "told to"
	text := Summary(r, skipping(), nil)
	for _, line := range []string{
		"quickstart CANCELLED after 10.0s (job j1, revision 1)\n  cancelled: enough seen\n",
		"  wf in dc-a: STOPPED, 96 requests: told to\n  browse: SKIPPED: login did not complete\n",
		"  deadline put off by 45s\n",
	} {
		require.Contains(t, text, line)
	}
	require.NotContains(t, text, "wf: COMPLETED")
	r.Workflows[0].State = protocol.EndCancelled
	require.Contains(t, Summary(r, protocol.JobStatus{}, nil), "  wf: CANCELLED\n", "as the result has it")
}

func TestAStatusSaysWhatIsWaitedForAndWhatIsLost(t *testing.T) {
	s := skipping()
	s.State, s.Place, s.Message, s.Planned = protocol.JobQueued, 2, "http://t is another job's", 100
	s.Elapsed, s.Deadline, s.Totals.OK = 1500*time.Millisecond, time.Minute, 3
	s.Degraded = []string{"dc-a/w2 lost at 14:02:10"}
	require.Equal(t, `job j1 QUEUED, place 2: http://t is another job's
  1.5s of 1m0s, sent 3 of 100: ok 3, failed 0, unknown 0
  workflow wf COMPLETED
  workflow browse SKIPPED: login did not complete
  DEGRADED dc-a/w2 lost at 14:02:10
`, Status(s))
	text, err := json.Marshal(StatusDocument(s))
	require.NoError(t, err)
	require.JSONEq(t, `{"job": "j1", "state": "QUEUED", "message": "http://t is another job's", "place": 2,
		"planned": 100, "requests": 3, "ok": 3, "failed": 0, "unknown": 0, "elapsed_ms": 1500,
		"deadline_ms": 60000, "level": "NONE", "lost": ["dc-a/w2 lost at 14:02:10"], "workflows": [
		{"name": "wf", "state": "COMPLETED"},
		{"name": "browse", "state": "SKIPPED", "message": "login did not complete"}]}`, string(text))
}
