// Command benchmarks measures windtunnel beside its rivals and prints the figures of BENCHMARKS.md.
//
//	go run .                          everything, about three minutes
//	go run . -only transport          the sections whose title contains that
//	go run . -rounds 15 -slice 300ms  more patience, on a noisy machine
//
// A figure is a ratio wherever there is a rival. Both sides run in this process, on this machine, in
// turns of a slice of time each, and the ratio is the median of the turns' ratios: what slows the machine
// for a moment slows both, and what slows one of them counts as one turn of many.
//
// It is a module of its own: the rivals are dependencies of the comparison, not of what is compared.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// settings is how patiently to measure.
type settings struct {
	rounds int           // turns for each contestant: 1 or more
	slice  time.Duration // of one turn, about
	test   *testing.T    // a bubble, which is one of the rivals, lives in a test
}

// section measures one part of the system and prints its table.
type section struct {
	title   string
	measure func(settings) ([]figure, error)
}

func sections() []section {
	return []section{
		{"Scheduler", measureScheduler},
		{"Cluster in simulation", measureCluster},
		{"Growth of the cluster", measureGrowth},
		{"Transport and calls", measureTransport},
		{"Collector", measureCollector},
		{"Histories", measureHistory},
		{"Gate over TCP", measureGate},
	}
}

func main() {
	testing.Init()
	s := settings{}
	flag.IntVar(&s.rounds, "rounds", 7, "turns for each contestant")
	flag.DurationVar(&s.slice, "slice", 200*time.Millisecond, "length of a turn")
	only := flag.String("only", "", "measure the sections whose title contains this")
	flag.Parse()
	everything := func(t *testing.T) {
		s.test = t
		if err := run(os.Stdout, s, *only); err != nil {
			t.Fatal(err)
		}
	}
	all := func(string, string) (bool, error) { return true, nil }
	testing.Main(all, []testing.InternalTest{{Name: "figures", F: everything}}, nil, nil)
}

func run(out io.Writer, s settings, only string) error {
	if s.rounds < 1 || s.slice <= 0 {
		return fmt.Errorf("rounds is %d and slice %v, both must be above 0", s.rounds, s.slice)
	}
	began := time.Now()
	fmt.Fprintf(out, "%s\n", machine())
	for _, part := range sections() {
		if !strings.Contains(strings.ToLower(part.title), strings.ToLower(only)) {
			continue
		}
		figures, err := part.measure(s)
		if err != nil {
			return fmt.Errorf("%s: %w", part.title, err)
		}
		printTable(out, part.title, figures)
		runtime.GC()
	}
	fmt.Fprintf(out, "\n%d turns of %v each; %v in all.\n", s.rounds, s.slice,
		time.Since(began).Round(time.Second))
	return nil
}
