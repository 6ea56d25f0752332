package gate

import (
	"cmp"
	"fmt"

	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/wire"
)

// verdict is what became of a datacenter's result.
type verdict string

const (
	verdictNew        verdict = "new"
	verdictChanged    verdict = "changed"     // a later statement replaces the earlier
	verdictDuplicate  verdict = "duplicate"   // identical, sent again: suppressed
	verdictNetwork    verdict = "network"     // identical, the same sending: duplicated on its way
	verdictSuperseded verdict = "superseded"  // an earlier statement than the one held
	verdictConflict   verdict = "conflict"    // same number, another statement
	verdictStale      verdict = "stale token" // from under an older owner
)

// statement is what a datacenter last said of a workflow. Its zero value says nothing yet.
type statement struct {
	result protocol.Result
	digest uint64
	in     bool
}

// take decides between what is held and what arrived: the greater (token, result number, digest) holds,
// so that every gate that sees the same results holds the same one, in whatever order they come. A
// conflict is decided the same way; held tells whether the newcomer won.
func (s statement) take(r protocol.Result, token uint64) (after statement, v verdict, held bool) {
	arrived := statement{result: r, digest: digestOf(r), in: true}
	switch order := s.compare(arrived); {
	case r.Token < token:
		return s, verdictStale, false
	case !s.in:
		return arrived, verdictNew, true
	case order == 0 && arrived.digest == s.digest && r.Send == s.result.Send:
		return s, verdictNetwork, false
	case order == 0 && arrived.digest == s.digest:
		s.result.Send = max(s.result.Send, r.Send)
		return s, verdictDuplicate, false
	case order == 0 && arrived.digest > s.digest:
		return arrived, verdictConflict, true
	case order == 0:
		return s, verdictConflict, false
	case order < 0:
		return arrived, verdictChanged, true
	default:
		return s, verdictSuperseded, false
	}
}

// describe is a result in one line, for a log that has to show two.
func describe(r protocol.Result) string {
	return fmt.Sprintf("%d.%d (sending %d) %v %q, %d attempts, digest %x",
		r.Incarnation, r.Count, r.Send, r.State, r.Error, len(r.Attempts), digestOf(r))
}

// compare orders by token and result number.
func (s statement) compare(t statement) int {
	return cmp.Or(
		cmp.Compare(s.result.Token, t.result.Token),
		cmp.Compare(s.result.Incarnation, t.result.Incarnation),
		cmp.Compare(s.result.Count, t.result.Count),
	)
}

// digestOf is over all of a result but its send number, by FNV-1a.
func digestOf(r protocol.Result) uint64 {
	r.Send = 0
	return digest(&r)
}

func digest(m wire.Message) uint64 {
	hash := uint64(14695981039346656037)
	for _, b := range wire.Marshal(m) {
		hash = (hash ^ uint64(b)) * 1099511628211
	}
	return hash
}
