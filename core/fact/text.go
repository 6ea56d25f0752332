package fact

import (
	"strconv"
	"time"

	"github.com/windtunnel/windtunnel/core/stats"
)

// line appends words and values to a fact's text without allocating.
type line []byte

func (l line) s(words ...string) line {
	for _, w := range words {
		l = append(l, w...)
	}
	return l
}

func (l line) u(v uint64) line { return strconv.AppendUint(l, v, 10) }

func (l line) i(v int64) line { return strconv.AppendInt(l, v, 10) }

// d is a duration in whole milliseconds, or in seconds when it has no more.
func (l line) d(v time.Duration) line {
	if v%time.Second == 0 {
		return l.i(int64(v / time.Second)).s("s")
	}
	return l.i(int64(v / time.Millisecond)).s("ms")
}

func (l line) yes(v bool, word string) line {
	if v {
		return append(l, word...)
	}
	return l
}

func (l line) stream(s stats.Stream) line {
	l = l.s(s.Job, "/", s.Datacenter, "/", s.Workflow, "/").u(uint64(s.Shard))
	return l.s(".").u(uint64(s.Attempt))
}
