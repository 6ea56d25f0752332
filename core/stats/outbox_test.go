package stats

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const windowSize = 250 * time.Millisecond

func newTestOutbox(t *testing.T, sent, unsent int) *Outbox {
	config := DefaultOutboxConfig(testStream(0), DefaultConfig())
	config.Sent, config.Unsent = sent, unsent
	box, err := NewOutbox(config, NewClock(testStart, 0), 0)
	require.NoError(t, err)
	return box
}

// run records one sample in each of n windows and cuts them.
func run(box *Outbox, n int) {
	for range n {
		at := box.clock.origin
		now := box.config.Windows.Start(box.k).Sub(at)
		box.Record(now, Sample{Latency: now})
		box.Cut(now + windowSize)
	}
}

func numbers(entries []*Entry) (list []uint64) {
	for _, e := range entries {
		list = append(list, e.N)
	}
	return list
}

func TestASampleBelongsToTheWindowInWhichItCompleted(t *testing.T) {
	box := newTestOutbox(t, 64, 64)
	box.Record(10*time.Millisecond, Sample{})
	box.Record(249*time.Millisecond, Sample{Outcome: Failed})
	box.Record(250*time.Millisecond, Sample{Outcome: Unknown})
	box.Record(249*time.Millisecond, Sample{}) // k never falls: it goes on with the newer window
	box.Advance(9)
	box.Finish(300 * time.Millisecond)
	entries := box.Batch(0, 10)
	require.Len(t, entries, 2)
	first := DefaultConfig().Index(testStart)
	require.Equal(t, []int64{first, first + 1}, []int64{entries[0].K, entries[1].K})
	require.Equal(t, Counts{OK: 1, Failed: 1}, entries[0].Delta)
	require.EqualValues(t, 2, entries[0].Position, "what is counted has come due")
	require.Equal(t, Counts{OK: 1, Unknown: 1}, entries[1].Delta)
	require.Equal(t, Counts{OK: 2, Failed: 1, Unknown: 1}, entries[1].Cumulative)
	require.EqualValues(t, 9, entries[1].Position)
	require.True(t, entries[1].Final)

	box.Record(time.Second, Sample{})
	box.Flush(time.Second)
	box.Finish(time.Second)
	require.EqualValues(t, 1, box.Counters().AfterFinish)
	require.EqualValues(t, 2, box.Counters().EntriesCut)
}

func TestAnIdleWindowMakesOneEntryAndAFlushOnlyOneWithNews(t *testing.T) {
	box := newTestOutbox(t, 64, 64)
	box.Flush(10 * time.Millisecond)
	box.Flush(20 * time.Millisecond) // nothing new
	box.Advance(1)
	box.Flush(30 * time.Millisecond) // the position moved
	box.Cut(260 * time.Millisecond)  // the first window is over, and has said all
	box.Cut(time.Hour)               // the second is; the rest passed unseen
	entries := box.Batch(time.Hour, 10)
	first := entries[0].K
	require.Equal(t, []int64{first, first, first + 1}, []int64{entries[0].K, entries[1].K, entries[2].K})
	require.Len(t, entries, 3)
}

func TestOutboxKeepsItsBoundsAndMergesTheTwoOldestUnsent(t *testing.T) {
	box := newTestOutbox(t, 3, 4)
	run(box, 3)
	first := box.Batch(0, 10)
	require.Equal(t, []uint64{1, 2, 3}, numbers(first))
	box.Settle(false)
	run(box, 7)
	require.Nil(t, box.Batch(0, 10), "three are sent and not durable")
	entries, bound := box.Fill()
	require.Equal(t, [2]int{7, 7}, [2]int{entries, bound})
	require.EqualValues(t, 3, box.Counters().EntriesMerged)

	require.NoError(t, box.Durable(0, 3))
	batch := box.Batch(0, 1)
	require.Equal(t, []uint64{4}, numbers(batch))
	merged := batch[0]
	require.NoError(t, merged.Validate())
	require.EqualValues(t, 4, merged.Delta.OK)
	require.EqualValues(t, 7, merged.Cumulative.OK)
	require.EqualValues(t, 3, merged.Merged)
	require.EqualValues(t, 3, merged.Span)
	require.Equal(t, first[2].K+4, merged.K, "it counts in the window of the last of them")
	require.EqualValues(t, 4, merged.Measures.Latency.Count())
}

func TestOnlyADefiniteErrorTakesANumberBack(t *testing.T) {
	box := newTestOutbox(t, 8, 2)
	run(box, 2)
	require.Equal(t, []uint64{1, 2}, numbers(box.Batch(0, 10)))
	require.Nil(t, box.Batch(0, 10), "one batch at a time")
	require.False(t, box.Sendable(0))
	run(box, 1)
	box.Settle(true)
	require.EqualValues(t, 2, box.Counters().Returned)
	require.EqualValues(t, 1, box.Counters().EntriesMerged, "all three are unsent again, one too many")
	batch := box.Batch(0, 10)
	require.Equal(t, []uint64{1, 2}, numbers(batch))
	require.EqualValues(t, 2, batch[0].Delta.OK)
	box.Settle(false)

	box.Reconnected(0)
	run(box, 1)
	require.Equal(t, []uint64{1, 2, 3}, numbers(box.Batch(0, 10)))
	box.Settle(true) // 1 and 2 were sent before: they stay as they are, and are due again
	require.EqualValues(t, 3, box.Counters().Returned)
	require.Equal(t, []uint64{1, 2, 3}, numbers(box.Batch(0, 10)))
}

