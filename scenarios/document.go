package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

//go:generate go test . -run=TestScenariosDocumentIsFresh -write

const preface = `# Scenarios

Generated from the registry in package scenarios by "make generate"; do not edit.

Every scenario runs in simulation over many schedules, with all invariants on; those that meet no fault also
run over TCP ("make scenarios-tcp"). A whole suite fails if one never comes to a state that is named here, or
if a kind of fault that is named here never did anything to it.
`

const rareBranches = `
## Rare branches

In every second run each of these points of core takes its rare branch with a chance of a quarter: a legal
size, time or order that no small cluster comes to by itself. A whole suite fails if one is never taken.

`

// Document is SCENARIOS.md: what there is, by family, from the registry. mutants lists the known bugs
// that a scenario must catch; nil leaves them out.
func Document(all []*Scenario, mutants func(id string) []string) string {
	var b strings.Builder
	b.WriteString(preface)
	family := ""
	for _, s := range all {
		if s.Family != family {
			family = s.Family
			fmt.Fprintf(&b, "\n## %s%s\n", strings.ToUpper(family[:1]), family[1:])
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s%s.\n\n", s.ID, strings.ToUpper(s.Line[:1]), s.Line[1:])
		bullet(&b, "cluster", s.cluster())
		bullet(&b, "faults", s.faultNames())
		bullet(&b, "leans on", strings.Join(s.Invariants, "; "))
		bullet(&b, "must come to", strings.Join(s.Sometimes, "; "))
		if mutants != nil {
			bullet(&b, "catches", strings.Join(mutants(s.ID), "; "))
		}
		if s.OverTCP() {
			bullet(&b, "over TCP", "too")
		}
	}
	b.WriteString(rareBranches)
	bullet(&b, "points", strings.Join(RareBranches(), "; "))
	return b.String()
}

func bullet(b *strings.Builder, name, text string) {
	if text == "" {
		return
	}
	b.WriteString(wrapped("- **"+name+"**: "+text, 110) + "\n")
}

// wrapped breaks a list's item into lines of at most so many bytes where it has spaces.
func wrapped(text string, most int) string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > most {
			lines, line = append(lines, line), " "
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return strings.Join(append(lines, line), "\n")
}

// cluster says how many nodes of which role there are.
func (sc *Scenario) cluster() string {
	text := fmt.Sprintf("1 gate, %s with 1 manager and %s each, %s",
		count(sc.Shape.Datacenters, "datacenter"), count(sc.Shape.Workers, "worker"),
		count(sc.Shape.Clients, "client"))
	if sc.Vary != nil {
		text += "; some of it is drawn anew for each run"
	}
	return text
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// faultNames lists the kinds of faults, or says that it is all of them.
func (sc *Scenario) faultNames() string {
	var names []string
	for _, kind := range sc.Faults {
		names = append(names, kind.String())
	}
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
