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

	pupil func(seed uint64, l lesson) choice.Chooser // New, where it matters what runs are like
	parts []Strategy                                 // of a portfolio

	guided bool   // runs are planned
	label  string // of one planned run; empty: as the name and the seed have it
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
	PCT = pupil("pct", func(seed uint64, l lesson) choice.Chooser {
		return choice.NewPCT(seed, l.decisions)
	})
	SURW = pupil("surw", func(seed uint64, l lesson) choice.Chooser {
		return choice.NewSURW(seed, l.shared)
	})
	DelayBounded = pupil("delay", func(seed uint64, l lesson) choice.Chooser {
		return choice.NewDelayBounded(seed, l.decisions)
	})
	// Portfolio lets the seed pick the strategy: no one of them finds every kind of bug soon.
	Portfolio = portfolio("portfolio", Random, POS, PCT)
)

func seeded(seed uint64) choice.Chooser { return choice.NewSeeded(seed) }

func pupil(name string, make func(seed uint64, l lesson) choice.Chooser) Strategy {
	return Strategy{Name: name, pupil: make}.taught(unlearnt)
}

// taught is the strategy with what there is to know. It is only asked for when somebody needs it.
func (s Strategy) taught(from func() lesson) Strategy {
	if s.pupil == nil {
		return s
	}
	pupil := s.pupil
	s.New = func(seed uint64) choice.Chooser { return pupil(seed, from()) }
	return s
}

func portfolio(name string, parts ...Strategy) Strategy {
	return Strategy{Name: name, parts: parts, New: func(seed uint64) choice.Chooser {
		return parts[part(seed, len(parts))].New(seed)
	}}
}

func part(seed uint64, parts int) int { return int(choice.Mix(seed, 0x9047f0) % uint64(parts)) }

// Label names the strategy of a seed: of a portfolio, which one the seed picked; of a guided run, how it was
// made.
func (s Strategy) Label(seed uint64) string {
	switch {
	case s.label != "":
		return s.label
	case s.parts == nil:
		return s.Name
	}
	return s.Name + "/" + s.parts[part(seed, len(s.parts))].Name
}

// StrategyNamed returns the strategy of that name. The error lists those there are.
func StrategyNamed(name string) (Strategy, error) {
	known := []Strategy{Random, Portfolio, POS, PCT, SURW, DelayBounded, RoundRobin, Guided}
	if at := slices.IndexFunc(known, func(s Strategy) bool { return s.Name == name }); at >= 0 {
		return known[at], nil
	}
	names := make([]string, len(known))
	for i, s := range known {
		names[i] = s.Name
	}
	return Strategy{}, fmt.Errorf("unknown strategy %q; there are %s", name, strings.Join(names, ", "))
}
