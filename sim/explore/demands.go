package explore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Demands are what a scenario's runs must come to between them. Where it never occurs, that no run failed
// says little.
type Demands struct {
	Sometimes []string // states, as Count has them, that a run must reach
	Faults    []string // kinds, as Fault has them, that must do something to somebody
}

// Unmet lists what the runs of a report never came to, a line each: a state, a kind of fault that did nothing
// to anybody, and what must become true in the end and was never judged, which needs no demand.
func (d Demands) Unmet(r Report) []string {
	var unmet []string
	for _, state := range d.Never(r) {
		unmet = append(unmet, fmt.Sprintf("%q was never reached", state))
	}
	for _, kind := range d.Faults {
		if f := r.fault(kind); f.Biting == 0 {
			unmet = append(unmet, fmt.Sprintf("fault %q never did anything: %s", kind, f.text()))
		}
	}
	for _, e := range r.Eventually {
		if e.Held == 0 {
			unmet = append(unmet, fmt.Sprintf("%q was never judged: %s", e.Name, e.text()))
		}
	}
	return unmet
}

// Never lists the states of Sometimes that no run of a report came to.
func (d Demands) Never(r Report) []string {
	return slices.DeleteFunc(slices.Clone(d.Sometimes), func(state string) bool {
		return r.reached(state) > 0
	})
}

func (r Report) reached(state string) uint64 {
	at := slices.IndexFunc(r.Reached, func(c Count) bool { return c.Name == state })
	if at < 0 {
		return 0
	}
	return r.Reached[at].Times
}

func (r Report) fault(kind string) Fault {
	at := slices.IndexFunc(r.Faults, func(f Fault) bool { return f.Kind == kind })
	if at < 0 {
		return Fault{Kind: kind}
	}
	return r.Faults[at]
}

func (f Fault) text() string { return fmt.Sprintf("injected %d times, bit %d", f.Injected, f.Biting) }

// And adds another report about the same scenario: what its runs came to is summed up, what was found
// comes after what was found here.
func (r Report) And(more Report) Report {
	r.Runs, r.Steps, r.Virtual = r.Runs+more.Runs, r.Steps+more.Steps, r.Virtual+more.Virtual
	reached, faults := map[string]uint64{}, map[string]Fault{}
	for _, c := range slices.Concat(r.Reached, more.Reached) {
		reached[c.Name] += c.Times
	}
	for _, f := range slices.Concat(r.Faults, more.Faults) {
		faults[f.Kind] = faults[f.Kind].and(f)
	}
	r.Reached, r.Faults = counts(reached), byName(faults)
	r.Rare = sumBranches(r.Rare, more.Rare)
	eventually := map[string]Eventual{}
	for _, e := range slices.Concat(r.Eventually, more.Eventually) {
		eventually[e.Name] = eventually[e.Name].and(e)
	}
	r.Eventually = byName(eventually)
	r.Unknown = slices.Compact(slices.Sorted(slices.Values(slices.Concat(r.Unknown, more.Unknown))))
	r.Found = slices.Concat(r.Found, more.Found)
	r.Diverged = cmp.Or(r.Diverged, more.Diverged)
	r.Guidance = r.Guidance.and(more.Guidance)
	return r
}

func (f Fault) and(more Fault) Fault {
	return Fault{more.Kind, f.Injected + more.Injected, f.Biting + more.Biting}
}

func (e Eventual) and(more Eventual) Eventual {
	return Eventual{more.Name, e.Held + more.Held, e.Excused + more.Excused, e.Early + more.Early}
}

func (e Eventual) text() string {
	return fmt.Sprintf("held in %d runs, excused in %d, not yet due at the end of %d",
		e.Held, e.Excused, e.Early)
}

// TellDemands is a text of what became of every demand, how often each kind of fault was injected and bit,
// and how often what must become true in the end did: a few lines a scenario that has any of these. demands
// has as many as reports.
func TellDemands(reports []Report, demands []Demands) string {
	var b strings.Builder
	for i, r := range reports {
		var lists strings.Builder
		if demands[i].tell(&lists, r); lists.Len() > 0 {
			fmt.Fprintf(&b, "%s, %d runs\n%s", r.Scenario, r.Runs, lists.String())
		}
	}
	return b.String()
}

func (d Demands) tell(b *strings.Builder, r Report) {
	var reached, faults, eventually []string
	for _, state := range d.Sometimes {
		if times := r.reached(state); times > 0 {
			reached = append(reached, fmt.Sprintf("%s %d", state, times))
		}
	}
	for _, f := range r.Faults {
		faults = append(faults, fmt.Sprintf("%s %d/%d", f.Kind, f.Injected, f.Biting))
	}
	for _, kind := range d.Faults {
		if r.fault(kind).Injected == 0 {
			faults = append(faults, kind+" 0/0")
		}
	}
	for _, e := range r.Eventually {
		eventually = append(eventually, e.Name+": "+e.text())
	}
	tellList(b, "reached", reached)
	tellList(b, "never", d.Never(r))
	tellList(b, "injected/bit", faults)
	tellList(b, "eventually", eventually)
}

// tellList writes a label and what belongs to it, in lines of about a hundred bytes.
func tellList(b *strings.Builder, label string, texts []string) {
	const most = 100
	width := most
	for i, text := range texts {
		if width+len(text) > most {
			if i > 0 {
				b.WriteString(",\n")
				label = ""
			}
			width, _ = fmt.Fprintf(b, "  %-12s  ", label)
		} else {
			b.WriteString(", ")
			width += 2
		}
		b.WriteString(text)
		width += len(text)
	}
	if len(texts) > 0 {
		b.WriteByte('\n')
	}
}
