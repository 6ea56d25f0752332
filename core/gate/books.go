package gate

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/wire"
)

// books are what a job's task, the push task and the subscribers share: what was counted, and what was
// said of it. Everything is under one lock, so that taking windows and logging the push that holds them
// is one step.
type books struct {
	lock        sync.Locker
	env         core.Env
	collector   *stats.Collector
	log         pushLog
	pushed      core.Instant // when the last periodic push was
	windows     uint64       // window revisions that were pushed
	plans       map[stats.Stream]opened
	subscribers []*subscriber
	waiting     core.Signal // the job's task waits for subscribers to catch up; nil before that
}

// errNotOpened says that no such attempt was opened, or for another worker.
var errNotOpened = errors.New("not opened")

// opened is what is needed to bound what a lost worker did: its plan cannot have started before it was
// opened.
type opened struct {
	plan  load.Plan
	at    stats.Time
	from  time.Duration // how far the plan was then
	cores uint32
}

func newBooks(env core.Env, collector *stats.Collector, replay int) *books {
	if env.Rare("gate/short-push-log") {
		replay = fewestPushes
	}
	return &books{
		lock:      env.NewLocker(),
		env:       env,
		collector: collector,
		log:       newPushLog(replay),
		pushed:    core.Instant(-1 << 62),
		plans:     map[stats.Stream]opened{},
	}
}

// open lets a shard's worker speak for a stream.
func (b *books) open(
	stream stats.Stream, shard protocol.Shard, now stats.Time, from time.Duration,
) error {
	b.lock.Lock()
	defer b.lock.Unlock()
	source := stats.Source{Worker: shard.Worker, Incarnation: shard.Incarnation}
	if err := b.collector.Open(stream, source, now); err != nil {
		return err
	}
	b.collector.Heard(stream.Datacenter, now)
	b.plans[stream] = opened{plan: shard.Plan, at: now, from: from, cores: shard.Cores}
	return nil
}

// elapsed is the plan of an opened stream's shard, and how far it is: a later attempt does not move it.
func (b *books) elapsed(stream stats.Stream, now stats.Time) (load.Plan, time.Duration) {
	b.lock.Lock()
	defer b.lock.Unlock()
	o := b.plans[stream]
	return o.plan, o.from + now.Sub(o.at)
}

// cores is how many an opened stream's worker has for it.
func (b *books) cores(stream stats.Stream) uint32 {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.plans[stream].cores
}

// account is a stream's part of the books.
func (b *books) account(stream stats.Stream) stats.Account {
	b.lock.Lock()
	defer b.lock.Unlock()
	account, _ := b.collector.Account(stream)
	return account
}

// sourceOf is who may speak for a stream.
func (b *books) sourceOf(stream stats.Stream) stats.Source { return b.account(stream).Source }

// of is what was applied of a workflow.
func (b *books) of(workflow string) (sum stats.Counts) {
	b.lock.Lock()
	defer b.lock.Unlock()
	for _, t := range b.collector.Totals() {
		if t.Workflow == workflow {
			sum, _ = sum.Add(t.Tally.Counts) // it fits: it is a part of the total
		}
	}
	return sum
}

// progress is a number that grows with whatever the load of shares does: arrivals that came due at their
// workers, and such as ended.
func (b *books) progress(shares []*share) (sum uint64) {
	b.lock.Lock()
	defer b.lock.Unlock()
	for _, x := range shares {
		for _, stream := range x.streams {
			account, _ := b.collector.Account(stream)
			sum += uint64(stream.Attempt) + account.Position + account.Applied.Planned()
		}
	}
	return sum
}

// driftPercent is the most by which two steady clocks are presumed to run apart, as the margin is that
// managers add before they give a worker up.
const driftPercent = 10

