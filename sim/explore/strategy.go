package explore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Strategy is a named way to make a run's choices from a seed.
type Strategy struct {
	Name string
	New  func(seed uint64) choice.Chooser

	sized func(seed uint64, decisions int) choice.Chooser // New, where it matters how long a run is
	parts []Strategy                                      // of a portfolio
}

// UnknownDecisions is how many decisions between ready tasks a run is thought to take, where no run of its
// scenario has been seen.
const UnknownDecisions = 1000

// The strategies. See package choice for what they do.
var (
	Random     = Strategy{Name: "random", New: seeded}
	RoundRobin = Strategy{Name: "round-robin", New: func(seed uint64) choice.Chooser {
		return choice.RoundRobin{Seeded: choice.NewSeeded(seed)}
	}}
	POS = Strategy{Name: "pos", New: func(seed uint64) choice.Chooser { return choice.NewPOS(seed) }}
	PCT = sized("pct", func(seed uint64, decisions int) choice.Chooser {
		return choice.NewPCT(seed, decisions)
	})
	DelayBounded = sized("delay", func(seed uint64, decisions int) choice.Chooser {
		return choice.NewDelayBounded(seed, decisions)
	})
	// Portfolio lets the seed pick the strategy: no one of them finds every kind of bug soon.
	Portfolio = portfolio("portfolio", Random, POS, PCT)
)

func seeded(seed uint64) choice.Chooser { return choice.NewSeeded(seed) }

func sized(name string, make func(seed uint64, decisions int) choice.Chooser) Strategy {
	s := Strategy{Name: name, sized: make}
	return s.over(func() int { return UnknownDecisions })
}

// over is the strategy for runs of so many decisions. They are only counted when somebody asks.
func (s Strategy) over(decisions func() int) Strategy {
	if s.sized == nil {
		return s
	}
	sized := s.sized
	s.New = func(seed uint64) choice.Chooser { return sized(seed, decisions()) }
	return s
}

func portfolio(name string, parts ...Strategy) Strategy {
	return Strategy{Name: name, parts: parts, New: func(seed uint64) choice.Chooser {
		return parts[part(seed, len(parts))].New(seed)
	}}
}

func part(seed uint64, parts int) int { return int(choice.Mix(seed, 0x9047f0) % uint64(parts)) }

// Label names the strategy of a seed: of a portfolio, which one the seed picked.
func (s Strategy) Label(seed uint64) string {
	if s.parts == nil {
		return s.Name
	}
	return s.Name + "/" + s.parts[part(seed, len(s.parts))].Name
}

// StrategyNamed returns the strategy of that name. The error lists those there are.
func StrategyNamed(name string) (Strategy, error) {
	known := []Strategy{Random, Portfolio, POS, PCT, DelayBounded, RoundRobin}
	if at := slices.IndexFunc(known, func(s Strategy) bool { return s.Name == name }); at >= 0 {
		return known[at], nil
	}
	names := make([]string, len(known))
	for i, s := range known {
		names[i] = s.Name
	}
	return Strategy{}, fmt.Errorf("unknown strategy %q; there are %s", name, strings.Join(names, ", "))
}
