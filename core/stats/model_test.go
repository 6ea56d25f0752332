package stats

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core/wire"
	"pgregory.net/rapid"
)

// model is a job with a few workers, a network that loses, repeats and reorders, an owner, and a client;
// and the truth about what was executed, which none of them is asked about.
type model struct {
	now     time.Duration // steady, everybody's
	config  Config
	workers []*modelWorker
	owner   *Collector
	clock   Clock
	ended   bool

	reports []report        // on their way to the owner, in no order
	answers []func()        // on their way to a worker, in no order
	taken   map[string]bool // "stream n" that the owner took
	client  map[int64]*Window
}

type modelWorker struct {
	stream   Stream
	source   Source
	box      *Outbox
	truth    Tally             // what it executed
	position uint64            // of its schedule
	handed   map[uint64][]byte // what went to the network under each number
	atClose  uint64            // arrivals that it had executed or skipped when its stream was first closed
	closed   bool
}

type report struct {
	worker *modelWorker
	bytes  [][]byte
}

func newModel(t *rapid.T) *model {
	m := &model{config: DefaultConfig(), taken: map[string]bool{}, client: map[int64]*Window{}}
	m.config.Held, m.config.Size = 16, rapid.SampledFrom([]time.Duration{50e6, 250e6}).Draw(t, "size")
	m.clock = NewClock(testStart, 0)
	var err error
	m.owner, err = NewCollector("job", m.config, m.clock.At(0))
	require.NoError(t, err)
	for i := range 3 {
		w := &modelWorker{
			stream: testStream(uint32(i)), source: Source{"w", uint64(i)}, handed: map[uint64][]byte{},
		}
		if i == 2 {
			w.stream.Datacenter = "west"
		}
		require.NoError(t, m.owner.Open(w.stream, w.source, m.clock.At(0)))
		skew := time.Duration(rapid.Int64Range(-8, 8).Draw(t, "skew s")) * time.Second
		box := DefaultOutboxConfig(w.stream, m.config)
		box.Sent, box.Unsent = 4, 3
		w.box, err = NewOutbox(box, NewClock(testStart.Add(skew), 0), 0)
		require.NoError(t, err)
		m.workers = append(m.workers, w)
	}
	return m
}

func (m *model) worker(t *rapid.T) *modelWorker {
	return m.workers[rapid.IntRange(0, len(m.workers)-1).Draw(t, "worker")]
}

func (m *model) pass(t *rapid.T) {
	m.now += rapid.SampledFrom([]time.Duration{1e6, 60e6, 250e6, 900e6, 3e9}).Draw(t, "time")
}

func (m *model) execute(t *rapid.T) {
	w := m.worker(t)
	for range rapid.IntRange(1, 4).Draw(t, "samples") {
		w.position++
		if w.box.finished {
			continue
		}
		outcome := rapid.SampledFrom([]Outcome{OK, Failed, Unknown}).Draw(t, "outcome")
		s := Sample{outcome, m.now % 977, m.now % 911, 5}
		w.box.Record(m.now, s)
		w.truth.Sent(s)
	}
	if !w.box.finished && rapid.Bool().Draw(t, "skip") {
		require.NoError(t, w.box.Skip(m.now, CutOff, 2))
		w.truth.NotSent(CutOff, 2)
		w.position += 2
	}
	w.box.Advance(w.position)
}

// flow is a while without faults, in which everybody does his work.
func (m *model) flow(t *rapid.T) {
	for range rapid.IntRange(1, 12).Draw(t, "windows") {
		m.now += m.config.Size
		for _, w := range m.workers {
			if s := (Sample{OK, m.now % 977, m.now % 911, 5}); !w.box.finished {
				w.position++
				w.box.Record(m.now, s)
				w.truth.Sent(s)
			}
			w.box.Cut(m.now)
			m.handOver(t, w, w.box.Batch(m.now, 4), 3)
		}
		for _, r := range m.reports {
			m.applyAll(t, r)
		}
		m.reports = nil
	}
}

func (m *model) cut(t *rapid.T) {
	w := m.worker(t)
	switch rapid.IntRange(0, 9).Draw(t, "how") {
	case 0:
		w.box.Finish(m.now)
	case 1, 2, 3:
		w.box.Flush(m.now)
	default:
		w.box.Cut(m.now)
	}
}

func (m *model) send(t *rapid.T) {
	w := m.worker(t)
	could := w.box.Sendable(m.now)
	batch := w.box.Batch(m.now, rapid.IntRange(1, 6).Draw(t, "limit"))
	require.Equal(t, could, batch != nil)
	outcome := rapid.IntRange(0, 4).Draw(t, "0 not delivered, 1 lost, 2 twice, else once")
	m.handOver(t, w, batch, outcome)
}

func (m *model) handOver(t require.TestingT, w *modelWorker, batch []*Entry, outcome int) {
	if batch == nil {
		return
	}
	r := report{worker: w}
	for _, e := range batch {
		require.NoError(t, e.Validate())
		b := wire.Marshal(e)
		if outcome != 0 {
			if was, ok := w.handed[e.N]; ok {
				require.Equal(t, was, b, "entry %d of %v changed after it was sent", e.N, w.stream)
			}
			w.handed[e.N] = b
		}
		r.bytes = append(r.bytes, b)
	}
	w.box.Settle(outcome == 0)
	switch outcome {
	case 0, 1:
	case 2:
		m.reports = append(m.reports, r, r)
	default:
		m.reports = append(m.reports, r)
	}
	require.LessOrEqual(t, len(w.box.sent), 4)
	require.LessOrEqual(t, len(w.box.unsent), 3)
}

