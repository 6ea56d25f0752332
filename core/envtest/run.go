package envtest

import (
	"slices"
	"testing"
)

// check is one clause of the contract.
type check struct {
	name   string // the claim
	needs  []Ability
	script func(k *kit) []Node
}

// Run puts every check to a world, as a subtest each.
func Run(t *testing.T, world World) {
	cannot := world.Cannot()
	for ability, why := range cannot { //simvet:allow order: only reports
		if !slices.Contains(abilities(), ability) || why == "" {
			t.Errorf("%q is declared as impossible (%q): not an ability, or no reason", ability, why)
		}
	}
	needed := map[Ability]bool{}
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			for _, ability := range c.needs {
				needed[ability] = true
				if why := cannot[ability]; why != "" {
					t.Logf("declared as impossible in this world: %s: %s", ability, why)
					return
				}
			}
			world.Run(t, func(r Reporter, control Control) []Node {
				return c.script(&kit{Reporter: r, Control: control})
			})
		})
	}
	for _, ability := range abilities() {
		if !needed[ability] {
			t.Logf("no check that ran needs to %s", ability)
		}
	}
}

// checks is the contract.
func checks() []check {
	return slices.Concat(clockChecks(), contextChecks(), signalChecks(), taskChecks(), endpointChecks(),
		messageChecks(), queueChecks(), breakChecks())
}
