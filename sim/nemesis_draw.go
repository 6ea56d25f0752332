package sim

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// episode is one fault: it lasts on links or a node from begin until end, both times of the run.
type episode struct {
	kind       FaultKind
	strength   int // 0 to strengths-1
	slot       int // which of its kind's in the run, from 0
	where      int // 0 to places-1: which of what it may befall
	side       int // 0 to sides-1: which way round
	begin, end time.Duration
	links      func(Link) bool // that a link fault covers
	from, to   string          // the pair that a cut is between; from alone: the node that it befalls
	target     string          // readable

	order  []string // of a core: its members, those first that are lost first
	losses int      // how many of them are

	undo    func() // set while it is in force
	touched func() uint64
	leaving *env // of a stop that is over: the node that has not ended yet
}

const (
	strengths = 4 // how hard a kind hits in a run
	sides     = 4
	places    = 1 << 16 // answers to "where", taken modulo what there is
	offsets   = 16      // how finely the beginning within a slot is cut
	lengths   = 8       // each twice as long as the one before, the last 7/8 of a slot
)

// draws asks what one kind does. Every slot asks every stream once, whatever the answers are: so the number
// of a question is its slot, and to take one episode out of a schedule moves no other.
type draws struct {
	world *World
	kind  FaultKind
	label string
}

// on asks whether the kind occurs in this run, and how hard it hits.
func (d draws) on(always bool) (on bool, strength int) {
	on = d.world.Choose(choice.Config, d.label+"on", 2) == 1
	return on || always, d.world.Choose(choice.Config, d.label+"strength", strengths)
}

// episode asks about one slot; nil when it stays quiet, which is the answer 0.
func (d draws) episode(start, slot time.Duration) *episode {
	ask := func(what string, alternatives int) int {
		return d.world.Choose(choice.Fault, d.label+what, alternatives)
	}
	hits, where, side := ask("episode", 2) == 1, ask("where", places), ask("side", sides)
	when, length := ask("when", offsets), (slot-slot/8)>>(lengths-1-ask("length", lengths))
	if !hits {
		return nil
	}
	length = max(length.Truncate(time.Millisecond), 1)
	begin := start + ((slot - length) * time.Duration(when) / offsets).Truncate(time.Millisecond)
	return &episode{kind: d.kind, where: where, side: side, begin: begin, end: begin + length}
}

func (e *episode) String() string { return fmt.Sprintf("%v: %s, %s", e.kind, e.target, e.times()) }

func (e *episode) times() string {
	if e.kind == FaultCore {
		return fmt.Sprintf("from +%v on", e.begin)
	}
	return fmt.Sprintf("+%v to +%v", e.begin, e.end)
}
