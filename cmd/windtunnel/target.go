package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/target"
)

// targetCommand runs the HTTP server to shoot at.
type targetCommand struct {
	Listen  string        `help:"Address to listen on, host:port; port 0 for any." default:"127.0.0.1:8080"`
	Latency time.Duration `help:"From a request to its answer." default:"0s"`
	Fail    float64       `help:"Share of requests answered with 500, 0 to 1." default:"0"`
	JSON    string        `help:"Answer with this, say a login's token, instead of OK." placeholder:"TEXT"`
	Report  string        `help:"Write what was received to this file." placeholder:"FILE"`
}

// listening is the line by which whoever started a target learns its address.
const listening = "target listens on "

// Run executes the command.
func (t *targetCommand) Run(c *console) error {
	warnIfOpen(c, t.Listen)
	err := target.Run(c.ctx, target.Config{
		Addr: t.Listen, Latency: t.Latency, Fail: t.Fail, JSON: t.JSON, Report: t.Report,
		Ready: func(address string) { c.printf("%s%s\n", listening, address) },
	})
	if err != nil {
		return &exit{outcome.NotStarted, err}
	}
	return nil
}

// targetProcess is a target in a process of its own: it is no part of what is measured.
type targetProcess struct {
	command *exec.Cmd
	address string
}

// builtinJSON is what a built-in target answers with: a login, for jobs that use what it provides.
const builtinJSON = `{"token": "builtin"}`

func startTarget(c *console, report string) (*targetProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	args := []string{"target", "--listen", "127.0.0.1:0", "--json", builtinJSON}
	if report != "" {
		args = append(args, "--report", report)
	}
	command := exec.Command(self, args...)
	command.Stderr = c.err
	command.SysProcAttr = ownGroup() // Ctrl-C must not end it before what is under way has arrived
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	t := &targetProcess{command: command}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), listening)
	if err != nil && !errors.Is(err, io.EOF) || !ok {
		_ = t.stop() // it has said on the error output what was wrong
		return nil, fmt.Errorf("target: it did not start")
	}
	t.address = address
	return t, nil
}

// stop has the target write its report and waits for that.
func (t *targetProcess) stop() error {
	if err := t.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		_ = t.command.Process.Kill() // a system without SIGTERM: the report is then a second old at most
	}
	if err := t.command.Wait(); err != nil {
		return fmt.Errorf("target: %w", err)
	}
	return nil
}
