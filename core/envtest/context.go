package envtest

import (
	"context"
	"errors"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

func contextChecks() []check {
	return []check{
		{name: "CancelReachesChildrenAtOnce", script: cancelReachesChildren},
		{name: "ChildOfAnEndedContextIsEnded", script: childOfEnded},
		{name: "TimeoutEndsWithDeadlineExceeded", script: timeoutEnds},
		{name: "FirstEndOfAContextStays", script: firstEndStays},
		{name: "CauseOfAForeignContextIsTold", script: foreignCause},
		{name: "NodeContextEndsWhenTheNodeIsStopped", needs: []Ability{CanStop}, script: stopEndsContext},
	}
}

type contextKey struct{}

func cancelReachesChildren(k *kit) []Node {
	return alone(func(env core.Env) {
		root, cancel := env.WithCancel(env.Context())
		below := context.WithValue(root, contextKey{}, "value")
		ours, cancelOurs := env.WithCancel(below)
		defer cancelOurs()
		timed, cancelTimed := env.WithTimeout(below, forever)
		defer cancelTimed()
		named := context.WithValue(timed, contextKey{}, "other")
		standard, cancelStandard := context.WithCancel(named) //simvet:allow the standard child is tested
		defer cancelStandard()
		k.must(ours.Value(contextKey{}) == "value", "the value got lost on the way")
		contexts := []context.Context{root, below, ours, timed, standard}
		for i, ctx := range contexts {
			k.must(ctx.Err() == nil && context.Cause(ctx) == nil, "context %d ended early: %v", i, ctx.Err())
		}
		cancel()
		for i, ctx := range contexts {
			k.must(ctx.Err() == context.Canceled, "context %d after cancel: %v", i, ctx.Err())
			k.mustBe(context.Cause(ctx), context.Canceled, "cause")
			select { //simvet:allow a closed channel is what is tested
			case <-ctx.Done():
			default:
				k.must(false, "context %d has ended and its Done is open", i)
			}
		}
		k.must(env.Context().Err() == nil, "cancel reached the parent")
	})
}

func childOfEnded(k *kit) []Node {
	return alone(func(env core.Env) {
		parent, cancel := env.WithCancel(background())
		cancel()
		child, cancelChild := env.WithCancel(context.WithValue(parent, contextKey{}, 1))
		defer cancelChild()
		k.mustBe(child.Err(), context.Canceled, "child")
		timed, cancelTimed := env.WithTimeout(parent, forever)
		defer cancelTimed()
		k.mustBe(timed.Err(), context.Canceled, "timed child")
	})
}

func timeoutEnds(k *kit) []Node {
	return alone(func(env core.Env) {
		before := env.Now()
		outer, cancelOuter := env.WithTimeout(background(), 5*time.Millisecond)
		defer cancelOuter()
		inner, cancelInner := env.WithTimeout(outer, forever) // the parent's comes first
		defer cancelInner()
		k.mustBe(env.NewSignal().Wait(inner, core.Forever), context.DeadlineExceeded, "wait")
		k.must(env.Now().Sub(before) >= 5*time.Millisecond, "it ended after %v", env.Now().Sub(before))
		for _, ctx := range []context.Context{outer, inner} {
			k.must(ctx.Err() == context.DeadlineExceeded, "err is %v", ctx.Err())
			k.mustBe(context.Cause(ctx), context.DeadlineExceeded, "cause")
		}
		now, cancelNow := env.WithTimeout(background(), 0)
		defer cancelNow()
		k.mustBe(now.Err(), context.DeadlineExceeded, "a timeout of nothing")
	})
}

func firstEndStays(k *kit) []Node {
	return alone(func(env core.Env) {
		ctx, cancel := env.WithTimeout(background(), time.Millisecond)
		cancel()
		k.mustBe(env.Sleep(background(), 2*time.Millisecond), nil, "sleep")
		k.must(ctx.Err() == context.Canceled, "cancelled, and then its time elapsed: %v", ctx.Err())
		never, cancelNever := env.WithTimeout(background(), core.Forever)
		k.must(never.Err() == nil, "for ever was over at once: %v", never.Err())
		cancelNever()
		cancelNever()
		k.mustBe(never.Err(), context.Canceled, "cancelled twice")
	})
}

var errForeign = errors.New("foreign cause")

func foreignCause(k *kit) []Node {
	return alone(func(env core.Env) {
		ctx, cancel := context.WithCancelCause(background()) //simvet:allow a foreign context is tested
		var slept, waited error
		sleeper := task(env, "sleeper", func() { slept = env.Sleep(ctx, forever) })
		waiter := task(env, "waiter", func() { waited = env.NewSignal().Wait(ctx, forever) })
		cancel(errForeign)
		sleeper.wait(env)
		waiter.wait(env)
		k.mustBe(slept, errForeign, "sleep")
		k.mustBe(waited, errForeign, "wait")
	})
}

func stopEndsContext(k *kit) []Node {
	var w wards
	var slept, waited error
	return []Node{
		{"a", func(env core.Env) {
			w.settled.wait(env)
			k.Stop(env, "b")
			k.mustBe(slept, context.Canceled, "what the sleeper was told")
			k.mustBe(waited, context.Canceled, "what the waiter was told")
		}},
		{"b", func(env core.Env) {
			k.must(env.Context().Err() == nil, "a living node's context has ended")
			child, cancel := env.WithTimeout(env.Context(), forever)
			w.watchAll(env, map[string]func(){
				"sleeper": func() { slept = env.Sleep(env.Context(), forever) },
				"waiter": func() {
					defer cancel()
					waited = env.NewSignal().Wait(child, core.Forever)
				},
			})
		}},
	}
}
