package stats

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core/wire"
)

// speaker makes the entries of one stream.
type speaker struct {
	stream Stream
	last   Entry
}

// say is the stream's next entry: n arrivals that were ok in window k, counted from the test's start.
func (s *speaker) say(k int64, n uint64) *Entry {
	s.last = Entry{
		Stream: s.stream, N: s.last.N + 1, K: DefaultConfig().Index(testStart) + k, Delta: Counts{OK: n},
		Cumulative: Counts{OK: s.last.Cumulative.OK + n}, Position: s.last.Position + n,
	}
	for range n {
		s.last.Measures.Add(Sample{Latency: time.Millisecond})
	}
	e := s.last
	return &e
}

func opened(t *testing.T, c *Collector, shard uint32) *speaker {
	require.NoError(t, c.Open(testStream(shard), testSource, c.now))
	return &speaker{stream: testStream(shard)}
}

// at is the test's start and so many windows.
func at(windows float64) Time {
	return testStart.Add(time.Duration(windows * float64(windowSize)))
}

func ks(windows []*Window) (list []int64) {
	for _, w := range windows {
		list = append(list, w.K-DefaultConfig().Index(testStart))
	}
	return list
}

func TestOnlyTheNextEntryOfAnOpenStreamIsTaken(t *testing.T) {
	c := newTestCollector(t, testStart)
	s := opened(t, c, 0)
	one, two, three := s.say(0, 1), s.say(0, 2), s.say(1, 3)
	apply := func(e *Entry) Receipt { return c.Apply(e, testSource, testStart) }
	require.Equal(t, Receipt{Result: Gap, Next: 1}, apply(two))
	require.Equal(t, Receipt{Result: Applied, Next: 2}, apply(one))
	require.Equal(t, Receipt{Result: Duplicate, Next: 2}, apply(one))
	require.Equal(t, Gap, apply(three).Result)
	require.Equal(t, Applied, apply(two).Result)
	other := c.Apply(three, Source{"w1", 2}, testStart)
	require.Equal(t, RefusedForeign, other.Result)
	require.ErrorIs(t, other.Err, ErrStream)
	stranger := *three
	stranger.Stream.Attempt = 2
	require.Equal(t, RefusedUnknown, apply(&stranger).Result)

	closing, err := c.Close(s.stream, Due{Arrivals: 9}, testStart)
	require.NoError(t, err)
	require.Equal(t, Closing{s.stream, testSource, 2, Counts{OK: 3}, 3, false}, closing)
	require.Equal(t, RefusedClosed, apply(three).Result)
	require.Equal(t, Duplicate, apply(two).Result, "it was taken: the worker may forget it")
	again, err := c.Close(s.stream, Due{Arrivals: 1000}, testStart.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, closing, again)
	books := c.Books()
	require.Equal(t, [Results]uint64{
		RefusedForeign: 1, RefusedUnknown: 1, RefusedClosed: 1, Gap: 2, Duplicate: 2, Applied: 2,
	}, books.Results)
	require.EqualValues(t, 1, books.Accounts[0].RefusedEntries)
	require.EqualValues(t, 6, books.Accounts[0].Unknown, "nine were due, three are applied")
}

