package gate

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

func goodJob() protocol.JobSpec {
	return protocol.JobSpec{
		Name: "job", Datacenters: []string{"dc-a", "dc-b"},
		Workflows: []protocol.WorkflowSpec{{
			Name: "wf", Engine: "scripted", Cores: 2,
			Plan:   load.Plan{Rate: load.PerSecond(10), Duration: 3 * time.Second},
			Target: load.Target{Method: "GET", URL: "http://target/", Timeout: time.Second},
		}},
	}
}

func TestASubmissionIsCompletedWithTheGatesDefaults(t *testing.T) {
	g := &Gate{config: DefaultConfig()}
	got, err := g.complete(goodJob())
	require.NoError(t, err)
	require.Equal(t, 3*time.Second+g.config.DeadlineSlack, got.Deadline)
	require.Equal(t, g.config.ResultWait, got.ResultWait)
	require.Equal(t, g.config.Windows, got.Windows)
	require.Equal(t, g.config.Stuck, got.Stuck)
	own := goodJob()
	own.Deadline, own.ResultWait, own.Stuck = time.Minute, time.Second, time.Minute
	own.Windows = stats.DefaultConfig()
	own.Windows.Size = time.Second
	kept, err := g.complete(own)
	require.NoError(t, err)
	require.Equal(t, own, kept)
}

func TestEveryMistakeOfASubmissionNamesItsField(t *testing.T) {
	long := strings.Repeat("x", mostName+1)
	wf := func(change func(*protocol.WorkflowSpec)) func(*protocol.JobSpec) {
		return func(s *protocol.JobSpec) { change(&s.Workflows[0]) }
	}
	for _, c := range []struct {
		change func(*protocol.JobSpec)
		want   string
	}{
		{func(s *protocol.JobSpec) { s.Name = "" }, "name: 0 bytes, must be 1 to 128"},
		{func(s *protocol.JobSpec) { s.Name = long }, "name: 129 bytes, must be 1 to 128"},
		{func(s *protocol.JobSpec) { s.Windows.Size = -1 }, "size"},
		{func(s *protocol.JobSpec) { s.Datacenters = []string{"a", ""} }, "datacenter: 0 bytes"},
		{func(s *protocol.JobSpec) { s.Datacenters = []string{"a", "b", "a"} },
			`datacenter "a": named twice`},
		{func(s *protocol.JobSpec) { s.Datacenters = make([]string, mostPlaces+1) },
			"datacenters: 65 of them, at most 64"},
		{func(s *protocol.JobSpec) { s.Workflows = nil }, "workflows: 0 of them, must be 1 to 64"},
		{func(s *protocol.JobSpec) { s.Workflows = make([]protocol.WorkflowSpec, 65) },
			"workflows: 65 of them"},
		{func(s *protocol.JobSpec) { s.Workflows = append(s.Workflows, s.Workflows[0]) },
			`workflow "wf": there are two of that name`},
		{wf(func(w *protocol.WorkflowSpec) { w.Name = "" }), "workflow: 0 bytes"},
		{wf(func(w *protocol.WorkflowSpec) { w.Engine = "" }), `workflow "wf": engine: 0 bytes`},
		{wf(func(w *protocol.WorkflowSpec) { w.Cores = 0 }), `workflow "wf": cores: 0, must be 1 to 65536`},
		{wf(func(w *protocol.WorkflowSpec) { w.Cores = mostCores + 1 }), "cores: 65537"},
		{wf(func(w *protocol.WorkflowSpec) { w.Plan.Rate.Count = 0 }), "rate"},
		{wf(func(w *protocol.WorkflowSpec) { w.Plan.Duration = 0 }), "duration"},
		{wf(func(w *protocol.WorkflowSpec) { w.Target.URL = "" }), "url"},
		{wf(func(w *protocol.WorkflowSpec) { w.Target.Timeout = -1 }), "timeout"},
		{func(s *protocol.JobSpec) { s.Deadline = -1 }, "deadline: -1ns, must be 1ns to 744h"},
		{func(s *protocol.JobSpec) { s.Deadline = mostDeadline + 1 }, "deadline: "},
		{func(s *protocol.JobSpec) { s.ResultWait = -1 }, "result wait: -1ns"},
		{func(s *protocol.JobSpec) { s.ResultWait = mostDeadline + 1 }, "result wait: "},
		{func(s *protocol.JobSpec) { s.Stuck = -1 }, "stuck: -1ns"},
		{func(s *protocol.JobSpec) { s.Extension = -1 }, "extension: -1ns"},
		{func(s *protocol.JobSpec) { s.Priority = 10 }, "priority: 10, must be 0 to 9"},
		{func(s *protocol.JobSpec) { s.Extensions = 6 }, "extensions: 6, must be 0 to 5"},
		{func(s *protocol.JobSpec) { s.LostWorkers = 3 }, "lost workers: policy 3 is not known"},
		{wf(func(w *protocol.WorkflowSpec) { w.After = []string{"no"} }), `there is no workflow "no"`},
		{wf(func(w *protocol.WorkflowSpec) { w.After = []string{"wf"} }), `"wf": it waits for itself`},
		{wf(func(w *protocol.WorkflowSpec) { w.After = make([]string, 65) }), "after: 65 workflows"},
		{wf(func(w *protocol.WorkflowSpec) { w.Target.URL += "${token}" }), "must be ${workflow.name}"},
		{chained(func(first, last *protocol.WorkflowSpec) { first.After = []string{last.Name} }),
			"it waits for itself, through others"},
		{chained(func(first, _ *protocol.WorkflowSpec) { first.Target.URL += "${last.sent}" }),
			`it does not wait for workflow "last"`},
		{chained(func(_, last *protocol.WorkflowSpec) { last.Target.URL += "${wf.token}" }),
			`workflow "wf" does not provide "token"`},
	} {
		g := &Gate{config: DefaultConfig()}
		spec := goodJob()
		c.change(&spec)
		_, err := g.complete(spec)
		require.ErrorContains(t, err, c.want)
	}
}

