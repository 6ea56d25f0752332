package explore

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// twinVariable names the request file for a process that was started as somebody's twin.
const twinVariable = "WINDTUNNEL_SIM_TWIN"

// TwinRequest is what a process asks of its twin, the same binary in another process with other settings of
// the runtime: run these seeds and say their traces.
type TwinRequest struct {
	Scenario string   `json:"scenario"`
	Strategy string   `json:"strategy"`
	Seeds    []uint64 `json:"seeds"`
	Keep     bool     `json:"keep"` // also the events
	Answer   string   `json:"answer"`
}

// TwinAnswer is one run's trace.
type TwinAnswer struct {
	Seed   uint64        `json:"seed"`
	Hash   uint64        `json:"hash"`
	Events []trace.Event `json:"events,omitempty"`
}

// TwinRequested returns the request, where this process is a twin. It then answers the request for its
// scenario and does nothing else.
func TwinRequested() (request TwinRequest, is bool, err error) {
	path := os.Getenv(twinVariable)
	if path == "" {
		return TwinRequest{}, false, nil
	}
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &request)
	}
	if err != nil {
		return TwinRequest{}, true, fmt.Errorf("twin: read request: %w", err)
	}
	return request, true, nil
}

// Serve runs the seeds and writes the answer.
func (r TwinRequest) Serve(body Body) error {
	strategy, err := StrategyNamed(r.Strategy)
	if err != nil {
		return fmt.Errorf("twin: %w", err)
	}
	strategy = strategy.For(body)
	var answers []TwinAnswer
	for _, seed := range r.Seeds {
		outcome := body(strategy.New(seed), r.Keep)
		answers = append(answers, TwinAnswer{Seed: seed, Hash: outcome.Hash, Events: outcome.Trace})
	}
	data, err := json.Marshal(answers)
	if err != nil {
		return fmt.Errorf("twin: encode: %w", err)
	}
	if err := os.WriteFile(r.Answer, data, 0o644); err != nil {
		return fmt.Errorf("twin: %w", err)
	}
	return nil
}

// Elsewhere compares seeds of a scenario between this process and one that it starts: this very binary with
// args, one core and a busy garbage collector (or all cores, where this process has one). args must lead it
// to a TwinRequested that serves the scenario. It returns the first divergence, or nil.
func Elsewhere(ctx context.Context, args []string, s Scenario, strategy Strategy, seeds []uint64) (
	*Divergence, error,
) {
	strategy = strategy.For(s.Body)
	theirs, err := TwinRequest{Scenario: s.Name, Strategy: strategy.Name, Seeds: seeds}.Ask(
		ctx, args, OtherRuntime())
	if err != nil {
		return nil, err
	}
	for i, seed := range seeds {
		ours := s.Body(strategy.New(seed), false).Hash
		if ours == theirs[i].Hash {
			continue
		}
		d := &Divergence{
			Scenario: s.Name, Index: i, Seed: seed, Where: "in another process",
			First: ours, Second: theirs[i].Hash,
		}
		kept, err := TwinRequest{
			Scenario: s.Name, Strategy: strategy.Name, Seeds: []uint64{seed}, Keep: true,
		}.Ask(ctx, args, OtherRuntime())
		if err != nil {
			return nil, err
		}
		d.Event, d.FirstEvent, d.SecondEvent = FirstDifference(
			s.Body(strategy.New(seed), true).Trace, kept[0].Events)
		return d, nil
	}
	return nil, nil
}

// Ask starts this very binary with args as a twin, its environment changed by settings, and returns its
// answer to a request: a run for each seed in turn, all in that one new process.
func (r TwinRequest) Ask(ctx context.Context, args, settings []string) ([]TwinAnswer, error) {
	folder, err := os.MkdirTemp("", "windtunnel-twin")
	if err != nil {
		return nil, fmt.Errorf("twin: %w", err)
	}
	defer os.RemoveAll(folder)
	request := filepath.Join(folder, "request.json")
	r.Answer = filepath.Join(folder, "answer.json")
	data, err := json.Marshal(r)
	if err == nil {
		err = os.WriteFile(request, data, 0o644)
	}
	if err != nil {
		return nil, fmt.Errorf("twin: write request: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("twin: %w", err)
	}
	command := exec.CommandContext(ctx, self, args...)
	command.Env = append(append(os.Environ(), settings...), twinVariable+"="+request)
	output, err := command.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("twin: %w\n%s", err, output)
	}
	var answers []TwinAnswer
	data, err = os.ReadFile(r.Answer)
	if err == nil {
		err = json.Unmarshal(data, &answers)
	}
	if err != nil || len(answers) != len(r.Seeds) {
		return nil, fmt.Errorf("twin: no answer for %s (%w)\n%s", r.Scenario, err, output)
	}
	return answers, nil
}

// OtherRuntime returns settings of Go's runtime that are not this process's.
func OtherRuntime() []string {
	cores := "1"
	if runtime.GOMAXPROCS(0) == 1 {
		cores = "4"
	}
	return []string{"GOGC=15", "GOMAXPROCS=" + cores}
}