func TestAnEntryThatDoesNotFitBreaksItsStream(t *testing.T) {
	for name, spoil := range map[string]func(*Entry){
		"cumulative counts are":           func(e *Entry) { e.Cumulative.OK++; e.Position++ },
		"position or window falls":        func(e *Entry) { e.K -= 2 },
		"position is 2, must be at least": func(e *Entry) { e.Position = 2 },
		"position or window": func(e *Entry) {
			e.Position, e.Cumulative, e.Delta, e.Measures = 3, Counts{OK: 2}, Counts{}, Measures{}
		},
		"has 1 samples":   func(e *Entry) { e.Measures.Latency = Sketch{}; e.Measures.Latency.Add(1) },
		"spans 1 windows": func(e *Entry) { e.Span = 1 },
		"do not fit 64 bits": func(e *Entry) {
			e.Delta.OK = math.MaxUint64 - 4
			e.Cumulative.OK, e.Position, e.Measures = math.MaxUint64-2, math.MaxUint64, Measures{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTestCollector(t, testStart)
			other, s := opened(t, c, 1), opened(t, c, 0)
			require.Equal(t, Applied, c.Apply(other.say(0, 3), testSource, testStart).Result)
			one := s.say(1, 2)
			one.Position = 10
			require.Equal(t, Applied, c.Apply(one, testSource, testStart).Result)
			two := s.say(1, 2)
			two.Position = 10
			spoil(two)
			r := c.Apply(two, testSource, testStart)
			require.Equal(t, RefusedMalformed, r.Result)
			require.ErrorIs(t, r.Err, ErrInvalid)
			require.ErrorContains(t, r.Err, name)
			require.Equal(t, RefusedBroken, c.Apply(two, testSource, testStart).Result)
			require.Equal(t, Applied, c.Apply(other.say(0, 1), testSource, testStart).Result)
			books := c.Books()
			require.Equal(t, Counts{OK: 6}, books.Applied)
			require.Contains(t, books.Accounts[0].Broken, name)
			r1 := Reconcile(&books, nil)
			require.False(t, r1.Balanced())
			require.EqualValues(t, 1, r1.Sum.Broken)
		})
	}
}

func TestNothingComesAfterTheFinalEntry(t *testing.T) {
	c := newTestCollector(t, testStart)
	s := opened(t, c, 0)
	final := s.say(0, 1)
	final.Final = true
	require.Equal(t, Applied, c.Apply(final, testSource, testStart).Result)
	require.Equal(t, RefusedMalformed, c.Apply(s.say(0, 1), testSource, testStart).Result)
}

func TestAWindowClosesAfterBothTolerancesAndIsTakenOnce(t *testing.T) {
	c := newTestCollector(t, testStart)
	s := opened(t, c, 0)
	c.Apply(s.say(0, 1), testSource, at(0))
	c.Apply(s.say(1, 1), testSource, at(1))
	closing, ok := c.NextClosing()
	require.True(t, ok)
	require.Equal(t, at(1).Add(1050*time.Millisecond), closing)
	require.False(t, c.HasPending(closing-1))
	require.Empty(t, c.TakeClosed(closing-1))
	require.True(t, c.HasPending(closing))
	require.Equal(t, []int64{0}, ks(c.TakeClosed(closing)))
	require.Empty(t, c.TakeClosed(closing), "each revision has one taker")
	held, open := c.Held()
	require.Equal(t, [2]int{2, 1}, [2]int{held, open}, "it stays until it is dropped")

	all := c.TakeAll(closing)
	require.Equal(t, []int64{1}, ks(all))
	require.Empty(t, c.TakeAll(closing))
	_, ok = c.NextClosing()
	require.False(t, ok)
}

func TestALateEntryMakesTheNextRevision(t *testing.T) {
	c := newTestCollector(t, testStart)
	s, other := opened(t, c, 0), opened(t, c, 1)
	c.Apply(s.say(0, 1), testSource, at(0))
	now := at(1).Add(1050 * time.Millisecond)
	first := c.TakeClosed(now)[0]
	require.EqualValues(t, 1, first.Revision)
	bytes := wire.Marshal(first)
	late := c.Apply(other.say(0, 2), testSource, now.Add(time.Second))
	require.Equal(t, Receipt{AppliedLate, 2, 2050 * time.Millisecond, nil}, late)
	require.Equal(t, AppliedLate, c.Apply(other.say(0, 3), testSource, now.Add(time.Second)).Result)
	require.Equal(t, bytes, wire.Marshal(first), "a taken value never changes")
	second := c.TakeClosed(now.Add(time.Second))
	require.Equal(t, []int64{0}, ks(second))
	require.EqualValues(t, 2, second[0].Revision, "it rises once a take, not once an entry")
	require.EqualValues(t, 6, second[0].Counts().OK)
	require.Len(t, second[0].Parts, 1)
	require.EqualValues(t, 2, second[0].Parts[0].Streams)
	require.EqualValues(t, 3, second[0].Parts[0].Entries)
	books := c.Books()
	require.EqualValues(t, 2, books.Late)
	require.Equal(t, 2050*time.Millisecond, books.Lateness.Max())
	require.Zero(t, books.UnwindowedTotal())
}

