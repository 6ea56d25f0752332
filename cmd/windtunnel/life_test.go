//go:build unix

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/target"
)

// full is for CI, which plays what is short here at its full length, too.
var full = flag.Bool("full", false, "a datacenter is stopped for 20 s, and silences are the default ones")

// pause is for how many seconds a datacenter is stopped: for longer than its workers may be silent.
func pause() float64 {
	if *full {
		return 20
	}
	return 4
}

// processes are a cluster, each node in a process of its own, with short silences, and a target.
type processes struct {
	gate     *node
	managers map[string]*node // by datacenter
	workers  map[string]*node // "dc-a-w1"
	target   *node
	report   string
}

// withSilences adds to the arguments of a manager or worker what both must agree on.
func withSilences(args ...string) []string {
	args = append(args, "--stop-within", "4s")
	if *full {
		return args
	}
	return append(args, "--heartbeat", "250ms", "--dead", "2s", "--grace", "1s")
}

func boot(t *testing.T, datacenters int) *processes {
	p := &processes{managers: map[string]*node{}, workers: map[string]*node{}}
	p.report = filepath.Join(t.TempDir(), "target.json")
	p.target = start(t, "target", "--listen", "127.0.0.1:0", "--report", p.report,
		"--json", `{"token": "t0k"}`)
	p.gate = start(t, "gate", "--listen", "127.0.0.1:0")
	for _, dc := range []string{"dc-a", "dc-b", "dc-c"}[:datacenters] {
		p.manage(t, dc, "127.0.0.1:0")
		for i := range 2 {
			p.work(t, dc, fmt.Sprintf("%s-w%d", dc, i+1))
		}
	}
	return p
}

func (p *processes) manage(t *testing.T, dc, listen string) {
	t.Helper()
	p.managers[dc] = start(t, withSilences("manager", "--datacenter", dc, "--listen", listen,
		"--gate", p.gate.address)...)
}

// work starts a worker of one core: of a workflow that wants two, each of two workers has a shard.
func (p *processes) work(t *testing.T, dc, name string) {
	t.Helper()
	p.workers[name] = start(t, withSilences("worker", "--name", name,
		"--manager", p.managers[dc].address, "--cores", "1")...)
}

// signal sends a signal to a whole datacenter.
func (p *processes) signal(t *testing.T, dc string, what syscall.Signal) {
	t.Helper()
	require.NoError(t, p.managers[dc].Process.Signal(what))
	for name, w := range p.workers {
		if strings.HasPrefix(name, dc) {
			require.NoError(t, w.Process.Signal(what))
		}
	}
}

// steady is a job of one workflow, so many seconds long. What other tests do to the processors crosses no
// threshold of it.
func steady(seconds float64) string {
	return fmt.Sprintf(`
name: steady
datacenters: [dc-a, dc-b]
windows: {size: 250ms, drift_tolerance: 50ms, maximum_age: 2s}
thresholds: {send_lag_p99: 1m, not_started: 100%%}
workflows:
  - {name: steady, rate: 300/s, duration: %gs, cores: 2, http: {url: /, timeout: 2s}}
`, seconds)
}

const dependentJob = `
name: dependent
datacenters: [dc-a, dc-b, dc-c]
thresholds: {send_lag_p99: 1m, not_started: 100%}
workflows:
  - {name: browse, after: [login], rate: 300/s, duration: 2s, cores: 2, http: {url: "/browse/${login.token}"}}
  - {name: checkout, after: [browse], rate: 60/s, duration: 1s, http: {url: "/checkout/${login.token}"}}
  - name: login
    rate: 6/s
    duration: 1s
    http: {method: POST, url: /login}
    provide: {token: {json: /token}}
`

// life is a job, what befalls it while its load runs, and what must come of it, written down beforehand.
type life struct {
	name        string
	datacenters int
	job         string
	befalls     func(t *testing.T, p *processes, s *shown)
	state       string
	code        int
	also        func(t *testing.T, r results, got target.Report)
}

