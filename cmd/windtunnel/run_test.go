package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const shortJob = `
name: short
target: builtin
datacenters: [dc-a, dc-b]
thresholds: {send_lag_p99: 1m, not_started: 100%} # other tests may have the processors
workflows:
  - {name: steady, rate: 300/s, duration: 2s, cores: 2, http: {url: /short, timeout: 2s}}
`

func TestRunCountsExactlyWhatTheTargetReceived(t *testing.T) {
	folder := t.TempDir()
	out, report := filepath.Join(folder, "results.json"), filepath.Join(folder, "target.json")
	code, said, problems := windtunnel(t, "run", jobFile(t, shortJob), "--out", out, "--report", report)
	require.Zero(t, code, "%s%s", said, problems)
	r, got := readResults(t, out), received(t, report)
	require.Equal(t, "COMPLETED", r.State)
	require.EqualValues(t, 600, r.Planned)
	require.Equal(t, got.Received, r.Requests)
	require.True(t, got.Complete)
	require.Contains(t, said, fmt.Sprintf("planned 600 = sent %d + not sent %d", r.Requests, 600-r.Requests))
	require.Empty(t, problems)
}

// twoDatacenters starts a gate, two managers and four workers as processes of their own, with short silences.
func twoDatacenters(t *testing.T) (gate *node, workers map[string]*node) {
	silence := []string{"--heartbeat", "250ms", "--dead", "2s", "--grace", "1s"}
	gate = start(t, "gate", "--listen", "127.0.0.1:0")
	workers = map[string]*node{}
	for _, dc := range []string{"dc-a", "dc-b"} {
		manager := start(t, append([]string{"manager", "--datacenter", dc, "--listen", "127.0.0.1:0",
			"--gate", gate.address}, silence...)...)
		for i := range 2 {
			name := fmt.Sprintf("%s-w%d", dc, i+1)
			workers[name] = start(t, append([]string{"worker", "--name", name, "--manager", manager.address,
				"--cores", "2"}, silence...)...)
		}
	}
	return gate, workers
}

func TestSeparateProcessesCountTheSame(t *testing.T) {
	folder := t.TempDir()
	gate, _ := twoDatacenters(t)
	report := filepath.Join(folder, "target.json")
	target := start(t, "target", "--listen", "127.0.0.1:0", "--report", report)
	out := filepath.Join(folder, "results.json")
	job := strings.Replace(shortJob, "builtin", "http://"+target.address, 1)
	code, said, problems := windtunnel(t, "run", jobFile(t, job), "--gate", gate.address, "--out", out)
	require.Zero(t, code, "%s%s", said, problems)
	require.Zero(t, target.stop())
	require.Equal(t, received(t, report).Received, readResults(t, out).Requests)
	require.Zero(t, gate.stop(), gate.problems)
}

// A worker that is killed in the middle leaves a bound: what the target got beyond the total is at most what
// the worker can have sent since its last applied entry.
func TestKilledWorkerIsNamedAndBounded(t *testing.T) {
	folder := t.TempDir()
	gate, workers := twoDatacenters(t)
	report := filepath.Join(folder, "target.json")
	target := start(t, "target", "--listen", "127.0.0.1:0", "--report", report)
	out := filepath.Join(folder, "results.json")
	job := jobFile(t, fmt.Sprintf(`
name: killed
target: http://%s
datacenters: [dc-a, dc-b]
workflows:
  - {name: steady, rate: 400/s, duration: 7s, cores: 2, http: {url: /, timeout: 2s}}
`, target.address))
	run := command(t, "run", job, "--gate", gate.address, "--out", out, "--settle", "100ms")
	stdout, err := run.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, run.Start())
	lines := bufio.NewScanner(stdout)
	victim := workers["dc-a-w1"]
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), "p99") && victim.ProcessState == nil { // load is running
			require.NoError(t, victim.Process.Kill())
			_ = victim.Wait()
		}
	}
	_ = run.Wait()
	told := strings.Join(said, "\n")
	require.Equal(t, 4, run.ProcessState.ExitCode(), told)
	require.Zero(t, target.stop())

	r, got := readResults(t, out), received(t, report)
	require.Equal(t, 4, r.ExitCode)
	require.False(t, r.Complete)
	require.Len(t, r.Lost, 1)
	lost := r.Lost[0]
	require.Equal(t, "dc-a-w1", lost.Worker)
	require.Positive(t, lost.LastApplied)
	require.GreaterOrEqual(t, got.Received, r.Requests)
	require.LessOrEqual(t, got.Received-r.Requests, lost.AtMost)
	require.Contains(t, told, "LOST worker dc-a-w1")
	require.Contains(t, told, fmt.Sprintf("applied through entry %d", lost.LastApplied))
	require.Contains(t, told, "INCOMPLETE")
}

func TestInterruptedRunCancelsItsJobAndLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	out, report := filepath.Join(folder, "results.json"), filepath.Join(folder, "target.json")
	job := strings.Replace(shortJob, "duration: 2s", "duration: 10m", 1)
	run := show(t, "run", jobFile(t, job), "--report", report, "--out", out)
	run.elapsed(0) // load is running
	require.NoError(t, run.Process.Signal(os.Interrupt))
	code, told := run.end()
	require.Equal(t, 130, code, told)
	require.Contains(t, told, "short CANCELLED after")
	r, got := readResults(t, out), received(t, report)
	require.Equal(t, "CANCELLED", r.State)
	require.Equal(t, 130, r.ExitCode)
	require.True(t, got.Complete, "the target was not stopped in order")
	explained(t, r, got)
}

func TestMistakesAreToldBeforeAnythingStarts(t *testing.T) {
	job := func(old, replaced string) string {
		return jobFile(t, strings.Replace(shortJob, old, replaced, 1))
	}
	elsewhere := job("builtin", "http://127.0.0.1:1")
	taken := start(t, "gate", "--listen", "127.0.0.1:0").address
	config := jobFile(t, "listne: 127.0.0.1:0\n")
	for name, mistake := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no such file":     {[]string{"run", "missing.yaml"}, 2, "missing.yaml"},
		"unknown command":  {[]string{"rum"}, 2, "rum"},
		"unknown key":      {[]string{"run", job("name: short", "speed: 3")}, 2, ":2:1: speed: unknown key"},
		"negative rate":    {[]string{"run", job("300/s", "-3/s")}, 2, "400/s"},
		"no unit":          {[]string{"run", job("duration: 2s", "duration: 2")}, 2, "unit"},
		"report of nobody": {[]string{"run", elsewhere, "--report", "x"}, 2, "builtin"},
		"nobody at the gate": {[]string{"run", elsewhere,
			"--gate", "127.0.0.1:1", "--connect", "300ms"}, 3, "127.0.0.1:1"},
		"address in use":   {[]string{"gate", "--listen", taken}, 3, "in use"},
		"unknown flag":     {[]string{"gate", "--config", config}, 2, "listne"},
		"unknown scenario": {[]string{"sim", "nothing"}, 2, "`windtunnel scenarios` lists all"},
		"unknown strategy": {[]string{"sim", "--strategy", "luck"}, 2, "random"},
		"no failure file":  {[]string{"replay", "missing.json"}, 2, "missing.json"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, problems := windtunnel(t, mistake.args...)
			require.Equal(t, mistake.code, code, "%s%s", out, problems)
			require.Contains(t, problems, mistake.says)
		})
	}
}

// A node takes its flags from the command line, then the environment, then a file.
func TestFlagsComeFromTheEnvironmentAndAFile(t *testing.T) {
	config := jobFile(t, "listen: 127.0.0.1:0\nname: from-file\n")
	require.Contains(t, start(t, "gate", "--config", config).said, "gate from-file listens on 127.0.0.1:")
	t.Setenv("WINDTUNNEL_NAME", "from-env")
	require.Contains(t, start(t, "gate", "--config", config).said, "gate from-env listens on")
	require.Contains(t, start(t, "gate", "--config", config, "--name", "asked").said, "gate asked listens on")
}
