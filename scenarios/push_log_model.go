package scenarios

import (
	"fmt"

	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/sim/check"
)

// The operations of a log's history. startLog, appendPush and dropLog are the gate's and have no output; that
// of readAfter is what was pushed, or nothingThere.
type (
	startLog   struct{}
	appendPush struct{ number uint64 }
	dropLog    struct{}
	readAfter  struct{ after uint64 }

	// pushed is a push, or a gap that stands for several.
	pushed struct {
		from, to uint64
		gap      bool
		digest   uint64
	}
	// nothingThere says that there is no such log, or none that has come so far.
	nothingThere struct{}
)

func (startLog) String() string     { return "log begins" }
func (a appendPush) String() string { return fmt.Sprintf("push %d is logged", a.number) }
func (dropLog) String() string      { return "log is dropped" }
func (r readAfter) String() string  { return fmt.Sprintf("read after %d", r.after) }
func (nothingThere) String() string { return "nothing there" }

// String says what was read as a reader of a history names it.
func (p pushed) String() string {
	if p.gap {
		return fmt.Sprintf("gap %d-%d", p.from, p.to)
	}
	return fmt.Sprintf("push %d (%x)", p.to, p.digest)
}

// loggedUpTo is the model's state: a log is known by its last number, as a number has one content for ever.
type loggedUpTo struct {
	last           uint64
	begun, dropped bool
}

// logModel is a log that keeps its newest pushes, as many as bound. digests are those of the contents, by
// number, from 1.
func logModel(bound uint64, digests []uint64) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return loggedUpTo{} },
		Step: func(state, input, output any) (bool, any) {
			l := state.(loggedUpTo)
			switch in := input.(type) {
			case startLog:
				l.begun = true
				return true, l
			case appendPush:
				l.last++
				return l.begun && in.number == l.last, l
			case dropLog:
				l.dropped = true
				return l.begun, l
			case readAfter:
				return l.reads(in, output, bound, digests), l
			}
			return false, l
		},
		DescribeOperation: func(input, output any) string {
			if output == nil {
				return fmt.Sprint(input)
			}
			return fmt.Sprintf("%v -> %v", input, output)
		},
		DescribeState: func(state any) string { return fmt.Sprintf("%+v", state) },
	}
}

// reads says whether somebody may be told that. What is on its way when the log is dropped still arrives.
func (l loggedUpTo) reads(in readAfter, output any, bound uint64, digests []uint64) bool {
	switch out := output.(type) {
	case check.NoAnswer:
		return true
	case nothingThere:
		return !l.begun || l.dropped || l.last < in.after
	case pushed:
		if out.to <= in.after || out.to > l.last {
			return false
		}
		if out.gap { // one that was asked for from further back is late, and stands for more than is missing
			return out.from <= in.after+1 && out.to+bound <= l.last
		}
		next := in.after + 1
		return out.from == next && out.to == next && digests[next-1] == out.digest
	}
	return false
}