func TestOutboxResendsFromTheDurableMark(t *testing.T) {
	box := newTestOutbox(t, 8, 8)
	run(box, 4)
	_, waits := box.ResendAt()
	require.False(t, waits)
	box.Batch(time.Second, 10)
	box.Settle(false)
	require.False(t, box.Sendable(time.Second))
	at, _ := box.ResendAt()
	require.Equal(t, 3*time.Second, at, "two seconds after it was sent")
	require.NoError(t, box.Durable(1500*time.Millisecond, 2))
	require.ErrorIs(t, box.Durable(0, 5), ErrInvalid)
	require.NoError(t, box.Durable(1500*time.Millisecond, 1), "an older mark is nothing new")
	require.EqualValues(t, 2, box.LastDurable())
	at, waits = box.ResendAt()
	require.True(t, waits)
	require.Equal(t, 3500*time.Millisecond, at, "two seconds without progress")
	require.Nil(t, box.Batch(at-1, 10))
	require.True(t, box.Sendable(at))
	require.Equal(t, []uint64{3, 4}, numbers(box.Batch(at, 10)))
	box.Settle(false)
	require.Nil(t, box.Batch(at+1, 10))
	box.Reconnected(at + 2)
	require.Equal(t, []uint64{3}, numbers(box.Batch(at+2, 1)))
	box.Settle(false)
	require.Equal(t, []uint64{4}, numbers(box.Batch(at+2, 1)))
	require.EqualValues(t, 4, box.Counters().EntriesResent)
}

func TestWantIsAHintThatFreesNothing(t *testing.T) {
	box := newTestOutbox(t, 8, 8)
	run(box, 4)
	box.Batch(0, 10)
	box.Settle(false)
	require.NoError(t, box.Durable(0, 1))
	for _, n := range []uint64{0, 1, 6} {
		box.Want(n)
		require.Nil(t, box.Batch(0, 10), "want %d", n)
	}
	box.Want(3)
	require.Equal(t, []uint64{3, 4}, numbers(box.Batch(0, 10)))
	box.Settle(false)
	box.Want(3) // a burst of hints is one
	require.Nil(t, box.Batch(0, 10))
	require.EqualValues(t, 4, box.Counters().WantsIgnored)
	box.Reconnected(0)
	box.Want(5) // all is there
	require.Nil(t, box.Batch(0, 10))
	require.Equal(t, []uint64{2, 3, 4}, numbers(box.Batch(2*time.Second, 10)), "but not durable")
}

func TestAClosedOutboxSendsNothingAndStillCounts(t *testing.T) {
	box := newTestOutbox(t, 8, 8)
	run(box, 3)
	box.Batch(0, 2)
	box.Close()
	box.Settle(true)
	require.True(t, box.Done())
	require.Nil(t, box.Batch(time.Hour, 10))
	run(box, 1)
	require.NoError(t, box.Durable(0, 99))
	box.Want(1)
	require.False(t, box.Sendable(time.Hour))
	require.Equal(t, Statement{testStream(0), Counts{OK: 4}, 4}, box.Statement())
	entries, _ := box.Fill()
	require.Zero(t, entries)
}

func TestOutboxIsDoneWhenItsFinalEntryIsDurable(t *testing.T) {
	box := newTestOutbox(t, 8, 8)
	run(box, 1)
	box.Finish(windowSize)
	box.Batch(0, 10)
	require.False(t, box.Done())
	box.Settle(false)
	require.NoError(t, box.Durable(0, 2))
	require.True(t, box.Done())
}

func TestAnOutboxThatLeavesARestHasNoFinalEntry(t *testing.T) {
	box := newTestOutbox(t, 8, 8)
	run(box, 1)
	box.Record(windowSize+1, Sample{})
	box.Leave(windowSize + 2)
	entries := box.Batch(0, 10)
	require.Len(t, entries, 2)
	require.EqualValues(t, 2, entries[1].Cumulative.OK, "what was counted since the last cut, too")
	require.False(t, entries[1].Final)
	require.False(t, box.Done())
	box.Settle(false)
	require.NoError(t, box.Durable(0, 2))
	require.True(t, box.Done())
	run(box, 1)
	box.Finish(time.Second)
	require.Nil(t, box.Batch(time.Hour, 10), "it has said all")
	require.EqualValues(t, 1, box.Counters().AfterFinish)
}

func TestOutboxRefusesCountsThatDoNotFit(t *testing.T) {
	box := newTestOutbox(t, 8, 8)
	require.NoError(t, box.Skip(0, CutOff, 1<<63))
	require.ErrorIs(t, box.Skip(0, CutOff, 1<<63), ErrInvalid)
	require.ErrorIs(t, box.Skip(0, Reasons, 1), ErrInvalid)
	require.Equal(t, uint64(1)<<63, box.Statement().Cumulative.Planned())
}

func TestOutboxConfigNamesWhatIsOutOfBounds(t *testing.T) {
	good := DefaultOutboxConfig(testStream(0), DefaultConfig())
	require.NoError(t, good.Validate())
	for want, change := range map[string]func(*OutboxConfig){
		"attempt is 0":                    func(c *OutboxConfig) { c.Stream.Attempt = 0 },
		"size is 1ms, must be 50ms":       func(c *OutboxConfig) { c.Windows.Size = time.Millisecond },
		"sent is 0, must be 1 to 1024":    func(c *OutboxConfig) { c.Sent = 0 },
		"unsent is 1, must be 2 to 1024":  func(c *OutboxConfig) { c.Unsent = 1 },
		"resend after is 0s, must be 10m": func(c *OutboxConfig) { c.ResendAfter = 0 },
	} {
		bad := good
		change(&bad)
		_, err := NewOutbox(bad, Clock{}, 0)
		require.ErrorIs(t, err, ErrInvalid)
		require.ErrorContains(t, err, want)
	}
}