func TestWhatNoWindowCanTakeIsUnwindowedAndLoud(t *testing.T) {
	config := DefaultConfig()
	c := newTestCollector(t, testStart)
	now := at(100)
	apply := func(shard uint32, k int64) Receipt {
		return c.Apply(opened(t, c, shard).say(k, uint64(shard)), testSource, now)
	}
	oldest := 100 - int64(config.MaximumAge/config.Size) - 1 // its end is just the maximum age ago
	require.Equal(t, AppliedLate, apply(1, oldest).Result)
	require.Equal(t, Receipt{AppliedUnwindowed, 2, config.MaximumAge + config.Size, nil}, apply(2, oldest-1))
	require.Equal(t, Applied, apply(3, 120).Result)
	require.Equal(t, Receipt{AppliedUnwindowed, 2, 0, nil}, apply(4, 121))
	require.Equal(t, AppliedUnwindowed, apply(5, math.MaxInt64-c.config.Index(testStart)).Result)
	require.Equal(t, AppliedUnwindowed, apply(6, -1<<62).Result)
	books := c.Books()
	require.Equal(t, [UnwindowedReasons]Counts{TooOld: {OK: 8}, TooFarAhead: {OK: 9}}, books.Unwindowed)
	require.Equal(t, Counts{OK: 21}, books.Applied)
	require.EqualValues(t, 3, books.Late)

	now = now.Add(time.Second)
	c.End(now)
	require.Equal(t, AppliedUnwindowed, apply2(t, c, now).Result)
	require.Equal(t, []int64{oldest, 120}, ks(c.TakeClosed(now)), "an end closes all, and loses nothing")
	require.Empty(t, c.TakeAll(now))
	require.EqualValues(t, 7, c.Books().Unwindowed[Ended].OK)
	require.ErrorIs(t, c.Open(testStream(77), testSource, now), ErrEnded)
	totals := c.Totals()
	require.Len(t, totals, 1)
	require.EqualValues(t, 28, totals[0].Tally.Counts.OK)
	require.EqualValues(t, 28, totals[0].Tally.Measures.Latency.Count())
	require.EqualValues(t, 24, totals[0].Unwindowed.OK)
}

// apply2 says something more in the newest stream.
func apply2(t *testing.T, c *Collector, now Time) Receipt {
	s := &speaker{stream: testStream(3)}
	s.last = Entry{N: 1, Cumulative: Counts{OK: 3}, Position: 3}
	return c.Apply(s.say(120, 7), testSource, now)
}

func TestAWindowIsDroppedOnlyWhenItsNewestRevisionIsLogged(t *testing.T) {
	c := newTestCollector(t, testStart)
	s := opened(t, c, 0)
	c.Apply(s.say(0, 1), testSource, at(0))
	c.Apply(s.say(1, 1), testSource, at(1))
	now := at(0).Add(30 * time.Second)
	c.Logged(c.config.Index(testStart), 9)
	require.Zero(t, c.Drop(now), "what was never taken cannot have been logged")
	windows := c.TakeClosed(now)
	c.Logged(windows[1].K, windows[1].Revision)
	require.Zero(t, c.Drop(now), "the oldest is not logged")
	c.Logged(windows[0].K, windows[0].Revision)
	require.Equal(t, 2, c.Drop(now))
}

func TestADroppedWindowNeverOpensAgain(t *testing.T) {
	c := newTestCollector(t, testStart)
	s, other := opened(t, c, 0), opened(t, c, 1)
	logAll := func(now Time) {
		for _, w := range c.TakeClosed(now) {
			c.Logged(w.K, w.Revision)
		}
	}
	c.Apply(s.say(0, 1), testSource, at(0))
	c.Apply(s.say(1, 1), testSource, at(1))
	now := at(1).Add(5 * time.Second) // the first is as old as may be
	logAll(now)
	require.Zero(t, c.Drop(now), "it may still get a revision")
	require.Equal(t, AppliedLate, c.Apply(other.say(0, 1), testSource, now).Result)
	require.Zero(t, c.Drop(now+1), "its change was not taken")
	logAll(now + 1)
	require.Equal(t, 1, c.Drop(now+1))
	require.Equal(t, AppliedUnwindowed, c.Apply(other.say(0, 1), testSource, now+1).Result)
	require.Equal(t, AppliedLate, c.Apply(other.say(1, 1), testSource, now+1).Result)
	now = now.Add(windowSize) + 1
	logAll(now)
	require.Equal(t, 1, c.Drop(now))
	held, _ := c.Held()
	require.Zero(t, held)
}

