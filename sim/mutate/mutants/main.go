// Command mutants puts known bugs back, one at a time, and says which of them the checks catch.
//
//	go run ./sim/mutate/mutants                     all of testdata/mutants
//	go run ./sim/mutate/mutants -quick F4-stale     one, on few seeds
//	go run ./sim/mutate/mutants -refresh            propose edits for those that no longer apply
//
// It works for any module with a scenario test on sim/simtest: -root, -dir, -package and -test say where
// things are. Exit codes: 0 all caught (blunt ones are listed, and do not count); 1 one survived, was caught
// by something else than what it names, or no longer applies or builds; 2 bad usage; 3 the runner itself
// failed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/sim/mutate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, out, problems io.Writer) int {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(problems)
	root := flags.String("root", ".", "folder of the program's go.mod")
	dir := flags.String("dir", "testdata/mutants", "folder of the mutants, relative to the root")
	packagePath := flags.String("package", "./scenarios", "the scenarios' test package, relative to the root")
	test := flags.String("test", "TestScenarios", "the test whose subtests are the scenarios")
	bases := flags.Int("bases", 20, "base seeds a mutant")
	schedules := flags.Int("schedules", 1000, "the most schedules a base seed")
	seed := flags.Uint64("seed", 1, "the first base seed")
	strategy := flags.String("strategy", "", "how choices are made; empty: the scenarios' own")
	timeout := flags.Duration("timeout", 2*time.Minute, "the most time of one process")
	quick := flags.Bool("quick", false, "3 base seeds of 300 schedules")
	shrink := flags.Duration("shrink", 0, "shrink each failure for so long, and say how small they got")
	refresh := flags.Bool("refresh", false, "rewrite the files of mutants that no longer apply, for review")
	flags.Usage = func() {
		fmt.Fprintln(problems, "usage: mutants [flags] [ID...]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *quick {
		*bases, *schedules = 3, 300
	}
	folder := filepath.Join(*root, filepath.FromSlash(*dir))
	mutants, err := load(folder, flags.Args())
	if err != nil {
		fmt.Fprintln(problems, err)
		return 2
	}
	if *refresh {
		return propose(*root, folder, mutants, out, problems)
	}
	results, err := mutate.Run(ctx, mutate.Config{
		Root: *root, Package: *packagePath, Test: *test,
		Bases: *bases, Seed: *seed, Strategy: *strategy, Schedules: *schedules,
		Timeout: *timeout, Shrink: *shrink,
		Each: func(r mutate.Result) { fmt.Fprintf(problems, "%s: %s\n", r.Mutant.ID, r.Verdict) },
	}, mutants)
	if err != nil {
		fmt.Fprintln(problems, err)
		return 3
	}
	if *shrink > 0 {
		if err := mutate.WriteShrinking(out, results); err != nil {
			fmt.Fprintln(problems, err)
			return 3
		}
		fmt.Fprintln(out)
	}
	return conclude(results, out, problems)
}

// load reads the mutants, all or those that are named.
func load(folder string, ids []string) ([]mutate.Mutant, error) {
	mutants, err := mutate.Load(folder)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(mutants, func(m mutate.Mutant) bool { return m.ID == id }) {
			return nil, fmt.Errorf("mutants: no %s in %s", id, folder)
		}
	}
	if len(ids) > 0 {
		mutants = slices.DeleteFunc(mutants, func(m mutate.Mutant) bool {
			return !slices.Contains(ids, m.ID)
		})
	}
	if len(mutants) == 0 {
		return nil, fmt.Errorf("mutants: none in %s", folder)
	}
	return mutants, nil
}

func conclude(results []mutate.Result, out, problems io.Writer) int {
	if err := mutate.WriteScoreboard(out, results); err != nil {
		fmt.Fprintln(problems, err)
		return 3
	}
	counts := map[mutate.Verdict]int{}
	good := true
	for _, r := range results {
		counts[r.Verdict]++
		good = good && r.Good()
	}
	fmt.Fprintf(out, "\n%d of %d caught, %d blunt\n",
		counts[mutate.Caught], len(results), counts[mutate.Blunt])
	if !good {
		return 1
	}
	return 0
}

// propose rewrites the files of mutants that no longer apply. A person reads the difference before it is
// kept.
func propose(root, folder string, mutants []mutate.Mutant, out, problems io.Writer) int {
	code := 0
	for _, m := range mutants {
		proposal, changed, err := m.Refresh(root)
		if err != nil {
			fmt.Fprintln(problems, err)
			code = 1
			continue
		}
		if !changed {
			continue
		}
		name := filepath.Join(folder, m.ID+".txtar")
		if err := os.WriteFile(name, proposal.Format(), 0o644); err != nil {
			fmt.Fprintln(problems, err)
			return 3
		}
		fmt.Fprintf(out, "%s: rewritten: read the difference, and fit its new text\n", name)
	}
	return code
}
