package timeline

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/linear"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// How much of a run's histories a page holds.
const (
	mostOperations = 50_000 // of all of them; of one that is longer, its last
	mostHistories  = 100
)

// histories lays out what was judged: what has no order first.
func histories(all []explore.Judged, at anchors) []historyData {
	var parts []part
	for _, judged := range all {
		parts = append(parts, partsOf(judged)...)
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(a.rank(), b.rank()) })
	laidOut, left := []historyData{}, mostOperations
	for n, p := range parts {
		if n == mostHistories || left == 0 {
			rest := fmt.Sprintf("and %d more, which are left out", len(parts)-n)
			return append(laidOut, (&part{name: rest}).lay(at))
		}
		p.leaveOut(left, at)
		left -= len(p.operations)
		laidOut = append(laidOut, p.lay(at))
	}
	return laidOut
}

// part is what is drawn as one history.
type part struct {
	explore.Judged
	linear.Part
	name       string
	operations []int // that are drawn: indices of Judged.Operations
	denied     []int // those that did not happen, and took effect
	omitted    int
}

func partsOf(judged explore.Judged) []part {
	account := linear.Explain(judged)
	var parts []part
	for n, of := range account.Parts {
		p := part{Judged: judged, Part: of, name: judged.Name, operations: of.Operations}
		if len(account.Parts) > 1 {
			first := linear.Asked(judged.Operations[of.Operations[0]])
			p.name = fmt.Sprintf("%s, %d of %d: %s", judged.Name, n+1, len(account.Parts), first)
		}
		parts = append(parts, p)
	}
	parts = withWhatDidNot(parts, judged)
	if len(account.Denied) > 0 {
		parts[len(parts)-1].denied = account.Denied
	}
	return parts
}

// withWhatDidNot adds what certainly did not happen to the one part that there is. Of several nobody knows to
// which it would belong: then it is shown by itself.
func withWhatDidNot(parts []part, judged explore.Judged) []part {
	var didNot, all []int
	for i, op := range judged.Operations {
		all = append(all, i)
		if op.Ending == trace.Refused || op.Ending == trace.Void {
			didNot = append(didNot, i)
		}
	}
	if len(parts) == 1 {
		parts[0].operations = all
	} else if len(didNot) > 0 {
		name := judged.Name + ", what did not happen"
		parts = append(parts, part{Judged: judged, name: name, operations: didNot})
	}
	return parts
}

// rank sorts parts: what has no order, what is not known to have one, the others, what did not happen.
func (p *part) rank() int {
	switch {
	case p.Broken != nil || len(p.denied) > 0:
		return 0
	case len(p.Part.Operations) == 0:
		return 3
	case !p.Whole:
		return 1
	}
	return 2
}

// leaveOut drops what was over before the first event that is drawn, and what is too much.
func (p *part) leaveOut(most int, at anchors) {
	all := len(p.operations)
	p.operations = slices.DeleteFunc(slices.Clone(p.operations), func(i int) bool {
		op := p.Judged.Operations[i]
		return op.Ending != trace.Open && at.before(op.Ended)
	})
	p.operations = p.operations[max(0, len(p.operations)-most):]
	p.omitted = all - len(p.operations)
}

func (p *part) told() (verdict, why string) {
	n := len(p.Part.Operations)
	switch {
	case p.Broken != nil:
		verdict, why = "no order", p.Broken.Told(p.Judged)
	case len(p.denied) > 0:
		verdict, why = "no order", "what its client was told had not happened took effect"
	case n == 0:
		verdict, why = "", "it has no place in any order"
	case p.Whole:
		verdict, why = "in order", fmt.Sprintf("an order of %d operations explains every answer", n)
	case p.Judgement == explore.Linearizable:
		verdict = "in order"
		why = fmt.Sprintf("there is an order; here are %d of %d operations, as far as it was found again",
			len(p.Order), n)
	default:
		verdict = p.Judgement.String()
		why = fmt.Sprintf("not decided: %d of %d operations have an order", len(p.Order), n)
	}
	if p.omitted > 0 {
		why += fmt.Sprintf(" (the first %d operations are not drawn)", p.omitted)
	}
	return verdict, why
}
