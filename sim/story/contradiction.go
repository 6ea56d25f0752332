package story

import (
	"fmt"
	"strings"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/linear"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// How much of a history without an order is told.
const (
	mostContradictions = 3
	mostOperations     = 8 // of each
)

// contradictions tells the answers that no order explains, where that is the failure: each with the
// operations that cannot all be true with it.
func (s Story) contradictions(b *strings.Builder) {
	left, undecided := mostContradictions, ""
	for _, judged := range s.Outcome.Judged {
		if judged.Judgement != explore.NotLinearizable || judged.Name != s.Outcome.Failure.Key {
			continue
		}
		for _, part := range linear.Explain(judged).Parts {
			if part.Broken == nil {
				if !part.Whole {
					undecided = fmt.Sprintf("%d of %d operations have an order; whose answer has "+
						"no place was not found out\n", len(part.Order), len(part.Operations))
				}
				continue
			}
			if left--; left < 0 {
				b.WriteString("and more answers have no place, on the page\n")
				return
			}
			contradiction(b, judged, part.Broken)
		}
	}
	if left == mostContradictions {
		b.WriteString(undecided)
	}
}

func contradiction(b *strings.Builder, judged explore.Judged, broken *linear.Contradiction) {
	fmt.Fprintf(b, "%s\n", oneLine(broken.Told(judged)))
	table := newTable()
	with := broken.With
	if more := len(with) - mostOperations; more > 0 { // the latest say the most
		table.row("...", "", "", fmt.Sprintf("and %d before these", more))
		with = with[more:]
	}
	for _, i := range with {
		op := judged.Operations[i]
		text := linear.Asked(op) + ": " + linear.Answered(op)
		if op.Effect != (trace.Stamp{}) && op.Ending == trace.Open {
			text += ", took effect at " + when(op.Effect.At)
		}
		table.row(when(op.Called.At), "to "+until(op), fmt.Sprintf("client %d", op.Client), text)
	}
	table.write(b)
}

// until is when an operation had its answer.
func until(op trace.Operation) string {
	if op.Ending == trace.Returned {
		return when(op.Ended.At)
	}
	return "the end"
}
