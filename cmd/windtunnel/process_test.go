package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/target"
)

// asCommand has this test binary be the command, so that tests start real processes without building one.
const asCommand = "WINDTUNNEL_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// command is a windtunnel process that is not started.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	c := exec.Command(self, args...)
	c.Env = append(os.Environ(), asCommand+"=1")
	c.Dir = t.TempDir()
	return c
}

// windtunnel runs a process to its end and returns its exit code and what it said.
func windtunnel(t *testing.T, args ...string) (code int, out, problems string) {
	t.Helper()
	c := command(t, args...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	if c.ProcessState == nil {
		require.NoError(t, err)
	}
	return c.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// node is a process that runs until it is stopped.
type node struct {
	*exec.Cmd
	problems *bytes.Buffer
	said     string // its first line
	address  string
}

var listensOn = regexp.MustCompile(`listens on (\S+?),? `)

// start starts a node and returns when it has said its first line. It is stopped with the test.
func start(t *testing.T, args ...string) *node {
	t.Helper()
	n := &node{Cmd: command(t, args...), problems: &bytes.Buffer{}}
	n.Stderr = n.problems
	stdout, err := n.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, n.Start())
	t.Cleanup(func() { _ = n.stop() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "%v said %q", args, n.problems)
	n.said = line
	if found := listensOn.FindStringSubmatch(strings.TrimSpace(line) + " "); found != nil {
		n.address = found[1]
	}
	return n
}

// kill ends the process as a crash would.
func (n *node) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, n.Process.Kill())
	_ = n.Wait()
}

// stop asks the process to end and returns its exit code; 0 when it was stopped before.
func (n *node) stop() int {
	if n.ProcessState != nil {
		return n.ProcessState.ExitCode()
	}
	_ = n.Process.Signal(syscall.SIGTERM)
	_ = n.Wait()
	return n.ProcessState.ExitCode()
}

// received reads a target's report.
func received(t *testing.T, path string) target.Report {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var report target.Report
	require.NoError(t, json.Unmarshal(data, &report))
	return report
}

// results reads results.json as far as tests look at it.
type results struct {
	State      string
	Message    string
	Complete   bool
	ExitCode   int `json:"exit_code"`
	Requests   uint64
	Unknown    uint64 // sent, without an answer
	Planned    uint64
	Unwindowed uint64
	Lost       []lostWorker
	Reconcile  []reconciled `json:"reconciliation"`
	Workflows  []struct{ Name, State string }
}

type reconciled struct {
	Planned, Sent uint64
	RefusedSent   uint64 `json:"refused_sent"`
	UnknownAtMost uint64 `json:"unknown_at_most"`
}

type lostWorker struct {
	Worker      string
	LastApplied uint64 `json:"last_applied_entry"`
	Applied     uint64
	Next        string `json:"next_worker"`
	AtMost      uint64 `json:"missing_at_most"`
}

func readResults(t *testing.T, path string) results {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var r results
	require.NoError(t, json.Unmarshal(data, &r))
	return r
}

// jobFile writes a job file and returns its path.
func jobFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "job.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// explained holds that the target's count lies within what the reconciliation says. What was sent and never
// answered may have hit the target or not.
func explained(t *testing.T, r results, got target.Report) {
	t.Helper()
	require.True(t, got.Complete)
	sum := r.Reconcile[len(r.Reconcile)-1]
	require.Equal(t, r.Requests, sum.Sent)
	certain := sum.Sent + sum.RefusedSent
	require.GreaterOrEqual(t, got.Received+r.Unknown, certain)
	require.LessOrEqual(t, got.Received, certain+sum.UnknownAtMost)
}
