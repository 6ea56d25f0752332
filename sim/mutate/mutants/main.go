// Command mutants puts known bugs back, one at a time, and says which of them the checks catch, and how soon.
//
//	go run ./sim/mutate/mutants                                all of testdata/mutants
//	go run ./sim/mutate/mutants -quick F4-stale                one, on few seeds
//	go run ./sim/mutate/mutants -strategies random,pct,pos     by several strategies, side by side
//	go run ./sim/mutate/mutants -score SCORE.md -resume FILE   as a page; FILE keeps what is measured
//	go run ./sim/mutate/mutants -against SCORE.md              on few seeds; none much slower than the page
//	go run ./sim/mutate/mutants -refresh                       propose edits for those that no longer apply
//
// It works for any module with a scenario test on sim/simtest: -root, -dir, -package and -test say where
// things are. Exit codes: 0 all caught (blunt ones are listed, and do not count); 1 one survived, was caught
// by something else than what it names or much later than the page says, or no longer applies or builds; 2
// bad usage; 3 the runner itself failed.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/mutate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// importPath is what go run takes, in this module and in those that require it.
const importPath = "github.com/windtunnel/windtunnel/sim/mutate/mutants"

// options is what the flags say.
type options struct {
	config  mutate.Config
	dir     string // of the mutants, relative to the root
	quick   bool
	refresh bool
	score   string // the page to write
	against string // the page to compare with
	ids     []string
}

func parse(args []string, problems io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(problems)
	c := &o.config
	flags.StringVar(&c.Root, "root", ".", "folder of the program's go.mod")
	flags.StringVar(&o.dir, "dir", "testdata/mutants", "folder of the mutants, relative to the root")
	flags.StringVar(&c.Package, "package", "./scenarios", "the scenarios' test package, relative to the root")
	flags.StringVar(&c.Test, "test", "TestScenarios", "the test whose subtests are the scenarios")
	flags.IntVar(&c.Bases, "bases", 20, "base seeds a mutant")
	flags.IntVar(&c.Schedules, "schedules", 1000, "the most schedules a base seed")
	flags.Uint64Var(&c.Seed, "seed", 1, "the first base seed")
	strategies := flags.String("strategies", "",
		"how choices are made, with commas between; the first one judges; empty: the scenarios' own")
	flags.DurationVar(&c.Timeout, "timeout", 2*time.Minute, "the most time of one process")
	flags.BoolVar(&o.quick, "quick", false, fmt.Sprintf("%d base seeds", mutate.QuickBases))
	flags.DurationVar(&c.Shrink, "shrink", 0, "shrink each failure for so long, and say how small they got")
	flags.StringVar(&c.Resume, "resume", "", "file of what has been measured: it is not measured again")
	flags.StringVar(&o.score, "score", "", "write the result to this page")
	flags.StringVar(&o.against, "against", "",
		"judge quickly, and compare with this page; what looks bad is judged again on all base seeds")
	flags.BoolVar(&o.refresh, "refresh", false,
		"rewrite the files of mutants that no longer apply, for review")
	flags.Usage = func() {
		fmt.Fprintln(problems, "usage: mutants [flags] [ID...]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if *strategies != "" {
		c.Strategies = strings.Split(*strategies, ",")
	}
	for _, name := range c.Strategies {
		if _, err := explore.StrategyNamed(name); err != nil {
			fmt.Fprintln(problems, "mutants: -strategies:", err)
			return o, err
		}
	}
	if o.quick {
		c.Bases = mutate.QuickBases
	}
	c.Each = func(r mutate.Result) { fmt.Fprintf(problems, "%s: %s\n", r.Mutant.ID, r.Verdict) }
	o.ids = flags.Args()
	if o.quick && o.against != "" {
		err = errors.New(
			"mutants: -against is quick by itself, and needs its base seeds where something looks bad")
		fmt.Fprintln(problems, err)
	}
	return o, err
}

func run(ctx context.Context, args []string, out, problems io.Writer) int {
	o, err := parse(args, problems)
	if err != nil {
		return 2
	}
	folder := filepath.Join(o.config.Root, filepath.FromSlash(o.dir))
	mutants, err := load(folder, o.ids)
	if err != nil {
		fmt.Fprintln(problems, err)
		return 2
	}
	if o.refresh {
		return propose(o.config.Root, folder, mutants, out, problems)
	}
	if o.against != "" {
		return compare(ctx, o, mutants, out, problems)
	}
	results, err := mutate.Run(ctx, o.config, mutants)
	if err != nil {
		fmt.Fprintln(problems, err)
		return 3
	}
	if o.config.Shrink > 0 {
		if err := mutate.WriteShrinking(out, results); err != nil {
			fmt.Fprintln(problems, err)
			return 3
		}
		fmt.Fprintln(out)
	}
	if o.score != "" {
		command := "go run " + importPath + " " + strings.Join(args, " ")
		if err := writeScore(o.score, results, command); err != nil {
			fmt.Fprintln(problems, err)
			return 3
		}
	}
	return conclude(results, out, problems)
}

func writeScore(name string, results []mutate.Result, command string) error {
	var page bytes.Buffer
	if err := mutate.WriteScore(&page, results, command); err != nil {
		return err
	}
	return os.WriteFile(name, page.Bytes(), 0o644)
}

// compare judges quickly, against a page that was written before.
func compare(ctx context.Context, o options, mutants []mutate.Mutant, out, problems io.Writer) int {
	page, err := os.Open(o.against)
	if err != nil {
		fmt.Fprintf(problems, "mutants: nothing to compare with: %v; -score writes such a page\n", err)
		return 2
	}
	defer page.Close()
	record, err := mutate.ReadRecord(page)
	if err != nil {
		fmt.Fprintf(problems, "mutants: %s: %v\n", o.against, err)
		return 2
	}
	results, err := mutate.RunAgainst(ctx, o.config, mutants, record)
	if err != nil {
		fmt.Fprintln(problems, err)
		return 3
	}
	code := conclude(results, out, problems)
	if len(o.ids) == 0 {
		for _, sentence := range record.Stale(mutants) {
			fmt.Fprintf(out, "%s is stale: %s: regenerate it (make score)\n", o.against, sentence)
		}
	}
	return code
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