func TestTooManyWindowsCostTheOldestItsPlaceAndNoCount(t *testing.T) {
	config := DefaultConfig()
	config.Held, config.MaximumAge = 16, time.Minute
	c, err := NewCollector("job", config, testStart)
	require.NoError(t, err)
	s, other := opened(t, c, 0), opened(t, c, 1)
	for k := range int64(16) {
		c.Apply(s.say(k, 1), testSource, at(0))
	}
	now := at(1).Add(1050 * time.Millisecond)
	shown := c.TakeClosed(now) // window 0, revision 1
	c.Apply(other.say(0, 4), testSource, now)
	require.Equal(t, Applied, c.Apply(other.say(20, 1), testSource, now).Result)
	require.Equal(t, Counts{OK: 4}, c.Books().Unwindowed[Overflow], "what the client has, it keeps")
	require.Equal(t, Applied, c.Apply(other.say(21, 1), testSource, now).Result)
	require.Equal(t, Counts{OK: 5}, c.Books().Unwindowed[Overflow])
	require.False(t, c.HasPending(now), "an evicted window has nothing pending")
	third := opened(t, c, 2)
	require.Equal(t, AppliedUnwindowed, c.Apply(third.say(1, 7), testSource, now).Result)
	require.Equal(t, Counts{OK: 7}, c.Books().Unwindowed[Dropped])
	books := c.Books()
	require.EqualValues(t, 2, books.Evicted)
	times, through := c.Evicted()
	require.EqualValues(t, 2, times)
	require.Equal(t, DefaultConfig().Index(at(0))+1, through)
	sum := books.UnwindowedTotal()
	for _, w := range append(shown, c.TakeAll(now)...) {
		sum, _ = sum.Add(w.Counts())
	}
	require.Equal(t, books.Applied, sum)
	require.EqualValues(t, 29, c.Totals()[0].Tally.Measures.Latency.Count())
}

func TestAWindowOlderThanAllHeldOnesDoesNotOpenWhenTooManyAreHeld(t *testing.T) {
	config := DefaultConfig()
	config.Held, config.MaximumAge = 16, time.Minute
	c, err := NewCollector("job", config, testStart)
	require.NoError(t, err)
	s, other := opened(t, c, 0), opened(t, c, 1)
	for k := range int64(16) {
		c.Apply(s.say(k+2, 1), testSource, at(0))
	}
	require.Equal(t, AppliedUnwindowed, c.Apply(other.say(0, 1), testSource, at(0)).Result)
	require.Equal(t, Counts{OK: 1}, c.Books().Unwindowed[Overflow])
	require.Equal(t, AppliedUnwindowed, c.Apply(other.say(0, 1), testSource, at(0)).Result)
	require.Equal(t, Counts{OK: 1}, c.Books().Unwindowed[Dropped])
}

func TestSlotsOfChangedStreamsAreTakenOnce(t *testing.T) {
	c := newTestCollector(t, testStart)
	s, other := opened(t, c, 0), opened(t, c, 1)
	c.Apply(s.say(0, 2), testSource, at(0))
	c.Apply(s.say(0, 3), testSource, at(0))
	require.Equal(t, []Slot{{s.stream, 2, Counts{OK: 5}}}, c.TakeSlots())
	require.Empty(t, c.TakeSlots())
	c.Apply(other.say(0, 7), testSource, at(0))
	c.Apply(s.say(0, 1), testSource, at(0))
	require.Equal(t, []Slot{{other.stream, 1, Counts{OK: 7}}, {s.stream, 3, Counts{OK: 6}}}, c.TakeSlots())
}
