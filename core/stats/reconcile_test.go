package stats

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core/wire"
	"pgregory.net/rapid"
)

func TestAttemptsOfAShardAreOpenedOneAfterAnother(t *testing.T) {
	c := newTestCollector(t, testStart)
	first := testStream(0)
	second, third := first, first
	second.Attempt, third.Attempt = 2, 3
	require.ErrorIs(t, c.Open(second, testSource, at(0)), ErrStream, "1 comes first")
	require.NoError(t, c.Open(first, testSource, at(0)))
	require.NoError(t, c.Open(first, testSource, at(0)), "the same again is no error")
	require.ErrorIs(t, c.Open(first, Source{"w2", 1}, at(0)), ErrStream)
	require.ErrorIs(t, c.Open(second, testSource, at(0)), ErrStream, "1 is not closed")
	_, err := c.Close(first, Due{}, at(1))
	require.NoError(t, err)
	require.ErrorIs(t, c.Open(first, testSource, at(1)), ErrStream, "closed for ever")
	require.ErrorIs(t, c.Open(third, testSource, at(1)), ErrStream)
	require.NoError(t, c.Open(second, Source{"w2", 1}, at(1)))
	s := &speaker{stream: second}
	final := s.say(1, 1)
	final.Final = true
	require.Equal(t, Applied, c.Apply(final, Source{"w2", 1}, at(1)).Result)
	closing, err := c.Close(second, Due{}, at(1))
	require.NoError(t, err)
	require.True(t, closing.Final)
	require.ErrorIs(t, c.Open(third, testSource, at(1)), ErrStream, "the shard has said all")
	account, ok := c.Account(second)
	require.True(t, ok)
	require.EqualValues(t, 1, account.Last)

	_, ok = c.Account(third)
	require.False(t, ok)
	_, err = c.Close(third, Due{}, at(1))
	require.ErrorIs(t, err, ErrStream)
	stranger := testStream(5)
	stranger.Job = "other"
	require.ErrorIs(t, c.Open(stranger, testSource, at(1)), ErrStream)
	require.ErrorIs(t, c.Open(Stream{}, testSource, at(1)), ErrInvalid)
}

func TestAnAnswerToClosedTellsWhatWasRefused(t *testing.T) {
	c := newTestCollector(t, testStart)
	s := opened(t, c, 0)
	c.Apply(s.say(0, 5), testSource, at(0))
	answer := Statement{s.stream, Counts{OK: 7, Failed: 1}, 9}
	require.ErrorIs(t, c.Answer(answer, testSource), ErrStream, "it is not closed")
	_, err := c.Close(s.stream, Due{Arrivals: 20}, at(1))
	require.NoError(t, err)
	require.EqualValues(t, 15, c.Books().Accounts[0].Unknown)
	require.ErrorIs(t, c.Answer(answer, Source{"w1", 2}), ErrStream, "a restarted worker continues nothing")
	less, over := Counts{OK: 4}, Counts{OK: math.MaxUint64, Failed: 1}
	require.ErrorIs(t, c.Answer(Statement{s.stream, less, 4}, testSource), ErrStream, "5 were applied")
	require.ErrorIs(t, c.Answer(Statement{s.stream, over, 4}, testSource), ErrStream)
	require.NoError(t, c.Answer(answer, testSource))
	require.NoError(t, c.Answer(answer, testSource), "the same again")
	answer.Cumulative.OK++
	require.NoError(t, c.Answer(answer, testSource), "one more ended")
	answer.Cumulative.OK -= 2
	require.ErrorIs(t, c.Answer(answer, testSource), ErrStream)
	a := c.Books().Accounts[0]
	require.Equal(t, Counts{OK: 3, Failed: 1}, a.Refused)
	require.Zero(t, a.Unknown)
	books := c.Books()
	r := Reconcile(&books, []Plan{{"east", "browse", 0, 20, false, false}})
	require.True(t, r.Balanced(), "%+v", r)
	require.EqualValues(t, 11, r.Sum.WorkerLost)
	require.EqualValues(t, 4, r.Share.Lacking)
	require.True(t, r.Incomplete(true))
	require.False(t, r.Incomplete(false))
}

