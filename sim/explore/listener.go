package explore

import (
	"cmp"
	"slices"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// listener is a chooser that hears what is asked.
type listener struct {
	choice.Chooser
	questions map[string]questions
}

// questions are those of one stream.
type questions struct {
	stream string // with its kind, as in a key
	asked  uint64
	most   int // the largest answer
	order  int // of the streams, as they were first asked
}

func newListener(inner choice.Chooser) *listener {
	return &listener{Chooser: inner, questions: map[string]questions{}}
}

// Choose implements choice.Chooser.
func (l *listener) Choose(c choice.Choice) int {
	stream := streamOf(c.Key())
	q, known := l.questions[stream]
	if !known {
		q = questions{stream: stream, order: len(l.questions)}
	}
	q.asked, q.most = max(q.asked, c.N+1), max(q.most, c.Alternatives-1)
	l.questions[stream] = q
	return l.Chooser.Choose(c)
}

// late are the streams that are suspected, or are named like one but for a part: in a run with other random
// numbers a job has another name, and does the same.
func (l *listener) late(suspects []string) []questions {
	var found []questions
	for stream, q := range l.questions {
		if slices.ContainsFunc(suspects, func(s string) bool { return alike(s, stream) }) {
			found = append(found, q)
		}
	}
	slices.SortFunc(found, func(a, b questions) int { return cmp.Compare(a.order, b.order) })
	return found
}