func lives() []life {
	return []life{
		{
			name: "dependent workflows over three datacenters", datacenters: 3, job: dependentJob,
			befalls: func(*testing.T, *processes, *shown) {},
			state:   "COMPLETED", code: outcome.Held,
			also: func(t *testing.T, r results, got target.Report) {
				byPath := map[string]uint64{"/login": 6, "/browse/t0k": 600, "/checkout/t0k": 60}
				require.Equal(t, byPath, got.ByPath)
				require.Len(t, r.Workflows, 3)
			},
		}, {
			name: "cancelled in mid-run", datacenters: 2, job: steady(600),
			befalls: func(t *testing.T, _ *processes, s *shown) {
				require.NoError(t, s.Process.Signal(os.Interrupt))
			},
			state: "CANCELLED", code: outcome.Cancelled,
			also: func(t *testing.T, r results, _ target.Report) {
				require.Positive(t, r.Requests, "what was measured is kept")
				require.Contains(t, r.Message, "interrupted")
			},
		}, {
			name: "worker killed and replaced", datacenters: 2, job: steady(8),
			befalls: killWorker, state: "COMPLETED", code: outcome.Incomplete, also: succeeded,
		}, {
			name: "worker killed and replaced, lost load accepted", datacenters: 2,
			job:     "accept_lost: true" + steady(8),
			befalls: killWorker, state: "COMPLETED", code: outcome.Held, also: succeeded,
		}, {
			name: "manager killed and restarted", datacenters: 2, job: steady(8),
			befalls: func(t *testing.T, p *processes, _ *shown) {
				address := p.managers["dc-a"].address
				p.managers["dc-a"].kill(t)
				p.manage(t, "dc-a", address)
			},
			state: "COMPLETED", code: outcome.Held,
			also: func(t *testing.T, r results, got target.Report) {
				require.Empty(t, r.Lost, "its workers went on")
				require.Equal(t, got.Received, r.Requests)
			},
		}, {
			name: "worker asked to leave", datacenters: 2, job: steady(8),
			befalls: func(t *testing.T, p *processes, _ *shown) {
				p.work(t, "dc-a", "dc-a-w3") // which came later, and has a core to spare
				require.Zero(t, p.workers["dc-a-w1"].stop())
			},
			state: "COMPLETED", code: outcome.Held,
			also: func(t *testing.T, r results, got target.Report) {
				require.Equal(t, got.Received, r.Requests, "it handed over what it had")
			},
		}, {
			// Whose code is 1 if more than 1 % came too late for any window.
			name: "datacenter stopped", datacenters: 2, job: steady(pause() + 8),
			befalls: func(t *testing.T, p *processes, s *shown) {
				t.Cleanup(func() { p.signal(t, "dc-a", syscall.SIGCONT) }) // or it could not end
				p.signal(t, "dc-a", syscall.SIGSTOP)
				s.elapsed(s.elapsed(0) + pause()) // of the other datacenter
				p.signal(t, "dc-a", syscall.SIGCONT)
			},
			state: "COMPLETED", code: outcome.Held,
			also: func(t *testing.T, r results, _ target.Report) {
				require.Len(t, r.Lost, 2, "both attempts stopped themselves")
				for _, l := range r.Lost {
					require.NotEmpty(t, l.Next, "another ran the remainder")
				}
			},
		},
	}
}

func killWorker(t *testing.T, p *processes, _ *shown) {
	p.workers["dc-a-w1"].kill(t)
	p.work(t, "dc-a", "dc-a-w1")
}

func succeeded(t *testing.T, r results, _ target.Report) {
	require.Len(t, r.Lost, 1)
	require.Equal(t, "dc-a-w1", r.Lost[0].Worker)
	require.NotEmpty(t, r.Lost[0].Next, "another ran the remainder")
	require.Positive(t, r.Reconcile[len(r.Reconcile)-1].UnknownAtMost)
}

// A job comes to the end that is written down for what befalls it, and what its books say explains what the
// target got.
func TestJobsEndAsTheyMust(t *testing.T) {
	for _, l := range lives() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			p := boot(t, l.datacenters)
			out := filepath.Join(t.TempDir(), "results.json")
			job := jobFile(t, strings.TrimSpace(l.job)+"\ntarget: http://"+p.target.address+"\n")
			s := show(t, "run", job, "--gate", p.gate.address, "--out", out)
			s.elapsed(0) // load is running
			l.befalls(t, p, s)
			code, told := s.end()
			require.FileExists(t, out, told)
			r := readResults(t, out)
			want := l.code
			if want == outcome.Held && float64(r.Unwindowed) > 0.01*float64(r.Planned) {
				want = outcome.Failed
			}
			require.Equal(t, l.state, r.State, told)
			require.Equal(t, want, code, told)
			require.Equal(t, want, r.ExitCode)
			require.Zero(t, p.target.stop())
			got := received(t, p.report)
			explained(t, r, got)
			l.also(t, r, got)
		})
	}
}

