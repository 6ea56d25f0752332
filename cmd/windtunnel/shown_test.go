package main

import (
	"bufio"
	"bytes"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shown is a process that shows a job, and what it has said so far. A test follows what it says.
type shown struct {
	*exec.Cmd
	t        *testing.T
	lines    *bufio.Scanner
	said     []string
	problems bytes.Buffer
}

// show starts a command that shows a job.
func show(t *testing.T, args ...string) *shown {
	t.Helper()
	s := &shown{Cmd: command(t, args...), t: t}
	s.Stderr = &s.problems
	stdout, err := s.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.Start())
	t.Cleanup(func() { _ = s.Process.Kill() }) // no more than an error, when it has ended
	s.lines = bufio.NewScanner(stdout)
	return s
}

// until reads on until a line matches, and returns what its parentheses caught.
func (s *shown) until(pattern string) []string {
	s.t.Helper()
	wanted := regexp.MustCompile(pattern)
	for s.lines.Scan() {
		s.said = append(s.said, s.lines.Text())
		if found := wanted.FindStringSubmatch(s.lines.Text()); found != nil {
			return found
		}
	}
	_ = s.Wait()
	require.Failf(s.t, "it ended before", "%s\n%s%s", pattern, strings.Join(s.said, "\n"), &s.problems)
	return nil
}

// job is the job's id, which comes first.
func (s *shown) job() string { return s.until(`^job (\S+) `)[1] }

// elapsed reads on until there is progress at so many seconds of the job's time, or more, and returns them.
func (s *shown) elapsed(atLeast float64) float64 {
	s.t.Helper()
	for {
		at, err := strconv.ParseFloat(s.until(`^ *([0-9.]+)s +\d+ of \d+`)[1], 64)
		require.NoError(s.t, err)
		if at >= atLeast {
			return at
		}
	}
}

// end reads to the end and returns the exit code and all that was said.
func (s *shown) end() (code int, told string) {
	for s.lines.Scan() {
		s.said = append(s.said, s.lines.Text())
	}
	_ = s.Wait()
	return s.ProcessState.ExitCode(), strings.Join(s.said, "\n") + "\n" + s.problems.String()
}
