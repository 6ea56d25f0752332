package gate

import (
	"errors"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// errNoBoot says that a hello carries no boot id.
var errNoBoot = errors.New("boot: 0, must be drawn at boot")

// handle registers all that a gate answers. Every handler runs in the receiving task and hands what
// takes time to a job's task.
func (g *Gate) handle() {
	rpc.HandleInline(g.node, protocol.MethodSubmit, g.submit)
	rpc.HandleInline(g.node, protocol.MethodSubscribe, g.subscribe)
	rpc.HandleInline(g.node, protocol.MethodStatus, g.tellStatus)
	rpc.HandleInline(g.node, protocol.MethodCancel, g.cancelJob)
	rpc.HandleInline(g.node, protocol.MethodManagerRegister, g.register)
	rpc.HandleInline(g.node, protocol.MethodManagerHeartbeat, g.heartbeat)
	rpc.HandleInline(g.node, protocol.MethodRelay, g.relay)
	rpc.HandleInline(g.node, protocol.MethodResult, g.result)
	rpc.HandleInline(g.node, protocol.MethodStreamClose, g.closeStream)
	rpc.HandleInline(g.node, protocol.MethodNextAttempt, g.nextAttempt)
	rpc.HandleInline(g.node, protocol.MethodStreamRefused, g.refused)
}

func (g *Gate) tellStatus(_ core.Address, in *protocol.StatusRequest, r rpc.Responder) {
	j, ok := g.find(in.Job)
	if !ok {
		r.Fail(rpc.Errorf(rpc.NotFound, "job %q", in.Job))
		return
	}
	status := j.statusNow()
	r.Reply(&status)
}

func (g *Gate) subscribe(from core.Address, in *protocol.Subscribe, r rpc.Responder) {
	j, ok := g.find(in.Job)
	if !ok {
		r.Fail(rpc.Errorf(rpc.NotFound, "job %q", in.Job))
		return
	}
	g.ask(j, r, func() {
		s, fresh, last := j.books.subscribe(j, from, in.After)
		switch {
		case s == nil:
			r.Fail(rpc.Errorf(rpc.Busy, "%d clients follow job %s, the most that may", mostSubscribers, j.id))
			return
		case fresh:
			g.env.Go("job/"+j.id+"/to/"+string(from), s.run)
		}
		r.Reply(&protocol.Subscribed{Last: last, GateBoot: g.boot})
	})
}

func (g *Gate) register(from core.Address, in *protocol.ManagerHello, r rpc.Responder) {
	err := checkName("datacenter", in.Datacenter)
	if err == nil && in.Boot == 0 {
		err = errNoBoot
	}
	if err != nil {
		r.Fail(rpc.Errorf(rpc.Invalid, "registration: %v", err))
		return
	}
	g.mu.Lock()
	if g.members.displaces(in) {
		g.mu.Unlock()
		g.counters.managersDisplaced.Add(1)
		r.Fail(rpc.Errorf(rpc.Conflict, "another manager of datacenter %s has registered", in.Datacenter))
		return
	}
	now := g.env.Now()
	before := g.members.find(in.Datacenter)
	again := before != nil && before.boot == in.Boot
	x := g.members.register(from, *in, now)
	if x == nil {
		g.mu.Unlock()
		r.Fail(rpc.Errorf(rpc.Busy, "%d datacenters are registered, the most that there may be", mostPlaces))
		return
	}
	g.refreshLevels(now)
	answer := protocol.GateHello{GateBoot: g.boot, Incarnation: x.incarnation, Level: g.inboundLevel()}
	answer.Adopt = g.orphan(in.Datacenter, again)
	g.judgeQueue()
	g.mu.Unlock()
	g.env.Log().Info("manager registered",
		"datacenter", in.Datacenter, "manager", string(from), "cores", in.Cores)
	r.Reply(&answer)
}

func (g *Gate) heartbeat(_ core.Address, in *protocol.ManagerHeartbeat, r rpc.Responder) {
	g.mu.Lock()
	now := g.env.Now()
	x, changed := g.members.hear(in.Datacenter, in.Boot, in.Level, now)
	answer := protocol.GateHello{GateBoot: g.boot, Level: g.inboundLevel()}
	if x != nil {
		answer.Incarnation = x.incarnation
		if x.offers(in) {
			g.queue.ringBusy()
			g.judgeQueue()
		}
	}
	if changed {
		g.refreshLevels(now)
		g.levelBell.Notify() // when it expires has changed, too
	}
	g.mu.Unlock()
	if x == nil {
		r.Fail(rpc.Errorf(rpc.NotFound, "datacenter %q has no manager of boot %d", in.Datacenter, in.Boot))
		return
	}
	r.Reply(&answer)
}

func (g *Gate) result(_ core.Address, in *protocol.Result, r rpc.Responder) {
	j, ok := g.find(in.Job)
	if !ok {
		r.Fail(rpc.Errorf(rpc.NotFound, "job %q", in.Job))
		return
	}
	g.ask(j, r, func() {
		if err := j.takeResult(*in); err != nil {
			r.Fail(err)
			return
		}
		r.Reply(&protocol.Taken{})
	})
}

// refused takes the answer of a closed stream's worker: what it counted beyond what was applied.
func (g *Gate) refused(_ core.Address, in *protocol.Refused, r rpc.Responder) {
	j, ok := g.find(in.Stream.Job)
	if !ok {
		r.Fail(rpc.Errorf(rpc.NotFound, "job %q", in.Stream.Job))
		return
	}
	g.ask(j, r, func() {
		source := stats.Source{Worker: in.Worker, Incarnation: in.Incarnation}
		answer := stats.Statement{Stream: in.Stream, Cumulative: in.Cumulative, Position: in.Position}
		if err := j.takeAnswer(answer, source); err != nil {
			r.Fail(rpc.Errorf(rpc.Invalid, "%v", err))
			return
		}
		r.Reply(&protocol.Taken{})
	})
}

// takeAnswer takes what the worker of a closed stream counted in all. Run by the job's task.
func (j *job) takeAnswer(answer stats.Statement, source stats.Source) error {
	fresh, err := j.books.answer(answer, source)
	if err == nil && fresh {
		j.gate.env.Note(fact.RefusedCounted{Stream: answer.Stream, Cumulative: answer.Cumulative})
		j.answered = true
	}
	return err
}

// ask has the job's task run f, which answers r; a job whose queue is full answers busy.
func (g *Gate) ask(j *job, r rpc.Responder, f func()) {
	if !j.do(f) {
		r.Fail(rpc.Errorf(rpc.Busy, "job %s has %d commands waiting", j.id, j.commands.Bound()))
	}
}
