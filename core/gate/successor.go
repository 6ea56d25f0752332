package gate

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// loss is an attempt that was closed before it had said all.
type loss struct {
	at   stats.Time
	why  string
	next string // the worker of the attempt after it
}

// closeStream closes the attempt of a worker that its manager gave up, or that left.
func (g *Gate) closeStream(_ core.Address, in *protocol.CloseStream, r rpc.Responder) {
	g.askOwner(in.Stream.Job, in.Token, r, func(j *job) {
		answer, err := j.close(in)
		if err != nil {
			r.Fail(rpc.Errorf(rpc.NotFound, "%v", err))
			return
		}
		r.Reply(answer)
	})
}

// close closes a stream, and says whether another attempt may run what is left of its plan. Run by the
// job's task.
func (j *job) close(in *protocol.CloseStream) (*protocol.StreamClosed, error) {
	source := stats.Source{Worker: in.Worker, Incarnation: in.Incarnation}
	closing, fresh, err := j.books.close(in.Stream, source, j.now(), min(in.MayRun, mostDeadline))
	if err != nil {
		return nil, err
	}
	if fresh { // asked again, because the answer was lost, it is the same close
		j.gate.env.Note(fact.StreamClosed{Stream: in.Stream, At: closing.Last, Why: in.Reason})
	}
	if in.Stopped && !closing.Final {
		answer := stats.Statement{Stream: in.Stream, Cumulative: in.Counted}
		if err := j.takeAnswer(answer, source); err != nil {
			j.gate.env.Log().Error("counts do not fit", "stream", in.Stream.String(), "error", err)
		}
	}
	if fresh && !closing.Final {
		j.lose(closing, in.Reason)
	}
	answer := &protocol.StreamClosed{At: closing.Last, Position: closing.Position, Final: closing.Final}
	if !closing.Final {
		answer.Next, answer.Left = j.mayFollow(in.Stream)
	}
	return answer, nil
}

// lose says that an attempt was closed before it had said all. Run by the job's task.
func (j *job) lose(closing stats.Closing, why string) {
	g := j.gate
	text := closing.Source.Worker + " in " + closing.Stream.Datacenter + " lost at " +
		j.now().Wall().Format(time.TimeOnly) + ": " + why
	j.degraded = append(j.degraded, text)
	j.losses[closing.Stream] = &loss{at: j.now(), why: why}
	g.env.Log().Warn("attempt lost", "stream", closing.Stream.String(), "worker", closing.Source.Worker,
		"last", closing.Last, "why", why)
	if j.spec.LostWorkers == protocol.LostFail && !j.state.Terminal() && j.ending == nil {
		j.endSoon(protocol.JobFailed, text, j.gate.config.CancelWait)
		return
	}
	j.publish()
	j.logStatus()
}

// mayFollow says whether a closed attempt may have a successor, and for how long there is something to run.
func (j *job) mayFollow(stream stats.Stream) (may bool, left time.Duration) {
	w, x := j.shareOf(stream.Workflow, stream.Datacenter)
	if x == nil || j.state.Terminal() || j.ending != nil || w.decided ||
		j.spec.LostWorkers != protocol.LostRedispatch ||
		int(stream.Shard) >= len(x.streams) || x.streams[stream.Shard] != stream {
		return false, 0
	}
	plan, elapsed := j.books.elapsed(stream, j.now())
	if plan.Rest(elapsed) == 0 {
		return false, 0
	}
	return true, plan.Duration - elapsed
}

// nextAttempt opens the attempt after a closed one.
func (g *Gate) nextAttempt(_ core.Address, in *protocol.NextAttempt, r rpc.Responder) {
	g.askOwner(in.Stream.Job, in.Token, r, func(j *job) {
		answer, err := j.follow(in)
		if err != nil {
			r.Fail(err)
			return
		}
		r.Reply(answer)
	})
}

// follow opens a closed attempt's successor for a worker, which runs what its plan has from now on. Asked
// again for the same worker it is the same attempt. Run by the job's task.
func (j *job) follow(in *protocol.NextAttempt) (*protocol.NextOpened, error) {
	_, x := j.shareOf(in.Stream.Workflow, in.Stream.Datacenter)
	if x == nil || int(in.Stream.Shard) >= len(x.streams) {
		return nil, rpc.Errorf(rpc.NotFound, "stream %v was never opened", in.Stream)
	}
	if err := checkName("worker", in.Worker); err != nil {
		return nil, rpc.Errorf(rpc.Invalid, "%v", err)
	}
	source := stats.Source{Worker: in.Worker, Incarnation: in.Incarnation}
	next := in.Stream
	next.Attempt++
	if x.streams[in.Stream.Shard] == next && j.books.sourceOf(next) == source {
		_, elapsed := j.books.elapsed(next, j.now())
		return &protocol.NextOpened{Attempt: next.Attempt, Elapsed: elapsed}, nil
	}
	if may, _ := j.mayFollow(in.Stream); !may {
		return nil, rpc.Errorf(rpc.Conflict, "stream %v: no attempt may follow it", in.Stream)
	}
	plan, elapsed := j.books.elapsed(in.Stream, j.now())
	shard := protocol.Shard{
		Shard: next.Shard, Cores: in.Cores, Plan: plan, Worker: in.Worker, Incarnation: in.Incarnation,
	}
	if err := j.books.open(next, shard, j.now(), elapsed); err != nil {
		return nil, rpc.Errorf(rpc.Conflict, "%v", err)
	}
	j.gate.env.Note(fact.Opened{Stream: next, Worker: in.Worker, Incarnation: in.Incarnation})
	x.streams[next.Shard] = next
	if lost := j.losses[in.Stream]; lost != nil {
		lost.next = in.Worker
	}
	j.degraded = append(j.degraded, fmt.Sprintf("%s runs the rest of shard %d of %s in %s from %s",
		in.Worker, next.Shard, next.Workflow, next.Datacenter, j.now().Wall().Format(time.TimeOnly)))
	j.publish()
	j.logStatus()
	return &protocol.NextOpened{Attempt: next.Attempt, Elapsed: elapsed}, nil
}

// askOwner has the task of a job run f, which answers r, if the token is not stale.
func (g *Gate) askOwner(id string, token uint64, r rpc.Responder, f func(*job)) {
	j, ok := g.find(id)
	if !ok {
		r.Fail(rpc.Errorf(rpc.NotFound, "job %q", id))
		return
	}
	if token < j.token {
		r.Fail(rpc.Errorf(rpc.NotOwner, "token %d is stale, job %s has %d", token, j.id, j.token))
		return
	}
	g.ask(j, r, func() { f(j) })
}
