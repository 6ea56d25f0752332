package envtest

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

func taskChecks() []check {
	return []check{
		{name: "LockExcludes", script: lockExcludes},
		{name: "CancelDoesNotCutALockWaitShort", script: cancelWhileLocking},
		{name: "RandServesAllTasks", script: randServesAll},
		{name: "RareIsOneAnswerARun", script: rareIsOneAnswer},
		{name: "TasksStartTasks", script: tasksStartTasks},
		{name: "TasksDieWithTheirNode", needs: []Ability{CanCrash}, script: tasksDie},
		{name: "DeadTasksDoNothingVisible", needs: []Ability{CanCrash}, script: deadDoNothing},
		{name: "StoppedNodesTasksEndInBoundedTime", needs: []Ability{CanStop}, script: stoppedTasksEnd},
	}
}

func lockExcludes(k *kit) []Node {
	const rounds = 100
	return alone(func(env core.Env) {
		lock, inside, total := env.NewLocker(), 0, 0
		group := core.NewGroup(env, background())
		names := []string{"w", "x", "y", "z"}
		for _, name := range names {
			group.Go(name, func(context.Context) error {
				for range rounds {
					lock.Lock()
					inside++
					k.must(inside == 1, "%d tasks hold the lock", inside)
					read := total
					env.Yield("under the lock")
					total = read + 1
					inside--
					lock.Unlock()
				}
				return nil
			})
		}
		k.mustBe(group.Wait(), nil, "group")
		k.must(total == rounds*len(names), "%d rounds are %d", rounds*len(names), total)
	})
}

// cancelWhileLocking: a lock is held for moments only, so waiting for it has no context; what is asked under
// it has.
func cancelWhileLocking(k *kit) []Node {
	return alone(func(env core.Env) {
		ctx, cancel := env.WithCancel(env.Context())
		lock := env.NewLocker()
		var slept error
		got := false
		lock.Lock()
		locker := task(env, "locker", func() {
			lock.Lock()
			defer lock.Unlock()
			got = true
			slept = env.Sleep(ctx, forever)
		})
		cancel()
		env.Yield("let the locker try")
		k.must(!got, "cancel gave the lock to a second task")
		lock.Unlock()
		locker.wait(env)
		k.mustBe(slept, context.Canceled, "sleep under the lock")
	})
}

func randServesAll(k *kit) []Node {
	return alone(func(env core.Env) {
		const draws = 200
		seen := make([][]uint64, 3)
		group := core.NewGroup(env, background())
		for i, name := range []string{"x", "y", "z"} {
			group.Go(name, func(context.Context) error {
				for range draws {
					env.Yield("draw")
					seen[i] = append(seen[i], env.Rand().Uint64())
					n := env.Rand().IntN(10)
					k.must(n >= 0 && n < 10, "IntN(10) is %d", n)
				}
				return nil
			})
		}
		k.mustBe(group.Wait(), nil, "group")
		all := map[uint64]bool{}
		for _, some := range seen {
			for _, n := range some {
				k.must(!all[n], "two tasks drew %d", n)
				all[n] = true
			}
		}
	})
}

// rareIsOneAnswer: for all nodes and tasks, and every time.
func rareIsOneAnswer(k *kit) []Node {
	points := []string{"p/1", "p/2", "p/3", "p/4", "p/5", "p/6"}
	ask := func(env core.Env) (answers []bool) {
		for _, point := range points {
			answers = append(answers, env.Rare(point))
		}
		return answers
	}
	var first []bool
	var asked moment
	compare := func(env core.Env, who string) {
		again := ask(env)
		k.must(slices.Equal(first, again), "%s is answered %v, after %v", who, again, first)
	}
	return []Node{
		{"a", func(env core.Env) {
			first = ask(env)
			asked.open()
			env.Yield("between two questions")
			compare(env, "the same task")
			other := task(env, "other", func() { compare(env, "another task") })
			other.wait(env)
		}},
		{"b", func(env core.Env) {
			asked.wait(env)
			compare(env, "another node")
		}},
	}
}

func tasksStartTasks(k *kit) []Node {
	return alone(func(env core.Env) {
		depth := 0
		done := env.NewSignal()
		var deeper func()
		deeper = func() {
			if depth++; depth == 50 {
				done.Notify()
				return
			}
			env.Go("deeper", deeper)
		}
		env.Go("deeper", deeper)
		k.mustBe(done.Wait(background(), forever), nil, "wait for the deepest task")
		k.must(depth == 50, "depth is %d", depth)
	})
}

