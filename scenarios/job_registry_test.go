package scenarios

import (
	"fmt"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/sim/check"
)

// did is an operation that nothing else overlaps; its output is nil when it is a move or a forgetting.
type did struct{ input, output any }

// lost is the output of an operation that never returned.
type lost struct{}

// histories are such operations one behind the other, and whether they have an order: this one or none.
type histories []struct {
	name    string
	history []did
	good    bool
}

func (all histories) test(t *testing.T, model porcupine.Model) {
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			history := check.NewHistory(nil)
			for i, d := range c.history {
				if op := history.Call(i, d.input); d.output != (lost{}) {
					op.Return(d.output)
				}
			}
			want := check.Illegal
			if c.good {
				want = check.Ok
			}
			require.Equal(t, want, check.Linearizable(model, history, 0))
		})
	}
}

func TestRegistryModelTellsGoodHistoriesFromBad(t *testing.T) {
	submitted := did{submit{}, "j1"}
	moved := func(to protocol.JobState) did { return did{move{"j1", to}, nil} }
	is := func(state protocol.JobState) did { return did{ask{"j1"}, state} }
	cancels := func(accepted bool, state protocol.JobState) did {
		return did{cancel{"j1"}, protocol.Cancelling{Accepted: accepted, State: state}}
	}
	forgets := did{forget{"j1"}, nil}
	unknown := did{ask{"j1"}, notFound{}}
	const (
		queued, dispatching = protocol.JobQueued, protocol.JobDispatching
		running, completed  = protocol.JobRunning, protocol.JobCompleted
		cancelled, partial  = protocol.JobCancelled, protocol.JobPartial
	)
	histories{
		{"a whole life", []did{submitted, submitted, moved(queued), moved(dispatching), moved(queued),
			is(queued), moved(running), is(running), moved(completed), is(completed),
			cancels(false, completed), forgets, unknown, {submit{}, notFound{}}, {submit{}, "j2"},
			{ask{"j2"}, protocol.JobSubmitted}, unknown}, true},
		{"a cancelled life", []did{submitted, moved(running), cancels(true, running),
			moved(protocol.JobCompleting), moved(cancelled), cancels(true, cancelled), is(cancelled)}, true},
		{"an unknown submission happened", []did{{submit{}, lost{}}, moved(running), is(running), submitted},
			true},
		{"an unknown submission never happened", []did{{submit{}, lost{}}, submitted}, true},
		{"an unknown cancel happened", []did{submitted, {cancel{"j1"}, lost{}}, moved(cancelled)}, true},
		{"an unknown cancel never happened", []did{submitted, {cancel{"j1"}, lost{}}, moved(running),
			moved(completed), cancels(false, completed)}, true},
		{"two jobs", []did{submitted, {submit{}, "j2"}}, false},
		{"forgotten before it was", []did{submitted, moved(running), unknown}, false},
		{"a state goes back", []did{submitted, moved(running), is(dispatching)}, false},
		{"an end goes back", []did{submitted, moved(running), moved(completed), is(running)}, false},
		{"two ends", []did{submitted, moved(running), moved(completed), is(partial)}, false},
		{"accepted after the end", []did{submitted, moved(running), moved(completed),
			cancels(true, completed)}, false},
		{"turned away before the end", []did{submitted, moved(running), cancels(false, completed),
			is(running)}, false},
		{"accepted and completed all the same", []did{submitted, moved(running), cancels(true, running),
			moved(completed)}, false},
		{"accepted and then turned away", []did{submitted, cancels(true, running), moved(cancelled),
			cancels(false, cancelled)}, false},
		{"known after it was forgotten", []did{submitted, forgets, is(running)}, false},
	}.test(t, registryModel())
}

func TestOverlappingCancelAndEndHaveEitherOrder(t *testing.T) {
	for _, accepted := range []bool{false, true} {
		history := check.NewHistory(nil)
		history.Call(0, submit{}).Return("j1")
		op := history.Call(1, cancel{"j1"})
		state := protocol.JobCompleted
		if accepted {
			state = protocol.JobCancelled
		}
		history.Call(0, move{"j1", state}).Return(nil)
		op.Return(protocol.Cancelling{Accepted: accepted, State: state})
		require.Equal(t, check.Ok, check.Linearizable(registryModel(), history, 0))
	}
}

