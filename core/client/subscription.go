package client

import (
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Callbacks are what a subscription calls, one at a time and in order, from a task of its own; nil ones
// are passed over. One that is slow, stuck or panics harms its own subscription only.
type Callbacks struct {
	Status  func(protocol.JobStatus)      // any change, and progress with each push of windows
	Windows func([]stats.Window)          // whole values: replace what you have if the revision is greater
	Gap     func(protocol.Gap)            // pushes that were dropped, and what was in them
	Result  func(protocol.WorkflowResult) // a workflow's aggregate, and each revision of it
	Final   func(protocol.JobResult)      // the job's result, and each revision of it
}

// Subscription hands one job's pushes to callbacks. It has a bounded queue and a task of its own.
type Subscription struct {
	session   *Session
	name      string
	callbacks Callbacks
	bell      core.Signal
	queue     queue
}

// Subscribe adds a subscription to a job, from the next push on. The name is for logs, traces and the
// task; it must be the session's only one of that name.
func (s *Session) Subscribe(name string, callbacks Callbacks) (*Subscription, error) {
	sub := &Subscription{session: s, name: name, callbacks: callbacks, bell: s.client.env.NewSignal()}
	sub.queue.bound = s.client.config.Queue
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || slices.ContainsFunc(s.subscriptions,
		func(o *Subscription) bool { return o.name == name }) {
		return nil, fmt.Errorf("client: subscribe %q to %s: closed, or has one of that name", name, s.job)
	}
	s.subscriptions = append(s.subscriptions, sub)
	s.client.hands(1)
	s.client.env.Note(fact.Subscribed{Job: s.job, Subscription: name})
	s.client.env.Go("subscription/"+s.job+"/"+name, sub.run)
	return sub, nil
}

// Dropped counts the window pushes that found the queue full and went, each announced in a gap.
func (sub *Subscription) Dropped() uint64 {
	sub.queue.mu.Lock()
	defer sub.queue.mu.Unlock()
	return sub.queue.dropped
}

func (sub *Subscription) close() {
	sub.queue.mu.Lock()
	sub.queue.closed = true
	sub.queue.mu.Unlock()
	sub.bell.Notify()
}

// run is the subscription's task.
func (sub *Subscription) run() {
	c := sub.session.client
	defer c.hands(-1)
	for c.ctx.Err() == nil {
		push, ok, closed := sub.queue.next()
		if !ok {
			if closed {
				return
			}
			_ = sub.bell.Wait(c.ctx, core.Forever)
			continue
		}
		c.env.Note(fact.HandedOver{
			Job: sub.session.job, Subscription: sub.name, From: firstOf(&push), Number: push.Number,
		})
		panicked := sub.call(&push)
		c.env.Note(fact.CallbackEnded{
			Job: sub.session.job, Subscription: sub.name, Number: push.Number, Panicked: panicked,
		})
	}
}

// call runs the callbacks of one push. This is one of the three places that recover: the code is the user's.
func (sub *Subscription) call(push *protocol.Push) (panicked bool) {
	defer func() {
		//simvet:allow a user's callback: it harms its own subscription only
		if reason := recover(); reason != nil {
			panicked = true
			sub.session.client.counters.callbackPanics.Add(1)
			sub.session.client.env.Log().Error("callback panicked", "subscription", sub.name, "job",
				sub.session.job,
				"reason", fmt.Sprint(reason), "stack", string(debug.Stack()))
		}
	}()
	if push.Gap != nil && sub.callbacks.Gap != nil {
		sub.callbacks.Gap(*push.Gap)
	}
	if len(push.Windows) > 0 && sub.callbacks.Windows != nil {
		sub.callbacks.Windows(push.Windows)
	}
	if push.Status != nil && sub.callbacks.Status != nil {
		sub.callbacks.Status(*push.Status)
	}
	if push.Result != nil && sub.callbacks.Result != nil {
		sub.callbacks.Result(*push.Result)
	}
	if push.Final != nil && sub.callbacks.Final != nil {
		sub.callbacks.Final(*push.Final)
	}
	return false
}

// queue holds a subscription's pushes. Over the bound the oldest push with windows goes, and a gap
// takes its place: the counts stay, the quantiles go. Status and results are never dropped; a job has
// few of them.
type queue struct {
	bound int

	mu      sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	pushes  []protocol.Push
	windows int // how many of them have windows
	dropped uint64
	closed  bool
}

// put queues a push. shed is the number of the push that went for it, 0 when there was room.
func (q *queue) put(p protocol.Push) (shed uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return 0
	}
	q.pushes = append(q.pushes, p)
	if len(p.Windows) == 0 {
		return 0
	}
	if q.windows++; q.windows > q.bound {
		return q.shed()
	}
	return 0
}

// shed turns the oldest push with windows into a gap, or adds it to the gap just before it.
func (q *queue) shed() (number uint64) {
	i := slices.IndexFunc(q.pushes, func(p protocol.Push) bool { return len(p.Windows) > 0 })
	number = q.pushes[i].Number
	gap := protocol.Gap{From: number, To: number}
	for j := range q.pushes[i].Windows {
		w := &q.pushes[i].Windows[j]
		gap.Windows = append(gap.Windows, protocol.WindowCounts{K: w.K, Revision: w.Revision,
			Counts: w.Counts()})
	}
	q.windows--
	q.dropped++
	if i > 0 && q.pushes[i-1].Gap != nil && len(q.pushes[i-1].Gap.Windows) < q.bound {
		before := q.pushes[i-1].Gap
		gap.From, gap.Windows = before.From, slices.Concat(before.Windows, gap.Windows)
		q.pushes = slices.Delete(q.pushes, i-1, i)
		i--
	}
	q.pushes[i] = protocol.Push{Job: q.pushes[i].Job, Number: gap.To, Gap: &gap}
	q.forgetOldest()
	return number
}

// mostGaps is how many gaps, of up to bound windows each, wait for a callback that never returns.
const mostGaps = 16

// forgetOldest keeps the gaps bounded: of the two oldest, when there are too many, only the numbers stay.
func (q *queue) forgetOldest() {
	first, second, gaps := -1, -1, 0
	for i := range q.pushes {
		if q.pushes[i].Gap == nil {
			continue
		}
		if gaps++; gaps == 1 {
			first = i
		} else if gaps == 2 {
			second = i
		}
	}
	if gaps <= mostGaps || second != first+1 {
		return
	}
	q.pushes[second].Gap = &protocol.Gap{From: q.pushes[first].Gap.From, To: q.pushes[second].Gap.To}
	q.pushes = slices.Delete(q.pushes, first, second)
}

func (q *queue) next() (p protocol.Push, ok, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.pushes) == 0 {
		return p, false, q.closed
	}
	p = q.pushes[0]
	q.pushes[0] = protocol.Push{}
	q.pushes = q.pushes[1:]
	if len(p.Windows) > 0 {
		q.windows--
	}
	return p, true, false
}
