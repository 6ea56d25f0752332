package gate

import (
	"errors"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
)

var errNothingTaken = errors.New("the client took none of the pushes")

// batchMost is how many pushes travel in one call.
const batchMost = 64

// impatience is how long a first try waits at least, in a rare run.
const impatience = 10 * time.Millisecond

// subscriber sends one job's pushes to one client, in order, each batch after the last was answered. When its
// client does not answer it ends: the log keeps what was missed, and a new subscription starts another one.
type subscriber struct {
	job    *job
	client core.Address
	bell   core.Signal
	sent   uint64 // the last number answered; under the books' lock
	epoch  uint64 // raised by each subscription, so that an old answer does not move a new position; ditto
}

// run is the subscriber's task.
func (s *subscriber) run() {
	g, ctx := s.job.gate, s.job.ctx
	failed := 0
	for ctx.Err() == nil {
		batch, epoch := s.next()
		if len(batch.Pushes) == 0 {
			failed = 0
			_ = s.bell.Wait(ctx, core.Forever)
			continue
		}
		patience := g.config.PushTimeout
		if failed == 0 && g.env.Rare("gate/short-push-timeout") {
			patience = impatience // the next try has all the time there is
		}
		through, err := s.send(batch, patience)
		if err == nil {
			failed = 0
			s.advance(through, epoch)
			continue
		}
		failed++
		if failed >= g.config.PushTries && s.giveUp(epoch) {
			return
		}
		_ = g.env.Sleep(ctx, g.retries.Wait(g.env.Rand(), failed))
	}
}

// next is the next batch; it is empty when there is nothing to send.
func (s *subscriber) next() (batch protocol.PushBatch, epoch uint64) {
	b := s.job.books
	b.lock.Lock()
	defer b.lock.Unlock()
	most := batchMost
	if b.env.Rare("gate/one-push-a-call") {
		most = 1
	}
	batch.Job = s.job.id
	batch.Pushes = fitting(b.log.after(s.sent, most), s.job.gate.config.PushBytes)
	return batch, s.epoch
}

// send makes the call. A client that takes less than all says so and gets the rest again.
func (s *subscriber) send(batch protocol.PushBatch, patience time.Duration) (through uint64, err error) {
	g := s.job.gate
	ctx, cancel := rpc.WithTimeout(g.env, s.job.ctx, patience)
	defer cancel()
	taken, err := rpc.Call[protocol.PushTaken](ctx, g.node, s.client, core.High, protocol.MethodPush, &batch)
	if err != nil {
		g.counters.pushSendsFailed.Add(1)
		return 0, err
	}
	if taken.Through < batch.Pushes[0].Number {
		g.counters.pushSendsFailed.Add(1)
		return 0, errNothingTaken // asking again at once would ask for ever
	}
	return min(taken.Through, batch.Pushes[len(batch.Pushes)-1].Number), nil
}

// advance moves the position, unless the client has subscribed anew meanwhile.
func (s *subscriber) advance(through, epoch uint64) {
	b := s.job.books
	b.lock.Lock()
	defer b.lock.Unlock()
	if s.epoch == epoch {
		s.sent = max(s.sent, through)
		b.ring()
	}
}

// giveUp ends the subscription, unless the client has subscribed anew meanwhile.
func (s *subscriber) giveUp(epoch uint64) bool {
	b := s.job.books
	b.lock.Lock()
	defer b.lock.Unlock()
	if s.epoch != epoch {
		return false
	}
	b.subscribers = slices.DeleteFunc(b.subscribers, func(other *subscriber) bool { return other == s })
	b.ring()
	s.job.gate.counters.subscribersGone.Add(1)
	return true
}

// ring wakes the job's task if it waits for subscribers. Called under the lock.
func (b *books) ring() {
	if b.waiting != nil {
		b.waiting.Notify()
	}
}

// fitting is as many of the pushes as one message takes, at least one.
func fitting(pushes []protocol.Push, limit int) []protocol.Push {
	total := 0
	for i := range pushes {
		total += encodedSize(&pushes[i])
		if i > 0 && total > limit {
			return pushes[:i]
		}
	}
	return pushes
}
