package register

import "slices"

// patience is how many ticks an operation may take, and mostOpen how many may be under way at once: one more
// is refused.
const (
	patience = 20
	mostOpen = 64
)

// operation is a read or a write under way. It has two rounds: the first asks a majority which versions they
// have, the second has a majority store one, of which every later first round then hears. A write stores what
// is newer than all that it heard of. A read stores the newest that it heard of: were it known to a minority
// only, another read might still come to an older one.
type operation struct {
	id     uint64
	reads  bool
	value  string // to be written
	ticks  int
	round  Round
	phase  Kind // Query, then Store
	heard  []string
	newest Version // that was heard of; then that is stored
}

func (r *Replica) start(op *operation) uint64 {
	r.begin(op, Query)
	op.id = op.round.Number
	if len(r.open) == mostOpen {
		r.answer(op, Refused)
		return op.id
	}
	r.open = append(r.open, op)
	r.ask(op)
	r.proceed(op)
	return op.id
}

// begin starts a round. This replica has answered already.
func (r *Replica) begin(op *operation, phase Kind) {
	r.rounds++
	op.round = Round{r.state.Life, r.rounds}
	op.phase, op.heard = phase, []string{r.name}
}

// ask sends the question to all who have not answered.
func (r *Replica) ask(op *operation) {
	m := Message{Kind: op.phase, Round: op.round}
	if op.phase == Store {
		m.Version = op.newest
	}
	for _, member := range r.members {
		if !slices.Contains(op.heard, member) {
			r.send(member, m)
		}
	}
}

// count takes an answer. One of a round that is over, or of an earlier life, is of no use: it tells how
// things were before the question.
func (r *Replica) count(from string, m Message) {
	i := slices.IndexFunc(r.open, func(op *operation) bool { return op.round == m.Round })
	if i < 0 || slices.Contains(r.open[i].heard, from) {
		return
	}
	op := r.open[i]
	op.heard = append(op.heard, from)
	if op.newest.Before(m.Version) {
		op.newest = m.Version
	}
	r.proceed(op)
}

// proceed goes on to the next round, or to the answer, once a majority has answered.
func (r *Replica) proceed(op *operation) {
	if len(op.heard) <= len(r.members)/2 {
		return
	}
	if op.phase == Store {
		r.answer(op, Done)
		return
	}
	// This replica's own version counts as it is now: another write may have taken a place here meanwhile.
	if op.newest.Before(r.state.Version) {
		op.newest = r.state.Version
	}
	if !op.reads {
		op.newest = Version{Counter: op.newest.Counter + 1, Writer: r.name, Value: op.value}
	}
	r.keep(op.newest) // and so, before anybody hears of it, on disk: no later life chooses this place again
	r.begin(op, Store)
	r.ask(op)
	r.proceed(op)
}

// giveUp ends an operation that no majority answers. A write whose version was sent may be found yet.
func (r *Replica) giveUp(op *operation) {
	if op.reads || op.phase == Query {
		r.answer(op, Refused)
		return
	}
	r.answer(op, Unknown)
}

func (r *Replica) answer(op *operation, outcome Outcome) {
	r.open = slices.DeleteFunc(r.open, func(other *operation) bool { return other == op })
	r.ready.Answers = append(r.ready.Answers, Answer{op.id, outcome, op.newest.Value})
}
