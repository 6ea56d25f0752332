package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
)

// Session follows one job: it takes every push once and in order, keeps books of what they said, and
// passes them on to subscriptions. Every method may be called by any task.
type Session struct {
	client   *Client
	job      string
	gateBoot uint64      // 0 until the gate has answered; owned by the keeping task
	bell     core.Signal // the keeping task's
	ended    *core.Latch // the first result is in, or there will be none

	mu            sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	last          uint64     // number of the last push that was taken
	heard         core.Instant
	books         Books
	err           error // why there will be no result
	closed        bool
	subscriptions []*Subscription
}

// Job is the job's id.
func (s *Session) Job() string { return s.job }

// Wait returns the job's result once there is one; it is the newest revision that is in. The error is
// why ctx ended, ErrNotFinished or ErrStopped.
func (s *Session) Wait(ctx context.Context) (protocol.JobResult, error) {
	if err := s.ended.Wait(ctx, core.Forever); err != nil {
		return protocol.JobResult{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.books.Final == nil {
		return protocol.JobResult{}, s.err
	}
	return *s.books.Final, nil
}

// Books returns what all pushes together have said so far.
func (s *Session) Books() Books {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.books.clone()
}

// Close ends the session and its subscriptions. What is queued for them is still handed over.
func (s *Session) Close() {
	s.mu.Lock()
	if !s.closed {
		s.client.env.Note(fact.Unfollowed{Job: s.job})
	}
	s.closed = true
	subscriptions := slices.Clone(s.subscriptions)
	s.mu.Unlock()
	s.client.closed(s)
	for _, sub := range subscriptions {
		sub.close()
	}
	s.bell.Notify()
}

// take takes pushes in the order of their numbers, each once, and returns the number through which it
// has all. One that leaves a hole which no gap explains is left to come again.
func (s *Session) take(pushes []protocol.Push) (through uint64) {
	s.mu.Lock()
	s.heard = s.client.env.Now()
	for i := range pushes {
		p := &pushes[i]
		first := firstOf(p)
		known, ahead := p.Number <= s.last, first > s.last+1
		s.client.env.Note(fact.PushIn{
			Job: s.job, Number: p.Number, From: first, Gap: p.Gap != nil, Digest: digest(p),
			Known: known, Skipped: ahead && !known,
		})
		if known {
			s.client.counters.pushesKnown.Add(1)
			continue
		}
		if ahead {
			s.client.counters.pushesAhead.Add(1)
			break
		}
		s.last = p.Number
		if s.books.take(p) {
			final := s.books.Final
			s.client.env.Note(fact.Learned{Job: s.job, State: final.State, Revision: final.Revision})
		}
		for _, sub := range s.subscriptions {
			if shed := sub.queue.put(*p); shed > 0 {
				s.client.counters.pushesDropped.Add(1)
				s.client.env.Note(fact.PushesDropped{Job: s.job, Subscription: sub.name, From: shed,
					To: shed})
			}
		}
	}
	through = s.last
	ended := s.books.Final != nil
	subscriptions := s.subscriptions[:len(s.subscriptions):len(s.subscriptions)]
	s.mu.Unlock()
	for _, sub := range subscriptions {
		sub.bell.Notify()
	}
	if ended {
		s.ended.Open()
	}
	return through
}

// firstOf is the first number that a push stands for: its own, unless it announces a gap.
func firstOf(p *protocol.Push) uint64 {
	if p.Gap != nil {
		return p.Gap.From
	}
	return p.Number
}

// keep subscribes, and again whenever the gate has been silent for long: a subscription that still
// stands is only confirmed by that. After the result it looks less often, for revisions, until the gate
// has forgotten the job.
func (s *Session) keep() {
	c := s.client
	for failed := 0; c.ctx.Err() == nil; {
		after, ended, closed := s.position()
		if closed {
			return
		}
		answer, err := call[protocol.Subscribed](c.ctx, c, protocol.MethodSubscribe,
			&protocol.Subscribe{Job: s.job, After: after})
		if err == nil {
			err = s.confirmed(answer, after)
		} else if !errors.Is(err, rpc.NotFound) {
			failed++
			c.counters.callsFailed.Add(1)
			_ = s.bell.Wait(c.ctx, c.retries.Wait(c.env.Rand(), failed))
			continue
		} else {
			err = fmt.Errorf("%w: %w", ErrNotFinished, err)
		}
		if err != nil {
			s.fail(err)
			return
		}
		failed = 0
		patience := c.config.Silence
		if ended {
			patience *= 4
		}
		s.untilSilent(patience)
	}
}

// confirmed looks at whose answer it is. A session that was not submitted here learns its gate's boot id from
// the first one, and whether the gate has come to the number from which it is to start: what the gate says up
// to that would count as known.
func (s *Session) confirmed(answer protocol.Subscribed, after uint64) error {
	if s.gateBoot == 0 {
		s.gateBoot = answer.GateBoot
		if answer.Last < after {
			return fmt.Errorf("client: follow %s after push %d: its last is %d", s.job, after, answer.Last)
		}
	}
	if answer.GateBoot != s.gateBoot {
		return ErrNotFinished
	}
	return nil
}

func (s *Session) position() (after uint64, ended, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.books.Final != nil, s.closed
}

// untilSilent returns when nothing was heard of the gate for so long, or the session is closed.
func (s *Session) untilSilent(patience time.Duration) {
	since := s.client.env.Now()
	for s.client.ctx.Err() == nil {
		s.mu.Lock()
		heard, closed := max(s.heard, since), s.closed
		s.mu.Unlock()
		left := heard.Add(patience).Sub(s.client.env.Now())
		if closed || left <= 0 {
			return
		}
		_ = s.bell.Wait(s.client.ctx, left)
	}
}

// fail says that no more pushes will come.
func (s *Session) fail(err error) {
	s.mu.Lock()
	s.err = err
	s.mu.Unlock()
	s.client.env.Note(fact.NotFinished{Job: s.job})
	s.ended.Open()
}

// leave ends the session because its client stops.
func (s *Session) leave() {
	s.mu.Lock()
	s.closed = true
	if s.err == nil {
		s.err = ErrStopped
	}
	s.mu.Unlock()
	s.ended.Open()
}

// call makes one call to the gate.
func call[Resp any, P interface {
	*Resp
	wire.Message
}](ctx context.Context, c *Client, method string, request wire.Message) (Resp, error) {
	ctx, cancel := rpc.WithTimeout(c.env, ctx, c.config.CallTimeout)
	defer cancel()
	return rpc.Call[Resp, P](ctx, c.node, c.config.Gate, core.High, method, request)
}

// digest is of all that a push says, by FNV-1a.
func digest(p *protocol.Push) uint64 {
	hash := uint64(14695981039346656037)
	for _, b := range wire.Marshal(p) {
		hash = (hash ^ uint64(b)) * 1099511628211
	}
	return hash
}