// The gate's notes say of what was never answered whether it happened: a cancel that it took binds it as one
// that was answered does, and what it never heard of has bound nobody.
func TestWhatTheGateNotesResolvesWhatWasNeverAnswered(t *testing.T) {
	for _, c := range []struct {
		name    string
		asks    int // cancels under way
		taken   bool
		state   protocol.JobState
		good    bool
		resolve bool
	}{
		{"taken and kept", 1, true, protocol.JobCancelled, true, true},
		{"taken and forgotten", 1, true, protocol.JobCompleted, false, true},
		{"never heard of", 1, false, protocol.JobCompleted, true, true},
		{"taken, but which", 2, true, protocol.JobCompleted, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := keyHistory{history: check.NewHistory(nil)}
			call := func(what any) *check.Operation {
				op := k.history.Call(k.history.Len(), what)
				k.ask(op)
				return op
			}
			first := call(submit{})
			k.took(k.submits)
			first.Return("j1")
			for range c.asks {
				call(cancel{"j1"})
			}
			if c.taken {
				k.took(k.cancels)
			}
			require.Equal(t, c.resolve, !k.vague)
			k.history.Call(0, move{"j1", c.state}).Return(nil)
			want := check.Illegal
			if c.good {
				want = check.Ok
			}
			require.Equal(t, want, check.Linearizable(registryModel(), k.history, 0))
		})
	}
}

func TestASubmissionThatTheGateNeverTookMakesNoJob(t *testing.T) {
	for _, taken := range []bool{true, false} {
		var registry *jobRegistry
		objection := played(t, func(s *Stage) check.Invariant {
			registry = newJobRegistry(s)
			return registry
		},
			moment{0, "c1", func(core.Env) { registry.call("k", submit{}) }},
			moment{0, gateName, func(env core.Env) {
				if taken {
					env.Note(fact.Accepted{Job: "j1", Key: "k"})
				}
			}},
			moment{0, "c1", func(core.Env) { registry.call("k", ask{"j1"}).Return(protocol.JobSubmitted) }},
		)
		require.Equal(t, !taken, objection != "", objection)
	}
}

// The history of a scenario is what its clients do through the Stage and what the gate does by itself.
func TestStageKeepsAHistoryOfEveryKey(t *testing.T) {
	for told, good := range map[protocol.Cancelling]bool{
		{State: protocol.JobCompleted}: true,
		{Accepted: true}:               false,
	} {
		t.Run(fmt.Sprint(told), func(t *testing.T) {
			outcome := check.Execute(check.Settings{Name: "registry"}, func(r *check.Run) {
				sc := &Scenario{Shape: Shape{Datacenters: 1, Workers: 1, Clients: 1}, Body: func(s *Stage) {
					s.Client(0, func(env core.Env, c *client.Client) {
						session, err := s.submit(env, c, s.job("j", 20, time.Second))
						require.NoError(r, err)
						s.await(env, session, longEnough)
						_, err = s.status(env, c, session.Job())
						require.NoError(r, err)
						_, err = s.cancelled(session.Job(), func() (protocol.Cancelling, error) {
							return told, nil
						})
						require.NoError(r, err)
						s.afterwards(env)
						_, err = s.status(env, c, session.Job())
						require.ErrorIs(r, err, rpc.NotFound)
					})
				}}
				sc.Play(r)
			})
			if good {
				require.Nil(t, outcome.Failure)
				return
			}
			require.NotNil(t, outcome.Failure)
			require.Equal(t, registersOnce, outcome.Failure.Key)
		})
	}
}

// A cancel that its client gave up binds the gate from the note on that says it was taken, and not before.
func TestGivenUpCancelBindsTheGateThatTookIt(t *testing.T) {
	for _, taken := range []bool{true, false} {
		var registry *jobRegistry
		objection := played(t, func(s *Stage) check.Invariant {
			registry = newJobRegistry(s)
			return registry
		},
			moment{0, "c1", func(core.Env) { registry.call("k", submit{}) }},
			at(0, gateName, fact.Accepted{Job: "j1", Key: "k"}),
			moment{0, "c1", func(core.Env) { registry.call("k", cancel{"j1"}) }},
			moment{0, gateName, func(env core.Env) {
				if taken {
					env.Note(fact.CancelTaken{Job: "j1", Accepted: true})
				}
				env.Note(fact.State{Job: "j1", To: protocol.JobCompleted})
			}},
		)
		require.Equal(t, taken, objection != "", objection)
	}
}
