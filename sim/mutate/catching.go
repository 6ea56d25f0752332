package mutate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// byTest runs the named test on the untouched program, which must pass, and on the mutant, which must not.
func (r *runner) byTest(ctx context.Context, result *Result, binary string) error {
	m := result.Mutant
	check := m.Test.Package + " " + m.Test.Name
	if !r.isSound(check, 1) {
		original, err := r.original(ctx, m.Test.Package)
		if err != nil {
			return err
		}
		p, err := r.runTest(ctx, original, m.Test)
		if err != nil {
			return err
		}
		if p.failed || !strings.Contains(p.output, "--- PASS: "+m.Test.Name+" ") {
			result.Verdict = Unsound
			result.Reason = "the untouched program does not pass " + check + ": " + excerpt(p.output)
			return nil
		}
		r.nowSound(check, 1)
	}
	p, err := r.runTest(ctx, binary, m.Test)
	if err != nil {
		return err
	}
	failed := !p.hung && strings.Contains(p.output, "--- FAIL: "+m.Test.Name+" ")
	switch {
	case failed, m.HangIsCaught && p.failed:
		result.Verdict = Caught
	case p.hung:
		result.Verdict, result.Reason = Hung, fmt.Sprintf("%s did not end within %v", check, r.Timeout)
	case p.failed:
		result.Verdict, result.Reason = Hung, "the process of "+check+" died: "+excerpt(p.output)
	default:
		result.Verdict, result.Reason = Survived, check+" passes"
	}
	return nil
}

func (r *runner) runTest(ctx context.Context, binary string, test Test) (process, error) {
	folder := filepath.Join(r.Root, filepath.FromSlash(test.Package))
	return r.execute(ctx, binary, folder, "-test.run="+runPattern(test.Name), "-test.v", "-test.timeout=0")
}

// runPattern selects exactly one test or subtest.
func runPattern(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// A reportLine is what sim/simtest's -sim.report writes for every check.
type reportLine struct {
	Scenario string `json:"scenario"`
	Runs     int    `json:"runs"`
	FailedAt int    `json:"failed_at"`
	Key      string `json:"key"`

	Shrinking Shrinking `json:"shrinking"`
}

// byScenario hunts for the mutant from every base seed.
func (r *runner) byScenario(ctx context.Context, result *Result, binary string) error {
	result.Others = map[string]int{}
	for base := range r.Bases {
		at, err := r.hunt(ctx, result, binary, r.Seed+uint64(base))
		if err != nil || result.Verdict == Unsound {
			return err
		}
		result.KilledAt = append(result.KilledAt, at)
	}
	result.decide(r.Schedules)
	return nil
}

// mostTurns is how often a hunt goes on after something else than the named invariant has failed.
const mostTurns = 20

// hunt runs schedules from one base seed until the named invariant fails, and returns how many that took; 0
// when it never did. Where something else fails first it goes on behind that, with a base of its own. The
// mutant runs first: how far it got says how far the untouched program has to pass.
func (r *runner) hunt(ctx context.Context, result *Result, binary string, seed uint64) (at int, err error) {
	m, other := result.Mutant, ""
	for turn, tried := uint64(0), 0; turn < mostTurns && tried < r.Schedules; turn++ {
		base := seed + turn<<32
		line, err := r.campaign(ctx, binary, m, base, r.Schedules-tried)
		if err != nil {
			return 0, err
		}
		if line.FailedAt == 0 {
			break
		}
		key, err := r.unsound(ctx, m, base, line.FailedAt)
		if err != nil {
			return 0, err
		}
		if key != "" {
			result.Verdict = Unsound
			result.Reason = fmt.Sprintf("the untouched program fails %s with base seed %d: %q",
				m.Scenario, base, key)
			return 0, nil
		}
		tried += line.FailedAt
		if line.Key == m.Invariant {
			if line.Shrinking.Before > 0 {
				result.Shrunk = append(result.Shrunk, line.Shrinking)
			}
			return tried, nil
		}
		other = line.Key
	}
	if other != "" {
		result.Others[other]++
	}
	return 0, nil
}

// unsound returns how the untouched program fails the first schedules of a base seed; "" when it passes.
func (r *runner) unsound(ctx context.Context, m Mutant, seed uint64, schedules int) (key string, err error) {
	check := fmt.Sprintf("%s %s %d", r.packageOf(m), r.testOf(m), seed)
	if r.isSound(check, schedules) {
		return "", nil
	}
	original, err := r.original(ctx, r.packageOf(m))
	if err != nil {
		return "", err
	}
	line, err := r.campaign(ctx, original, m, seed, schedules)
	if err == nil && line.Key == "" {
		r.nowSound(check, schedules)
	}
	return line.Key, err
}

func (r *runner) testOf(m Mutant) string {
	if m.Run != "" {
		return m.Run
	}
	return r.Test + "/" + m.Scenario
}

// campaign runs a scenario's schedules from one base seed. A process that ends without a report has failed in
// a way of its own.
func (r *runner) campaign(
	ctx context.Context, binary string, m Mutant, seed uint64, schedules int,
) (reportLine, error) {
	folder, err := os.MkdirTemp(r.dir, "run")
	if err != nil {
		return reportLine{}, err
	}
	defer os.RemoveAll(folder)
	report := filepath.Join(folder, "report.json")
	args := []string{
		"-test.run=" + runPattern(r.testOf(m)), "-test.timeout=0",
		"-sim.seed=" + strconv.FormatUint(seed, 10), "-sim.seeds=" + strconv.Itoa(schedules),
		"-sim.out=" + folder, "-sim.report=" + report, "-sim.shrink=" + r.Shrink.String(),
	}
	if r.Strategy != "" {
		args = append(args, "-sim.strategy="+r.Strategy)
	}
	p, err := r.execute(ctx, binary, folder, args...)
	if err != nil {
		return reportLine{}, err
	}
	line, err := readReport(report, m.Scenario)
	switch {
	case err != nil:
		return line, err
	case p.hung:
		return reportLine{FailedAt: schedules, Key: fmt.Sprintf("did not end within %v", r.Timeout)}, nil
	case line.Scenario == "" && p.failed:
		return reportLine{FailedAt: 1, Key: "the process died: " + excerpt(p.output)}, nil
	case line.Scenario == "":
		return line, fmt.Errorf("%s of %s runs no scenario %s", r.testOf(m), r.packageOf(m), m.Scenario)
	}
	return line, nil
}

// readReport finds a scenario's line; a sole line needs no name. No file is no line.
func readReport(name, scenario string) (reportLine, error) {
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return reportLine{}, nil
	}
	if err != nil {
		return reportLine{}, err
	}
	defer file.Close()
	var lines []reportLine
	for decoder := json.NewDecoder(file); ; {
		var line reportLine
		if err := decoder.Decode(&line); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return line, fmt.Errorf("the report of %s: %w", scenario, err)
		}
		if line.Scenario == scenario {
			return line, nil
		}
		lines = append(lines, line)
	}
	if len(lines) == 1 {
		return lines[0], nil
	}
	return reportLine{}, nil
}