func (m *model) arrive(t *rapid.T) {
	if len(m.reports) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.reports)-1).Draw(t, "report")
	r := m.reports[i]
	m.reports = slices.Delete(m.reports, i, i+1)
	m.applyAll(t, r)
}

// applyAll is the owner: it takes a report, and answers with a durable mark or with "want n".
func (m *model) applyAll(t require.TestingT, r report) {
	w := r.worker
	for _, b := range r.bytes {
		var e Entry
		require.NoError(t, wire.Unmarshal(b, &e))
		got := m.owner.Apply(&e, w.source, m.clock.At(m.now))
		key := string(wire.Marshal(&Slot{Stream: e.Stream, N: e.N}))
		if got.Result.Taken() {
			require.False(t, m.taken[key], "%v %d was taken twice", e.Stream, e.N)
			m.taken[key] = true
		}
		switch got.Result {
		case RefusedMalformed, RefusedBroken, RefusedForeign, RefusedUnknown:
			t.Errorf("%v: %v", got.Result, got.Err)
			t.FailNow()
		case RefusedClosed:
			m.answers = append(m.answers, func() { m.closed(t, w) })
		case Gap:
			m.answers = append(m.answers, func() { w.box.Want(got.Next) })
		default:
			mark := got.Next - 1
			m.answers = append(m.answers, func() { require.NoError(t, w.box.Durable(m.now, mark)) })
		}
	}
}

func (m *model) closed(t require.TestingT, w *modelWorker) {
	w.box.Finish(m.now) // the load stops
	w.box.Close()
	require.NoError(t, m.owner.Answer(w.box.Statement(), w.source))
}

func (m *model) answer(t *rapid.T) {
	if len(m.answers) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.answers)-1).Draw(t, "answer")
	if rapid.IntRange(0, 3).Draw(t, "0 loses it") != 0 {
		m.answers[i]()
	}
	m.answers = slices.Delete(m.answers, i, i+1)
}

func (m *model) hint(t *rapid.T) {
	k := m.config.Index(m.clock.At(m.now)) + rapid.Int64Range(-6, 40).Draw(t, "through")
	datacenter := rapid.SampledFrom([]string{"east", "west"}).Draw(t, "datacenter")
	if rapid.IntRange(0, 3).Draw(t, "0 is only heard") == 0 {
		m.owner.Heard(datacenter, m.clock.At(m.now))
	} else {
		m.owner.Complete(datacenter, k, m.clock.At(m.now))
	}
	require.LessOrEqual(t, m.owner.closedThrough, m.config.Index(m.clock.At(m.now).Add(m.config.MaximumAge)))
}

// push takes windows to the client, or loses what was taken before it was pushed only when the client
// will hear of a later revision: never, so all is pushed. Not all is logged at once.
func (m *model) push(t *rapid.T) {
	pending := m.owner.HasPending(m.clock.At(m.now))
	windows := m.owner.TakeClosed(m.clock.At(m.now))
	require.Equal(t, pending, len(windows) > 0)
	m.show(t, windows)
	if rapid.Bool().Draw(t, "drop") {
		m.owner.Drop(m.clock.At(m.now))
	}
}

func (m *model) show(t require.TestingT, windows []*Window) {
	for _, w := range windows {
		if before := m.client[w.K]; before != nil {
			require.Equal(t, before.Revision+1, w.Revision, "window %d", w.K)
		} else {
			require.EqualValues(t, 1, w.Revision)
		}
		m.client[w.K] = w
		m.owner.Logged(w.K, w.Revision)
	}
	require.True(t, slices.IsSortedFunc(windows, func(a, b *Window) int { return int(a.K - b.K) }))
	require.LessOrEqual(t, len(m.owner.held), 16)
}

func (m *model) closeOne(t *rapid.T) {
	if rapid.IntRange(0, 5).Draw(t, "0 closes") == 0 {
		w := m.worker(t)
		if !w.closed {
			w.closed, w.atClose = true, w.truth.Counts.Planned()
		}
		_, err := m.owner.Close(w.stream, Due{Arrivals: w.position}, m.clock.At(m.now))
		require.NoError(t, err)
	}
}

func (m *model) end(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "0 ends") == 0 {
		m.owner.End(m.clock.At(m.now))
		m.ended = true
	}
}

// calm lets every message arrive until nothing is left to do. It has to come to an end: a bound is its
// measure.
func (m *model) calm(t require.TestingT) {
	for round := 0; ; round++ {
		require.Less(t, round, 200, "the protocol does not come to an end")
		m.now += 2100 * time.Millisecond
		done := true
		for _, w := range m.workers {
			w.box.Finish(m.now)
			done = done && w.box.Done()
			m.handOver(t, w, w.box.Batch(m.now, 100), 3)
		}
		if done {
			return
		}
		for _, r := range m.reports {
			m.applyAll(t, r)
		}
		m.reports = nil
		for _, a := range m.answers {
			a()
		}
		m.answers = nil
	}
}
