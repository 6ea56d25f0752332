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
		return r.kept.addTest(m)
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

// byScenario measures the mutant by every strategy, but for what is kept from an earlier run.
func (r *runner) byScenario(ctx context.Context, result *Result, binary string) error {
	for _, strategy := range r.Strategies {
		score, known := r.kept.score(result.Mutant, r.Config, strategy)
		if !known {
			var err error
			score, err = r.measure(ctx, result, binary, strategy)
			if err != nil || result.Verdict == Unsound {
				return err
			}
			if err := r.kept.addScore(result.Mutant, r.Config, score); err != nil {
				return err
			}
		}
		result.Scores = append(result.Scores, score)
	}
	result.decide()
	return nil
}

// measure hunts for the mutant from every base seed, unless it finds nothing from the first ones.
func (r *runner) measure(
	ctx context.Context, result *Result, binary, strategy string,
) (Score, error) {
	score := Score{Strategy: strategy, Schedules: r.Schedules, Others: map[string]int{}}
	for base := range r.Bases {
		h := hunter{runner: r, result: result, binary: binary, strategy: strategy}
		at, other, err := h.hunt(ctx, r.Seed+uint64(base))
		if err != nil || result.Verdict == Unsound {
			return score, err
		}
		score.KilledAt = append(score.KilledAt, at)
		if other != "" {
			score.Others[other]++
		}
		if score.hopeless() {
			break
		}
	}
	return score, nil
}

// mostTurns is how often a hunt goes on after something else than the named invariant has failed.
const mostTurns = 20

// A hunter searches for one mutant by one strategy.
type hunter struct {
	*runner
	result   *Result
	binary   string
	strategy string
}

// hunt runs schedules from one base seed until the named invariant fails, and returns how many that took; 0
// when it never did, with what failed instead, if anything. Where something else fails first it goes on
// behind that, with a base of its own. The mutant runs first: how far it got says how far the untouched
// program has to pass.
func (h hunter) hunt(ctx context.Context, seed uint64) (at int, other string, err error) {
	m := h.result.Mutant
	for turn, tried := uint64(0), 0; turn < mostTurns && tried < h.Schedules; turn++ {
		base := seed + turn<<32
		line, err := h.campaign(ctx, h.binary, base, h.Schedules-tried)
		if err != nil {
			return 0, "", err
		}
		if line.FailedAt == 0 {
			break
		}
		key, err := h.unsound(ctx, base, line.FailedAt)
		if err != nil {
			return 0, "", err
		}
		if key != "" {
			h.result.Verdict = Unsound
			h.result.Reason = fmt.Sprintf("the untouched program fails %s with base seed %d%s: %q",
				m.Scenario, base, by(h.strategy), key)
			return 0, "", nil
		}
		tried += line.FailedAt
		if line.Key == m.Invariant {
			if line.Shrinking.Before > 0 {
				h.result.Shrunk = append(h.result.Shrunk, line.Shrinking)
			}
			return tried, "", nil
		}
		other = line.Key
	}
	return 0, other, nil
}

// by names a strategy behind a base seed; the scenario's own needs no name.
func by(strategy string) string {
	if strategy == "" {
		return ""
	}
	return " by " + strategy
}

// unsound returns how the untouched program fails the first schedules of a base seed; "" when it passes.
func (h hunter) unsound(ctx context.Context, seed uint64, schedules int) (key string, err error) {
	m := h.result.Mutant
	check := fmt.Sprintf("%s %s %d%s", h.packageOf(m), h.testOf(m), seed, by(h.strategy))
	if h.isSound(check, schedules) {
		return "", nil
	}
	original, err := h.original(ctx, h.packageOf(m))
	if err != nil {
		return "", err
	}
	line, err := h.campaign(ctx, original, seed, schedules)
	if err == nil && line.Key == "" {
		h.nowSound(check, schedules)
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
func (h hunter) campaign(
	ctx context.Context, binary string, seed uint64, schedules int,
) (reportLine, error) {
	m := h.result.Mutant
	folder, err := os.MkdirTemp(h.dir, "run")
	if err != nil {
		return reportLine{}, err
	}
	defer os.RemoveAll(folder)
	report := filepath.Join(folder, "report.json")
	args := []string{
		"-test.run=" + runPattern(h.testOf(m)), "-test.timeout=0",
		"-sim.seed=" + strconv.FormatUint(seed, 10), "-sim.seeds=" + strconv.Itoa(schedules),
		"-sim.out=" + folder, "-sim.report=" + report, "-sim.shrink=" + h.Shrink.String(),
	}
	if h.strategy != "" {
		args = append(args, "-sim.strategy="+h.strategy)
	}
	p, err := h.execute(ctx, binary, folder, args...)
	if err != nil {
		return reportLine{}, err
	}
	line, err := readReport(report, m.Scenario)
	switch {
	case err != nil:
		return line, err
	case p.hung:
		return reportLine{FailedAt: schedules, Key: fmt.Sprintf("did not end within %v", h.Timeout)}, nil
	case line.Scenario == "" && p.failed:
		return reportLine{FailedAt: 1, Key: "the process died: " + excerpt(p.output)}, nil
	case line.Scenario == "":
		return line, fmt.Errorf("%s of %s runs no scenario %s", h.testOf(m), h.packageOf(m), m.Scenario)
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