// close closes the stream of a worker that is dead. What it may have sent beyond what was applied is at
// most what was due by its own clock, which may run fast, until it has certainly stopped. Closing again
// changes nothing: fresh says that this was the first time.
func (b *books) close(
	stream stats.Stream, source stats.Source, now stats.Time, mayRun time.Duration,
) (closing stats.Closing, fresh bool, err error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	before, opened := b.collector.Account(stream)
	if !opened || before.Source != source {
		return closing, false, fmt.Errorf("stream %v of %v: %w", stream, source, errNotOpened)
	}
	o := b.plans[stream]
	elapsed := now.Sub(o.at) + max(mayRun, 0)
	due := o.plan.Due(o.from+elapsed+elapsed*driftPercent/100) - o.plan.Before(o.from)
	closing, err = b.collector.Close(stream, stats.Due{Arrivals: due}, now)
	return closing, !before.Closed, err
}

// answer takes what a closed stream's worker counted in all. fresh says that the books now say more
// than before.
func (b *books) answer(answer stats.Statement, source stats.Source) (fresh bool, err error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	before, _ := b.collector.Account(answer.Stream)
	if err := b.collector.Answer(answer, source); err != nil {
		return false, err
	}
	after, _ := b.collector.Account(answer.Stream)
	return before.Answered != after.Answered || before.Refused != after.Refused, nil
}

// hasClosed tells whether a push would have windows.
func (b *books) hasClosed(now stats.Time) bool {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.collector.HasPending(now)
}

// nextClosing is when the next window closes by itself.
func (b *books) nextClosing() (stats.Time, bool) {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.collector.NextClosing()
}

// logWindows gives windows their push, or several when one would be over limit bytes. A window that is
// over it by itself loses its quantiles, never its counts, and err says so. Called under the lock.
func (b *books) logWindows(taken []*stats.Window, push protocol.Push, limit int) (err error) {
	size := 0
	for _, w := range taken {
		window, stripped := strip(*w, limit)
		if stripped != nil {
			err = stripped
		}
		more := encodedSize(&window)
		if len(push.Windows) > 0 && (size+more > limit || b.env.Rare("gate/one-window-a-push")) {
			b.append(push)
			push.Windows, size = nil, 0
		}
		push.Windows, size = append(push.Windows, window), size+more
	}
	if len(push.Windows) > 0 {
		b.append(push)
	}
	return err
}

// append logs a push under the next number and wakes the subscribers. Called under the lock.
func (b *books) append(push protocol.Push) {
	push = b.log.add(push)
	for i := range push.Windows {
		b.collector.Logged(push.Windows[i].K, push.Windows[i].Revision)
	}
	b.windows += uint64(len(push.Windows))
	noted := fact.Pushed{Job: push.Job, Number: push.Number, Digest: digest(&push),
		Windows: len(push.Windows)}
	if push.Status != nil {
		noted.Status, noted.Totals = true, push.Status.Totals
	}
	b.env.Note(noted)
	for _, s := range b.subscribers {
		s.bell.Notify()
	}
}

// mostSubscribers bounds the clients that follow one job at a time.
const mostSubscribers = 1024

// subscribe starts, or moves, the subscription of a client. fresh says that its task has to be started.
// s is nil when too many clients follow the job already.
func (b *books) subscribe(j *job, client core.Address, after uint64) (s *subscriber, fresh bool,
	last uint64) {
	b.lock.Lock()
	defer b.lock.Unlock()
	last = b.log.last()
	for _, s := range b.subscribers {
		if s.client == client {
			s.sent = min(after, last)
			s.epoch++
			s.bell.Notify()
			return s, false, last
		}
	}
	if len(b.subscribers) == mostSubscribers {
		return nil, false, last
	}
	s = &subscriber{job: j, client: client, bell: b.env.NewSignal(), sent: min(after, last)}
	b.subscribers = append(b.subscribers, s)
	return s, true, last
}

// told says that every client that is followed has all pushes.
func (b *books) told() bool {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.allTaken()
}

// allTaken says the same. Called under the lock.
func (b *books) allTaken() bool {
	return !slices.ContainsFunc(b.subscribers, func(s *subscriber) bool { return s.sent < b.log.last() })
}

// caughtUp says that every client that is followed has all pushes; the bell is rung when that may have
// changed.
func (b *books) caughtUp(bell core.Signal) bool {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.waiting = bell
	return b.allTaken()
}

func encodedSize(m wire.Message) int { return len(wire.Marshal(m)) }
