package gate

import (
	"slices"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/wire"
)

// orphans are the datacenters whose manager was replaced and has not yet taken a job over. They are guarded
// by the gate's lock.
type orphans struct {
	due  []string // its task has not looked yet
	open []string // not answered yet, including those due
}

// orphan says that a datacenter's manager has a successor that knows nothing. It returns the jobs that the
// successor has to wait for. Called under the gate's lock; again tells that it is the same successor.
func (g *Gate) orphan(datacenter string, again bool) (jobs []string) {
	for _, j := range g.order {
		if !slices.Contains(j.spec.Datacenters, datacenter) || j.status.Load().State.Terminal() {
			continue
		}
		if !again && !slices.Contains(j.orphans.due, datacenter) {
			j.orphans.due = append(j.orphans.due, datacenter)
		}
		if !again && !slices.Contains(j.orphans.open, datacenter) {
			j.orphans.open = append(j.orphans.open, datacenter)
		}
		if slices.Contains(j.orphans.open, datacenter) {
			jobs = append(jobs, j.id)
		}
		j.bell.Notify()
	}
	return jobs
}

// handOver hands the job over to managers that replaced others. Run by the job's task.
func (j *job) handOver() (changed bool) {
	g := j.gate
	g.mu.Lock()
	due := j.orphans.due
	j.orphans.due = nil
	g.mu.Unlock()
	for _, dc := range due {
		incarnation := g.managerOf(dc)
		adopt := j.adoption(dc, incarnation)
		var end *protocol.JobEnd // its predecessor may have been told, and has taken that along
		if j.ending != nil {
			end = &protocol.JobEnd{Job: j.id, Token: j.token, State: j.ending.state}
		}
		g.env.Go("job/"+j.id+"/adopt/"+dc, func() {
			j.insist(dc, protocol.MethodAdopt, j.asOfNow(adopt))
			if end != nil {
				j.insist(dc, protocol.MethodJobEnd, always(end))
			}
			g.mu.Lock()
			defer g.mu.Unlock()
			if x := g.members.find(dc); x != nil && x.incarnation == incarnation {
				j.orphans.open = slices.DeleteFunc(j.orphans.open, func(o string) bool { return o == dc })
			}
		})
	}
	return len(due) > 0
}

// adoption is all that the job has in a datacenter, as it is now. From here on its shares are the
// successor's.
func (j *job) adoption(datacenter string, incarnation uint64) *protocol.Adopt {
	adopt := &protocol.Adopt{
		Job: j.id, Token: j.token, GateBoot: j.gate.boot, Windows: j.spec.Windows, Deadline: j.left(),
	}
	for _, w := range j.workflows {
		for _, x := range w.shares {
			if x.datacenter != datacenter || x.split == nil || x.refused != "" {
				continue
			}
			x.manager = incarnation
			adopt.Shares = append(adopt.Shares, j.adoptedShare(x))
		}
	}
	return adopt
}

func (j *job) adoptedShare(x *share) protocol.AdoptedShare {
	out := protocol.AdoptedShare{Workflow: x.spec, Split: *x.split}
	for _, stream := range x.streams {
		account := j.books.account(stream)
		a := protocol.AdoptedAttempt{
			Attempt: protocol.Attempt{
				Shard: stream.Shard, Attempt: stream.Attempt,
				Worker: account.Source.Worker, Incarnation: account.Source.Incarnation,
			},
			Cores:  j.books.cores(stream),
			Final:  account.Final,
			Closed: account.Closed && !account.Final,
		}
		if stream.Attempt > 1 {
			_, a.Elapsed = j.books.elapsed(stream, j.now())
		}
		if a.Closed {
			a.Next, a.Left = j.mayFollow(stream)
		}
		out.Attempts = append(out.Attempts, a)
	}
	return out
}

// asOfNow is an adoption whose times are those of each try.
func (j *job) asOfNow(adopt *protocol.Adopt) func() wire.Message {
	built := j.gate.env.Now()
	return func() wire.Message {
		passed := j.gate.env.Now().Sub(built)
		now := *adopt
		now.Deadline -= passed
		now.Shares = slices.Clone(adopt.Shares)
		for i := range now.Shares {
			attempts := slices.Clone(now.Shares[i].Attempts)
			for k := range attempts {
				attempts[k].Left = max(0, attempts[k].Left-passed)
				if attempts[k].Attempt.Attempt > 1 {
					attempts[k].Elapsed += passed
				}
			}
			now.Shares[i].Attempts = attempts
		}
		return &now
	}
}

// managerOf is the incarnation of a datacenter's manager; 0 when it has none.
func (g *Gate) managerOf(datacenter string) uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if x := g.members.find(datacenter); x != nil {
		return x.incarnation
	}
	return 0
}

// lastAddress is where a datacenter's manager was last heard.
func (g *Gate) lastAddress(datacenter string) (core.Address, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	x := g.members.find(datacenter)
	if x == nil {
		return "", false
	}
	return x.address, true
}
