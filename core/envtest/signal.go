package envtest

import (
	"context"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

func signalChecks() []check {
	return []check{
		{name: "SignalRemembersOneNotification", script: remembersOne},
		{name: "WaitElapses", script: waitElapses},
		{name: "NotificationWinsOverEndedContextAndElapsedTime", script: notificationWins},
		{name: "WaitEndsWithItsContext", script: waitEndsWithContext},
		{name: "SignalIsNotLostWhenNotifyAndTimeoutCoincide", script: coincidence},
		{name: "SecondWaiterPanics", script: secondWaiterPanics},
	}
}

func remembersOne(k *kit) []Node {
	return alone(func(env core.Env) {
		bell := env.NewSignal()
		k.mustBe(bell.Wait(background(), 0), core.ErrElapsed, "a look at a fresh bell")
		bell.Notify()
		bell.Notify()
		k.mustBe(bell.Wait(background(), core.Forever), nil, "a wait after two notifications")
		k.mustBe(bell.Wait(background(), 0), core.ErrElapsed, "a second wait after two notifications")
		k.mustBe(bell.Wait(background(), -time.Second), core.ErrElapsed, "a wait for less than nothing")
	})
}

func waitElapses(k *kit) []Node {
	return alone(func(env core.Env) {
		bell := env.NewSignal()
		for _, d := range []time.Duration{time.Nanosecond, time.Millisecond, 5 * time.Millisecond} {
			before := env.Now()
			k.mustBe(bell.Wait(background(), d), core.ErrElapsed, "wait")
			k.must(env.Now().Sub(before) >= d, "a wait of %v elapsed after %v", d, env.Now().Sub(before))
		}
		bell.Notify()
		k.mustBe(bell.Wait(background(), core.Forever), nil, "a wait after others had elapsed")
	})
}

func notificationWins(k *kit) []Node {
	return alone(func(env core.Env) {
		ended, cancel := env.WithCancel(background())
		cancel()
		bell := env.NewSignal()
		for _, d := range []time.Duration{-1, 0, time.Nanosecond, core.Forever} {
			bell.Notify()
			k.mustBe(bell.Wait(ended, d), nil, "wait of a notified bell under an ended context")
		}
		k.mustBe(bell.Wait(ended, core.Forever), context.Canceled, "wait under an ended context")
	})
}

func waitEndsWithContext(k *kit) []Node {
	return alone(func(env core.Env) {
		ctx, cancel := env.WithCancel(env.Context())
		bell := env.NewSignal()
		var err error
		waited := task(env, "waiter", func() { err = bell.Wait(ctx, core.Forever) })
		cancel()
		waited.wait(env)
		k.mustBe(err, context.Canceled, "wait")
		bell.Notify()
		k.mustBe(bell.Wait(background(), core.Forever), nil, "the bell's next wait")
	})
}

// coincidence has a ringer and a waiter of the same patience: every ring must be answered, before or after
// the waiter's time is up.
func coincidence(k *kit) []Node {
	const rounds, patience = 100, time.Millisecond
	return alone(func(env core.Env) {
		bell, answer := env.NewSignal(), env.NewSignal()
		ringer := task(env, "ringer", func() {
			for range rounds {
				k.mustBe(env.Sleep(background(), patience), nil, "sleep")
				bell.Notify()
				k.mustBe(answer.Wait(background(), core.Forever), nil, "answer")
			}
		})
		for range rounds {
			for waits := 0; ; waits++ {
				err := bell.Wait(background(), patience)
				if err == nil {
					break
				}
				k.mustBe(err, core.ErrElapsed, "wait")
				k.must(waits < 10_000, "a notification was lost")
			}
			answer.Notify()
		}
		ringer.wait(env)
		k.mustBe(bell.Wait(background(), 0), core.ErrElapsed, "a look after the last round")
	})
}

// secondWaiterPanics has two tasks wait: whichever comes second panics, and the first is not disturbed.
func secondWaiterPanics(k *kit) []Node {
	return alone(func(env core.Env) {
		bell := env.NewSignal()
		panicked := new(moment)
		waiter := func() {
			defer func() {
				if recover() != nil { //simvet:allow the panic is what is tested
					panicked.open()
				}
			}()
			k.mustBe(bell.Wait(background(), core.Forever), nil, "the first waiter's wait")
		}
		x, y := task(env, "x", waiter), task(env, "y", waiter)
		panicked.wait(env)
		bell.Notify()
		x.wait(env)
		y.wait(env)
	})
}