// wards are the tasks of a node that is about to end: what becomes of them is counted.
type wards struct {
	started, ended, wentOn atomic.Int64
	all                    int64
	settled                moment // all have started
}

// watch starts a task that waits. It counts as ended when it unwinds, and as gone on if its wait returns
// first.
func (w *wards) watch(env core.Env, name string, wait func()) {
	env.Go(name, func() {
		defer w.ended.Add(1)
		if w.started.Add(1) == w.all {
			w.settled.open()
		}
		wait()
		w.wentOn.Add(1)
	})
}

// waitsOfAllKinds is one way to wait each.
func waitsOfAllKinds(k *kit, env core.Env) map[string]func() {
	endpoint := k.listen(env)
	lock := env.NewLocker()
	holdAndSleep := func() {
		lock.Lock()
		defer lock.Unlock()
		_ = env.Sleep(background(), forever)
	}
	return map[string]func(){
		"sleeper":  func() { _ = env.Sleep(background(), forever) },
		"waiter":   func() { _ = env.NewSignal().Wait(background(), core.Forever) },
		"receiver": func() { _, _, _ = endpoint.Recv(background()) },
		"holder":   holdAndSleep,
		"locker":   holdAndSleep, // one of the two gets the lock
		"worker": func() {
			for {
				_ = env.Sleep(background(), time.Microsecond)
			}
		},
	}
}

func (w *wards) watchAll(env core.Env, waits map[string]func()) {
	w.all = int64(len(waits))
	for _, name := range slices.Sorted(maps.Keys(waits)) {
		w.watch(env, name, waits[name])
	}
}

func tasksDie(k *kit) []Node {
	var w wards
	return []Node{
		{"a", func(env core.Env) {
			w.settled.wait(env)
			k.Crash(env, "b")
			k.must(w.wentOn.Load() == 0, "%d tasks went on after their node's death", w.wentOn.Load())
			k.must(w.ended.Load() == w.all, "%d of %d tasks ended with their node", w.ended.Load(), w.all)
			k.mustBe(env.Sleep(background(), time.Millisecond), nil, "the other node's sleep")
		}},
		{"b", func(env core.Env) { w.watchAll(env, waitsOfAllKinds(k, env)) }},
	}
}

func deadDoNothing(k *kit) []Node {
	var w wards
	var unwound, visible atomic.Int64
	return []Node{
		{"a", func(env core.Env) {
			w.settled.wait(env)
			k.Crash(env, "b")
			k.must(unwound.Load() == w.all, "%d of %d deferred calls ran", unwound.Load(), w.all)
			k.must(visible.Load() == 0, "%d calls of a dead node came back", visible.Load())
		}},
		{"b", func(env core.Env) {
			endpoint := k.listen(env)
			bell := env.NewSignal()
			calls := map[string]func(){
				"yield": func() { env.Yield("after death") },
				"sleep": func() { _ = env.Sleep(background(), 0) },
				"wait":  func() { _ = bell.Wait(background(), 0) },
				"send":  func() { _ = endpoint.Send(background(), endpoint.Addr(), core.Message{}) },
				"recv":  func() { _, _, _ = endpoint.Recv(background()) },
			}
			for name, call := range calls { //simvet:allow each entry is replaced on its own
				calls[name] = func() {
					defer func() {
						unwound.Add(1)
						k.must(recover() == nil, "recover saw a death") //simvet:allow is tested
						call()
						visible.Add(1)
					}()
					_ = env.Sleep(background(), forever)
				}
			}
			w.watchAll(env, calls)
		}},
	}
}

// stoppedTasksEnd: one task obeys; the others wait under no context, and are told only that things close, if
// that.
func stoppedTasksEnd(k *kit) []Node {
	var w wards
	var obeyed atomic.Bool
	return []Node{
		{"a", func(env core.Env) {
			w.settled.wait(env)
			k.Stop(env, "b")
			k.must(obeyed.Load(), "the task that watched its context did not see the end of it")
			k.must(w.ended.Load() == w.all, "%d of %d tasks ended", w.ended.Load(), w.all)
		}},
		{"b", func(env core.Env) {
			waits := waitsOfAllKinds(k, env)
			waits["obedient"] = func() {
				_ = env.Sleep(env.Context(), forever)
				obeyed.Store(true)
			}
			w.watchAll(env, waits)
		}},
	}
}
