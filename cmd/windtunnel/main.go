// Command windtunnel runs distributed load tests, and searches its own control plane for races.
//
//	windtunnel run JOB.yaml            a job; with no --gate, a whole cluster in this process
//	windtunnel follow|status|cancel JOB    a job that somebody submitted
//	windtunnel up                      a local cluster that stays
//	windtunnel gate|manager|worker     one node
//	windtunnel target                  an HTTP server to shoot at
//	windtunnel sim [SCENARIO...]       a campaign of simulated runs
//	windtunnel replay FAILURE.json     a recorded failure again; --explain, --trace, --until, --break
//	windtunnel doctor SCENARIO         why one seed has several traces, if it has
//	windtunnel scenarios               what there is to simulate
//	windtunnel vet [PACKAGE...]        the determinism rules, for your own packages
//	windtunnel version
//
// Exit codes: 0 held; 1 a check, threshold or invariant failed, or the job FAILED or hit its TIMEOUT; 2 bad
// usage or input; 3 nothing could be started; 4 ran, but PARTIAL or its books do not balance; 130 cancelled.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
)

// commands is the command line.
type commands struct {
	Run       runCommand       `cmd:"" help:"Submit a job and stream it to its end."`
	Follow    followCommand    `cmd:"" help:"Stream a job that was submitted to its end."`
	Status    statusCommand    `cmd:"" help:"Show how a job is now."`
	Cancel    cancelCommand    `cmd:"" help:"End a job that has not ended."`
	Up        upCommand        `cmd:"" help:"Run a local cluster: one gate, two datacenters."`
	Gate      gateCommand      `cmd:"" help:"Run one gate."`
	Manager   managerCommand   `cmd:"" help:"Run one datacenter's manager."`
	Worker    workerCommand    `cmd:"" help:"Run one worker."`
	Target    targetCommand    `cmd:"" help:"Run a small HTTP server to shoot at."`
	Sim       simCommand       `cmd:"" help:"Search the control plane for races, in simulation."`
	Replay    replayCommand    `cmd:"" help:"Replay a recorded failure."`
	Doctor    doctorCommand    `cmd:"" help:"Say why a seed has several traces."`
	Scenarios scenariosCommand `cmd:"" help:"List what can be simulated."`
	Vet       vetCommand       `cmd:"" help:"Check packages against the determinism rules."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}

// console is where a command reads and writes.
type console struct {
	ctx      context.Context // ends on the first SIGINT or SIGTERM: end in order
	again    context.Context // ends on the second: end at once
	out, err io.Writer
}

func (c *console) printf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }

func (c *console) problem(err error) { fmt.Fprintf(c.err, "windtunnel: %v\n", err) }

// exit is an error with its exit code. One without words was told already.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

func main() {
	first, second := interrupts()
	os.Exit(execute(&console{ctx: first, again: second, out: os.Stdout, err: os.Stderr}, os.Args[1:]))
}

// interrupts returns contexts that end on the first and on the second SIGINT or SIGTERM.
func interrupts() (first, second context.Context) {
	first, endFirst := context.WithCancel(context.Background())
	second, endSecond := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		endFirst()
		<-signals
		endSecond()
	}()
	return first, second
}

// execute parses a command line, runs its command and returns the exit code.
func execute(c *console, args []string) (code int) {
	var cli commands
	parser, err := kong.New(&cli,
		kong.Name("windtunnel"),
		kong.Description("Distributed load tests with exact books, verified in a deterministic simulator."),
		kong.Writers(c.out, c.err),
		kong.Exit(func(asked int) { panic(helpShown(asked)) }),
		kong.UsageOnError(),
		kong.DefaultEnvars("WINDTUNNEL"),
		kong.Configuration(loadConfig),
	)
	if err != nil {
		c.problem(err)
		return outcome.Usage
	}
	defer func() {
		// kong exits after --help; that is the one panic it is made to raise here.
		if shown, ok := recover().(helpShown); ok {
			code = int(shown)
		}
	}()
	parsed, err := parser.Parse(args)
	if err != nil {
		c.problem(fmt.Errorf("%w; see `windtunnel --help`", err))
		return outcome.Usage
	}
	return exitCode(c, parsed.Run(c))
}

// helpShown is the exit code with which kong wants to end after --help.
type helpShown int

func exitCode(c *console, err error) int {
	if err == nil {
		return outcome.Held
	}
	var e *exit
	if errors.As(err, &e) {
		if e.err != nil {
			c.problem(e.err)
		}
		return e.code
	}
	c.problem(err)
	return outcome.NotStarted
}