func TestReconciliationAccountsForEveryPlannedArrival(t *testing.T) {
	stream := func(attempt uint32) Stream { s := testStream(0); s.Attempt = attempt; return s }
	plan := []Plan{{"east", "browse", 0, 100, false, false}}
	cut, five := Counts{OK: 90, NotSent: [Reasons]uint64{CutOff: 10}}, Counts{OK: 5}
	for name, c := range map[string]struct {
		accounts []Account
		want     Line
		balanced bool
	}{
		"all is applied": {
			[]Account{{Stream: stream(1), Final: true, Applied: cut}},
			Line{Applied: cut}, true,
		},
		"the final entry says too little": {
			[]Account{{Stream: stream(1), Final: true, Applied: Counts{OK: 90}}},
			Line{Applied: Counts{OK: 90}, Missing: 10}, false,
		},
		"it says too much": {
			[]Account{{Stream: stream(1), Final: true, Applied: Counts{OK: 101}}},
			Line{Applied: Counts{OK: 101}, Excess: 1}, false,
		},
		"still open": {
			[]Account{{Stream: stream(1), Applied: Counts{OK: 40}}},
			Line{Applied: Counts{OK: 40}, Missing: 60, Open: 1}, false,
		},
		"dead, and silent": {
			[]Account{{Stream: stream(1), Closed: true, Applied: Counts{OK: 40}, Unknown: 25}},
			Line{Applied: Counts{OK: 40}, Unknown: 25, WorkerLost: 35}, false,
		},
		"dead, and its bound is beyond the plan": {
			[]Account{{Stream: stream(1), Closed: true, Applied: Counts{OK: 40}, Unknown: math.MaxUint64}},
			Line{Applied: Counts{OK: 40}, Unknown: 60}, false,
		},
		"dead, and came back to answer": {
			[]Account{{
				Stream: stream(1), Closed: true, Answered: true, Applied: Counts{OK: 40}, Refused: five,
			}},
			Line{Applied: Counts{OK: 40}, Refused: five, WorkerLost: 55}, true,
		},
		"a successor did the rest": {
			[]Account{
				{Stream: stream(1), Closed: true, Answered: true, Applied: Counts{OK: 40}},
				{Stream: stream(2), Final: true, Applied: Counts{OK: 50}},
			},
			Line{Applied: Counts{OK: 90}, WorkerLost: 10}, true,
		},
		"a successor is at it": {
			[]Account{
				{Stream: stream(1), Closed: true, Answered: true, Applied: Counts{OK: 40}},
				{Stream: stream(2), Applied: Counts{OK: 20}},
			},
			Line{Applied: Counts{OK: 60}, Missing: 40, Open: 1}, false,
		},
		"nobody ran it": {nil, Line{Missing: 100}, false},
	} {
		t.Run(name, func(t *testing.T) {
			books := Books{Accounts: c.accounts}
			r := Reconcile(&books, plan)
			c.want.Datacenter, c.want.Workflow, c.want.Planned = "east", "browse", 100
			require.Equal(t, []Line{c.want}, r.Lines)
			require.Equal(t, c.balanced, r.Balanced())
			l := r.Sum
			require.Equal(t, l.Planned+l.Excess,
				l.Applied.Planned()+l.Refused.Planned()+l.WorkerLost+l.Unknown+l.Missing)
			var back Reconciliation
			require.NoError(t, wire.Unmarshal(wire.Marshal(&r), &back))
			require.Equal(t, r, back)
		})
	}
}

func TestAClosedModelHasNoPlanButStillSaysWhatIsUnknown(t *testing.T) {
	c := newTestCollector(t, testStart)
	s, fine := opened(t, c, 0), opened(t, c, 1)
	c.Apply(s.say(0, 5), testSource, at(0))
	whole := fine.say(0, 2)
	whole.Final = true
	c.Apply(whole, testSource, at(0))
	plans := []Plan{{"east", "browse", 1, 0, true, false}, {"east", "browse", 0, 0, true, false}}
	_, err := c.Close(s.stream, Due{Uncounted: true}, at(3))
	require.NoError(t, err)
	books := c.Books()
	r := Reconcile(&books, plans)
	require.EqualValues(t, 7, r.Sum.Planned)
	require.True(t, r.Sum.Uncounted && r.Share.Uncounted)
	require.False(t, r.Balanced())
	require.NoError(t, c.Answer(Statement{s.stream, Counts{OK: 6}, 6}, testSource))
	books = c.Books()
	r = Reconcile(&books, plans)
	require.EqualValues(t, 8, r.Sum.Planned)
	require.True(t, r.Balanced())
}

func TestCoverageSaysWhichWindowsHaveNoEntry(t *testing.T) {
	c := newTestCollector(t, testStart)
	s, silent, young := opened(t, c, 0), opened(t, c, 1), opened(t, c, 2)
	c.Apply(s.say(0, 1), testSource, at(0))
	c.Apply(s.say(0, 1), testSource, at(0)) // the same window twice is one
	merged := s.say(3, 2)
	merged.Merged, merged.Span = 2, 2
	c.Apply(merged, testSource, at(4))
	c.Apply(young.say(4, 1), testSource, at(4))
	_, err := c.Close(silent.stream, Due{Arrivals: 8}, at(9))
	require.NoError(t, err)
	_, err = c.Close(s.stream, Due{}, at(9))
	require.NoError(t, err)
	books := c.Books()
	share := Reconcile(&books, nil).Share
	require.Equal(t, Coverage{Samples: 5, Lacking: 0, Windows: 3, Expected: 21, Merged: 2}, share)
	require.InDelta(t, 1.0/7, share.Fraction(), 1e-9)
	require.InDelta(t, 1, Coverage{}.Fraction(), 0)
}

func TestEverythingOnTheWireComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		for range 3 {
			m.flow(t)
			m.hint(t)
		}
		windows := m.owner.TakeAll(m.clock.At(m.now))
		for _, w := range windows {
			var back Window
			b := wire.Marshal(w)
			require.NoError(t, wire.Unmarshal(b, &back))
			require.Equal(t, b, wire.Marshal(&back))
			require.Equal(t, w.Counts(), back.Counts())
		}
		books := m.owner.Books()
		var back Books
		require.NoError(t, wire.Unmarshal(wire.Marshal(&books), &back))
		require.Equal(t, wire.Marshal(&books), wire.Marshal(&back))
		require.Equal(t, books.Accounts, back.Accounts)
		require.Equal(t, books.Results, back.Results)
		for _, total := range m.owner.Totals() {
			var again Total
			require.NoError(t, wire.Unmarshal(wire.Marshal(&total), &again))
			require.Equal(t, total.Tally.Counts, again.Tally.Counts)
		}
		statement := m.workers[0].box.Statement()
		var same Statement
		require.NoError(t, wire.Unmarshal(wire.Marshal(&statement), &same))
		require.Equal(t, statement, same)
		var source Source
		require.NoError(t, wire.Unmarshal(wire.Marshal(&m.workers[1].source), &source))
		require.Equal(t, "w~1", source.String())
	})
}

func TestConfigNamesWhatIsOutOfBounds(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	for want, change := range map[string]func(*Config){
		"size is 49ms, must be 50ms to 1m0s":          func(c *Config) { c.Size = 49 * time.Millisecond },
		"drift tolerance is -1ns":                     func(c *Config) { c.DriftTolerance = -1 },
		"closing tolerance is 1m1s":                   func(c *Config) { c.ClosingTolerance = 61e9 },
		"maximum age is 1s, must be 1.05s to 10m0s":   func(c *Config) { c.MaximumAge = time.Second },
		"live within is 0s":                           func(c *Config) { c.LiveWithin = 0 },
		"held is 15, must be 16 to 65536":             func(c *Config) { c.Held = 15 },
		"held is 65537, must be 16 to 65536":          func(c *Config) { c.Held = 65537 },
		"maximum age is 10m1s, must be 1.05s to 10m0": func(c *Config) { c.MaximumAge = 601 * time.Second },
	} {
		c := DefaultConfig()
		change(&c)
		_, err := NewCollector("job", c, 0)
		require.ErrorIs(t, err, ErrInvalid)
		require.ErrorContains(t, err, want)
		var back Config
		require.NoError(t, wire.Unmarshal(wire.Marshal(&c), &back))
		require.Equal(t, c, back)
	}
	_, err := NewCollector("", DefaultConfig(), 0)
	require.ErrorIs(t, err, ErrInvalid)
}

func TestWindowsTileTimeAlsoBefore1970(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := DefaultConfig()
		at := Time(rapid.Int64Range(-1<<60, 1<<60).Draw(t, "at"))
		k := c.Index(at)
		require.LessOrEqual(t, c.Start(k), at)
		require.Greater(t, c.End(k), at)
		require.Equal(t, c.End(k), c.Start(k+1))
	})
	clock := NewClock(testStart, time.Minute)
	require.Equal(t, testStart.Add(time.Second), clock.At(61*time.Second))
	require.Equal(t, testStart, At(testStart.Wall()))
}

// What nobody was told to run is certainly not sent: a job that was skipped, or cancelled in the queue, lacks
// nothing.
func TestWhatWasNeverStartedIsNotMissing(t *testing.T) {
	c := newTestCollector(t, testStart)
	books := c.Books()
	plan := Plan{Datacenter: "east", Workflow: "browse", Arrivals: 20, NotRun: true}
	r := Reconcile(&books, []Plan{plan})
	require.True(t, r.Balanced())
	require.EqualValues(t, 20, r.Sum.NotRun)
	plan.NotRun = false
	r = Reconcile(&books, []Plan{plan})
	require.False(t, r.Balanced(), "it may still be started")
	require.EqualValues(t, 20, r.Sum.Missing)

	opened(t, c, 0)
	books, plan.NotRun = c.Books(), true
	r = Reconcile(&books, []Plan{plan})
	require.EqualValues(t, 20, r.Sum.Missing, "it was started")
}
