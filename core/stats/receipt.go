package stats

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core/wire"
)

// Source is who may speak for a stream: one incarnation of one worker process.
type Source struct {
	Worker      string
	Incarnation uint64
}

// String is for people: worker~incarnation.
func (s Source) String() string { return fmt.Sprintf("%s~%d", s.Worker, s.Incarnation) }

// Fields is the source on the wire.
func (s *Source) Fields(c *wire.Coder) {
	c.String(1, &s.Worker)
	c.Uint64(2, &s.Incarnation)
}

// Result is what became of an entry.
type Result uint8

const (
	RefusedMalformed  Result = iota // breaks a rule, or does not fit what came before: breaks the stream
	RefusedBroken                   // the stream was broken before
	RefusedUnknown                  // nobody opened the stream
	RefusedForeign                  // the stream is another worker's, or another incarnation's
	RefusedClosed                   // the stream was closed before the entry came: refused and counted
	Gap                             // entries before it are missing: Want says from where
	Duplicate                       // taken before
	Applied                         // taken, in an open window
	AppliedLate                     // taken, in a closed window's next revision
	AppliedUnwindowed               // taken, in the totals and Unwindowed only
	Results                         // how many results there are
)

// Taken tells whether the entry was applied by this very call.
func (r Result) Taken() bool { return r >= Applied && r < Results }

// String is the result in a word or two.
func (r Result) String() string {
	names := [Results]string{
		"refused: malformed", "refused: stream is broken", "refused: unknown stream",
		"refused: not its worker", "refused: closed", "gap", "duplicate",
		"applied", "applied late", "applied unwindowed",
	}
	if r < Results {
		return names[r]
	}
	return fmt.Sprintf("Result(%d)", uint8(r))
}

// Receipt is the answer to one entry.
type Receipt struct {
	Result Result
	Next   uint64        // the number that the stream waits for ("want n"); 0 when no such stream
	Late   time.Duration // how long after its window's end it came, when that window had closed; else 0
	Err    error         // why it was refused; nil otherwise
}

// Unwindowed says why an applied entry is in no window.
type Unwindowed uint8

const (
	TooOld            Unwindowed = iota // its window ended longer ago than the maximum age
	TooFarAhead                         // its window starts further ahead than the maximum age
	Dropped                             // its window was dropped
	Ended                               // the job has ended
	Overflow                            // too many windows were held
	UnwindowedReasons                   // how many reasons there are
)

// String is the reason's name as results show it.
func (u Unwindowed) String() string {
	names := [UnwindowedReasons]string{"too_old", "too_far_ahead", "dropped", "ended", "overflow"}
	if u < UnwindowedReasons {
		return names[u]
	}
	return fmt.Sprintf("Unwindowed(%d)", uint8(u))
}
