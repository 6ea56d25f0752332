package manager

import (
	"context"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
)

// statement is what this datacenter says of a share, and whether the gate has it. The manager's task owns it.
type statement struct {
	current protocol.Result
	made    bool
	taken   uint64 // the count that the gate took last
	sending bool   // a task is sending it
	sends   uint64
}

// state says how a share ended, once all its attempts have; a statement that changes gets the next number.
func (m *Manager) state(s *share) {
	if !s.opened || !s.settled() {
		return
	}
	next := s.describe(m.config.Datacenter)
	next.Token, next.Incarnation, next.Count = s.job.token, m.incarnation, s.result.current.Count
	if s.result.made && equal(next, s.result.current) {
		return
	}
	next.Count++
	s.result.current, s.result.made = next, true
	if !s.result.sending {
		s.result.sending = true
		m.env.Go("result/"+s.job.id+"/"+s.workflow.Name, func() { m.sendResult(s) })
	}
}

func equal(a, b protocol.Result) bool {
	a.Send, b.Send = 0, 0
	return string(wire.Marshal(&a)) == string(wire.Marshal(&b))
}

// describe sums the ends of the current attempts up: lost if all are, failed if one is, cut short if one is,
// else completed. That an earlier attempt was lost, and a later one ran the rest, is for the books to tell.
func (s *share) describe(datacenter string) protocol.Result {
	r := protocol.Result{
		Job: s.job.id, Workflow: s.workflow.Name, Datacenter: datacenter, State: protocol.EndCompleted,
	}
	lost := 0
	for _, a := range s.attempts {
		if gone(a.end) {
			lost++
		}
		if state, why := a.weighs(); state == protocol.EndFailed && r.State != state ||
			state != protocol.EndCompleted && r.State == protocol.EndCompleted {
			r.State, r.Error = state, why
		}
		r.Attempts = append(r.Attempts, protocol.AttemptEnd{
			Shard: a.stream.Shard, Attempt: a.stream.Attempt, Worker: a.shard.Worker, State: a.end,
			Error: a.reason,
		})
		r.Provided = merge(r.Provided, a.provided)
	}
	if lost == len(s.attempts) {
		r.State = protocol.EndLost
	}
	return r
}

// gone says that an attempt's worker left a rest, and nobody ran it.
func gone(end protocol.EndState) bool {
	return end == protocol.EndLost || end == protocol.EndCutOff || end == protocol.EndLeft
}

// weighs is what an attempt's end makes of its share's, and why.
func (a *attempt) weighs() (state protocol.EndState, why string) {
	if !gone(a.end) {
		return a.end, a.reason
	}
	why = "worker " + a.shard.Worker + " " + strings.ToLower(a.end.String())
	if a.reason != "" {
		why += ": " + a.reason
	}
	return protocol.EndStopped, why
}

// merge adds values to those that are there: the first of a name stays.
func merge(values, more []load.Value) []load.Value {
	for _, v := range more {
		known := slices.ContainsFunc(values, func(x load.Value) bool { return x.Name == v.Name })
		if !known && len(values) < load.MaxProvides {
			values = append(slices.Clip(values), v)
		}
	}
	return values
}

// sendResult sends a share's statement until the gate has the newest. Each sending has a number of its
// own, which tells a retry from a duplicate of the network's.
func (m *Manager) sendResult(s *share) {
	var result protocol.Result
	next := func() (more bool) {
		done := core.NewLatch(m.env)
		m.surely(func() {
			more = s.result.taken < s.result.current.Count && !s.job.dropped.Load()
			s.result.sending = more
			s.result.sends++
			result = s.result.current
			result.Send = s.result.sends
			done.Open()
		})
		return done.Wait(m.ctx, core.Forever) == nil && more
	}
	for next() {
		_ = m.insist(s.job, protocol.MethodResult, func(ctx context.Context) error {
			_, err := rpc.Call[protocol.Taken](ctx, m.node, m.config.Gate, core.High,
				protocol.MethodResult, &result)
			if err != nil {
				result.Send++ // the next try is another sending
			}
			return err
		})
		sent := result
		m.surely(func() {
			s.result.taken = max(s.result.taken, sent.Count)
			s.result.sends = max(s.result.sends, sent.Send)
		})
	}
}
