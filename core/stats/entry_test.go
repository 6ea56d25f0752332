package stats

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core/wire"
)

func TestAnEntryIsRefusedForWhatIsWrongWithIt(t *testing.T) {
	for want, spoil := range map[string]func(*Entry){
		"attempt is 0":               func(e *Entry) { e.Stream.Attempt = 0 },
		"n is 0":                     func(e *Entry) { e.N = 0 },
		"sum of the counts is over":  func(e *Entry) { e.Cumulative = Counts{OK: math.MaxUint64, Failed: 1} },
		"are less than the delta":    func(e *Entry) { e.Delta.OK = 9 },
		"position is 2, must be":     func(e *Entry) { e.Position = 2 },
		"spans 3 windows but":        func(e *Entry) { e.Span = 3 },
		"a sketch has 2 samples":     func(e *Entry) { e.Measures.SendLag.Add(1) },
		"1 samples, must have the d": func(e *Entry) { e.Delta.OK = 0 },
	} {
		s := speaker{stream: testStream(0)}
		s.say(0, 2)
		e := s.say(1, 1)
		require.NoError(t, e.Validate())
		spoil(e)
		require.ErrorIs(t, e.Validate(), ErrInvalid)
		require.ErrorContains(t, e.Validate(), want)
	}
}

func FuzzWhateverDecodesAsAnEntryIsAppliedOrRefused(f *testing.F) {
	s := speaker{stream: testStream(0)}
	for n := range uint64(4) {
		e := s.say(int64(n), n)
		e.Final = n == 3
		f.Add(wire.Marshal(e))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var e, again Entry
		if wire.Unmarshal(b, &e) != nil {
			return
		}
		canonical := wire.Marshal(&e)
		require.NoError(t, wire.Unmarshal(canonical, &again))
		require.Equal(t, canonical, wire.Marshal(&again))
		c, err := NewCollector("job", DefaultConfig(), testStart)
		require.NoError(t, err)
		require.NoError(t, c.Open(testStream(0), testSource, testStart))
		if _, ok := c.streams[e.Stream]; !ok {
			e.Stream = testStream(0)
		}
		r := c.Apply(&e, testSource, testStart)
		require.Equal(t, r.Result >= Gap, r.Err == nil)
		books := c.Books()
		sum := books.UnwindowedTotal()
		for _, w := range c.TakeAll(testStart) {
			sum, _ = sum.Add(w.Counts())
		}
		require.Equal(t, books.Applied, sum)
		if r.Result.Taken() {
			again.Stream = e.Stream
			require.NoError(t, e.Validate())
			require.Equal(t, Duplicate, c.Apply(&again, testSource, testStart).Result)
		}
	})
}