// chained changes a job whose workflow "last" comes after "wf".
func chained(change func(first, last *protocol.WorkflowSpec)) func(*protocol.JobSpec) {
	return func(s *protocol.JobSpec) {
		last := s.Workflows[0]
		last.Name, last.After = "last", []string{"wf"}
		s.Workflows = append(s.Workflows, last)
		change(&s.Workflows[0], &s.Workflows[1])
	}
}

func TestAChainOfWorkflowsHasTheTimeOfAllOfThem(t *testing.T) {
	g := &Gate{config: DefaultConfig()}
	spec := goodJob()
	chained(func(first, last *protocol.WorkflowSpec) {
		first.Target.Provide = []load.Provide{{Name: "token", Header: "X-Token"}}
		last.Target.URL += "${wf.token}/${wf.sent}"
	})(&spec)
	got, err := g.complete(spec)
	require.NoError(t, err)
	require.Equal(t, 2*spec.Workflows[0].Plan.Duration+g.config.DeadlineSlack, got.Deadline)
}

func TestSharesAreEqualPartsOfThePlan(t *testing.T) {
	w := goodJob().Workflows[0]
	shares, err := sharesOf(w, []string{"dc-a", "dc-b", "dc-c"})
	require.NoError(t, err)
	require.Len(t, shares, 3)
	total := uint64(0)
	for i, s := range shares {
		require.Equal(t, []string{"dc-a", "dc-b", "dc-c"}[i], s.datacenter)
		require.Equal(t, w.Cores, s.spec.Cores, "cores are for each datacenter")
		total += s.spec.Plan.Arrivals()
	}
	require.Equal(t, w.Plan.Arrivals(), total)
	w.Plan.Shares = make([]load.Share, load.MaxShares)
	_, err = sharesOf(w, []string{"dc-a"})
	require.ErrorContains(t, err, "shares")
}

func TestASplitMustBeTheShare(t *testing.T) {
	spec := goodJob().Workflows[0]
	split := func() *protocol.Split {
		plans, err := spec.Plan.Split([]uint32{1, 1})
		require.NoError(t, err)
		return &protocol.Split{Shards: []protocol.Shard{
			{Shard: 0, Cores: 1, Plan: plans[0], Worker: "w1", Incarnation: 1},
			{Shard: 1, Cores: 1, Plan: plans[1], Worker: "w2", Incarnation: 1},
		}}
	}
	require.NoError(t, checkSplit(spec, split()))
	for _, c := range []struct {
		change func(*protocol.Split)
		want   string
	}{
		{func(s *protocol.Split) { s.Shards = nil }, "a split into 0 shards, must be 1 to 2"},
		{func(s *protocol.Split) { s.Shards = make([]protocol.Shard, 3) }, "a split into 3 shards"},
		{func(s *protocol.Split) { s.Shards[1].Plan.Duration = 0 }, "shard 1: "},
		{func(s *protocol.Split) { s.Shards[1].Shard = 0 }, "shard 1 is numbered 0"},
		{func(s *protocol.Split) { s.Shards = s.Shards[:1] }, "a split of 15 arrivals, must be 30"},
		{func(s *protocol.Split) { s.Shards[1].Plan = spec.Plan }, "a split of 45 arrivals, must be 30"},
		{func(s *protocol.Split) { s.Shards[0].Worker = "" }, "shard 0: worker: 0 bytes, must be 1 to 128"},
	} {
		bad := split()
		c.change(bad)
		require.ErrorContains(t, checkSplit(spec, bad), c.want)
	}
}

func TestConfigNamesTheFieldThatIsOutOfBounds(t *testing.T) {
	require.NoError(t, DefaultConfig().validate())
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Listen = "" }, "gate: listen is empty"},
		{func(c *Config) { c.Windows.Size = 1 }, "gate: "},
		{func(c *Config) { c.PushInterval = time.Millisecond },
			"gate: push interval is 1ms, must be 10ms to 1m0s"},
		{func(c *Config) { c.RetryLongest = c.RetryFirst - 1 }, "gate: longest retry is"},
		{func(c *Config) { c.Jobs = 0 }, "gate: jobs is 0, must be 1 to 100000"},
		{func(c *Config) { c.ReplayLog = 1 << 17 }, "gate: replay log is 131072, must be 16 to 65536"},
	} {
		config := DefaultConfig()
		c.change(&config)
		require.ErrorContains(t, config.validate(), c.want)
	}
}