// Whoever knows a job's id may ask how it is, watch it from any push on, and end it.
func TestAJobOfAnotherClientIsShownFollowedAndCancelled(t *testing.T) {
	p := boot(t, 2)
	job := jobFile(t, strings.TrimSpace(steady(600))+"\ntarget: http://"+p.target.address+"\n")
	at := []string{"--gate", p.gate.address}
	for _, ask := range []string{"status", "cancel", "follow"} {
		code, _, problems := windtunnel(t, append([]string{ask, "nobodys"}, at...)...)
		require.Equal(t, outcome.Usage, code, problems)
	}
	submitter := show(t, append([]string{"run", job}, at...)...)
	id := submitter.job()
	submitter.elapsed(0)

	code, said, problems := windtunnel(t, append([]string{"status", id, "--json"}, at...)...)
	require.Zero(t, code, problems)
	var status struct{ Job, State string }
	require.NoError(t, json.Unmarshal([]byte(said), &status))
	require.Equal(t, id, status.Job)
	require.Equal(t, "RUNNING", status.State)
	code, _, problems = windtunnel(t, append([]string{"follow", id, "--after", "1000000"}, at...)...)
	require.Equal(t, outcome.Usage, code, problems)
	bored := show(t, append([]string{"follow", id}, at...)...)
	bored.elapsed(0)
	require.NoError(t, bored.Process.Signal(os.Interrupt))
	code, said = bored.end()
	require.Equal(t, outcome.Cancelled, code)
	require.Contains(t, said, "goes on")
	follower := show(t, append([]string{"follow", id, "--after", "2"}, at...)...)
	follower.elapsed(0)

	enough := append([]string{"cancel", id, "--reason", "seen enough"}, at...)
	for range 2 { // twice is once
		code, said, problems = windtunnel(t, enough...)
		require.Zero(t, code, problems)
		require.Contains(t, said, "CANCELLED")
	}
	for _, s := range []*shown{submitter, follower} {
		code, told := s.end()
		require.Equal(t, outcome.Cancelled, code, told)
		require.Contains(t, told, "seen enough")
	}
	code, said, problems = windtunnel(t, append([]string{"status", id}, at...)...)
	require.Zero(t, code, problems)
	require.Contains(t, said, "CANCELLED")
}

// A gate that does not answer cannot say that it has cancelled anything; nobody has to wait for it.
func TestASecondInterruptGivesUp(t *testing.T) {
	p := boot(t, 2)
	job := jobFile(t, strings.TrimSpace(steady(600))+"\ntarget: http://"+p.target.address+"\n")
	s := show(t, "run", job, "--gate", p.gate.address)
	s.elapsed(0)
	t.Cleanup(func() { _ = p.gate.Process.Signal(syscall.SIGCONT) }) // or it could not end
	require.NoError(t, p.gate.Process.Signal(syscall.SIGSTOP))
	require.NoError(t, s.Process.Signal(os.Interrupt))
	s.until("interrupt again to give up")
	require.NoError(t, s.Process.Signal(os.Interrupt))
	code, told := s.end()
	require.Equal(t, outcome.Cancelled, code, told)
	require.Contains(t, told, "is not known")
}

func TestAJobThatHasEndedIsNotCancelled(t *testing.T) {
	p := boot(t, 2)
	job := jobFile(t, strings.TrimSpace(steady(1))+"\ntarget: http://"+p.target.address+"\n")
	s := show(t, "run", job, "--gate", p.gate.address)
	id := s.job()
	code, told := s.end()
	require.Zero(t, code, told)
	code, _, problems := windtunnel(t, "cancel", id, "--gate", p.gate.address)
	require.Equal(t, outcome.Failed, code)
	require.Contains(t, problems, "had ended COMPLETED")
}
