package scenarios

import (
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim/check"
)

// followable is a job that some client has submitted, and others may follow.
type followable struct {
	client int
	job    string
	spec   protocol.JobSpec
}

// anybody is a client of everything, and what it knows of the others' jobs.
type anybody struct {
	*Stage
	env      core.Env
	client   *client.Client
	i        int
	known    *[]followable
	followed map[string]bool
	does     []operation
}

// operation is a kind of what clients do beside submitting plain jobs one after another; a run is about some.
type operation string

// The kinds that a run draws from.
const (
	withDependencies operation = "dependencies"
	withPriorities   operation = "priorities"
	withOwnTargets   operation = "targets of their own"
	withDeadlines    operation = "deadlines"
	withPolicies     operation = "policies for lost workers"
	withCancels      operation = "cancels"
	withFollowers    operation = "followers"
	withCompany      operation = "jobs together"
)

// operations draws the kinds of this run.
func (s *Stage) operations() []operation {
	return check.Swarm(s.Run, "clients' operations", withDependencies, withPriorities, withOwnTargets,
		withDeadlines, withPolicies, withCancels, withFollowers, withCompany)
}

// sometimes draws one of the values where the run is about this kind, and is the first one where it is not.
func sometimes[T any](a *anybody, kind operation, name string, values ...T) T {
	if !slices.Contains(a.does, kind) {
		return values[0]
	}
	return check.Draw(a.Run, name, values...)
}

// play submits a few jobs, one after another or together, and waits for all.
func (a *anybody) play() {
	jobs := check.Draw(a.Run, "jobs of "+clientName(a.i), 1, 2, 3)
	var sessions []*client.Session
	for n := range jobs {
		label := "client " + number(a.i) + " job " + number(n)
		spec := a.randomJob("j-"+number(a.i)+"-"+number(n), label)
		session, err := a.submit(a.env, a.client, spec)
		if err != nil {
			a.env.Log().Info("not submitted", "error", err)
			continue
		}
		*a.known = append(*a.known, followable{a.i, session.Job(), spec})
		sessions = append(sessions, session)
		every := check.Draw(a.Run, label+" reads every", time.Second, 70*time.Millisecond)
		a.readStatus(a.env, a.client, session.Job(), every)
		a.endSome(session.Job(), label)
		a.followAnother(label)
		if sometimes(a, withCompany, label+" is waited for", true, false) {
			a.await(a.env, session, longEnough)
		}
		a.sleep(a.env, check.Draw(a.Run, label+" pause", 0, time.Second))
	}
	for _, session := range sessions {
		a.await(a.env, session, longEnough)
	}
	if a.Truth.ran(lateWorkerName) {
		a.Run.Reached("a late worker ran load")
	}
	a.afterwards(a.env)
}

// randomJob draws what a job asks for.
func (a *anybody) randomJob(name, label string) protocol.JobSpec {
	rate := check.Draw(a.Run, label+" rate", uint64(50), 10, 200)
	duration := check.Draw(a.Run, label+" duration", 2*time.Second, time.Second, 5*time.Second,
		9*time.Second)
	spec := a.job(name, rate, duration)
	switch sometimes(a, withDependencies, label+" shape", "plain", "chain", "diamond") {
	case "chain":
		spec = a.chain(name, 3)
	case "diamond":
		spec = a.diamond(name)
	}
	spec.LostWorkers = sometimes(a, withPolicies, label+" lost workers", protocol.LostRedispatch,
		protocol.LostDegrade, protocol.LostFail)
	spec.AcceptLost = sometimes(a, withPolicies, label+" accepts lost", false, true)
	spec.Priority = sometimes(a, withPriorities, label+" priority", uint32(0), 1, 9)
	spec.ShareTarget = sometimes(a, withOwnTargets, label+" shares", true, false)
	if sometimes(a, withDeadlines, label+" is short of time", false, true) {
		spec.Deadline, spec.Extension = duration+2*time.Second, 2*time.Second
		spec.Extensions = check.Draw(a.Run, label+" extensions", uint32(2), 0, 5)
	}
	return spec
}

// endSome cancels some jobs after a while.
func (a *anybody) endSome(job, label string) {
	const never = time.Hour
	after := sometimes(a, withCancels, label+" is cancelled after", never, never, never, never, never,
		0, 500*time.Millisecond, 1500*time.Millisecond, 2300*time.Millisecond, 6*time.Second)
	if after == never {
		return
	}
	a.env.Go("cancel/"+job, func() {
		if a.sleep(a.env, after); a.env.Context().Err() == nil {
			a.end(a.env, a.client, job)
		}
	})
}

// followAnother attaches to the newest job of another client, if that still runs.
func (a *anybody) followAnother(label string) {
	for _, other := range slices.Backward(*a.known) {
		if other.client == a.i || a.followed[other.job] || a.Truth.ended(other.job) {
			continue
		}
		if sometimes(a, withFollowers, label+" follows another", false, true) {
			a.followed[other.job] = true
			a.witness(a.attach(a.client, other.job, 0), other.spec)
			a.Run.Reached("a job was followed from elsewhere")
		}
		return
	}
}
