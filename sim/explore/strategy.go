package explore

import (
	"fmt"
	"strings"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Strategy is a named way to make a run's choices from a seed.
type Strategy struct {
	Name string
	New  func(seed uint64) choice.Chooser
}

// Random draws every choice from the seed: the default.
var Random = Strategy{Name: "random", New: seeded}

func seeded(seed uint64) choice.Chooser { return choice.NewSeeded(seed) }

// StrategyNamed returns the strategy of that name. The error lists those there are.
func StrategyNamed(name string) (Strategy, error) {
	known := []Strategy{Random}
	names := make([]string, len(known))
	for i, s := range known {
		if s.Name == name {
			return s, nil
		}
		names[i] = s.Name
	}
	return Strategy{}, fmt.Errorf("unknown strategy %q; there is %s", name, strings.Join(names, ", "))
}
