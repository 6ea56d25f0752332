package envtest

import (
	"context"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

func clockChecks() []check {
	return []check{
		{name: "SteadyTimeNeverFalls", script: steadyTimeNeverFalls},
		{name: "WallTimeIsUTCWithoutMonotonicPart", script: wallTimeIsPlain},
		{name: "WallTimeMayFallAndSteadyTimeGoesOn", needs: []Ability{CanJumpWall}, script: wallTimeMayFall},
		{name: "SleepLastsAsLongAsItSays", script: sleepLasts},
		{name: "SleepEndsWithItsContext", script: sleepEndsWithContext},
		{name: "EndedContextBeatsSleeping", script: endedContextBeatsSleeping},
	}
}

func steadyTimeNeverFalls(k *kit) []Node {
	return alone(func(env core.Env) {
		group := core.NewGroup(env, background())
		for _, name := range []string{"x", "y", "z"} {
			group.Go(name, func(ctx context.Context) error {
				last := env.Now()
				k.must(last >= 0, "a node's steady time began at %d", last)
				for range 100 {
					env.Yield("between two looks at the clock")
					now := env.Now()
					k.must(now >= last, "steady time fell from %d to %d", last, now)
					last = now
				}
				return nil
			})
		}
		k.mustBe(group.Wait(), nil, "group")
	})
}

func wallTimeIsPlain(k *kit) []Node {
	return alone(func(env core.Env) {
		wall := env.Wall()
		k.must(wall.Location() == time.UTC, "location is %v", wall.Location())
		k.must(!strings.Contains(wall.String(), "m="), "%v has a monotonic part", wall)
	})
}

func wallTimeMayFall(k *kit) []Node {
	return []Node{
		{"a", func(env core.Env) {
			wall, steady := env.Wall(), env.Now()
			k.JumpWall(env, "a", -time.Hour)
			k.must(env.Wall().Before(wall), "set back from %v the wall clock shows %v", wall, env.Wall())
			k.must(env.Now() >= steady, "steady time fell with it from %d to %d", steady, env.Now())
			k.must(env.Now().Sub(steady) < time.Hour, "steady time jumped from %d to %d", steady, env.Now())
		}},
	}
}

func sleepLasts(k *kit) []Node {
	return alone(func(env core.Env) {
		for _, d := range []time.Duration{-time.Second, 0, time.Nanosecond, 3 * time.Millisecond} {
			before := env.Now()
			k.mustBe(env.Sleep(background(), d), nil, "sleep")
			k.must(env.Now().Sub(before) >= d, "a sleep of %v lasted %v", d, env.Now().Sub(before))
		}
	})
}

func sleepEndsWithContext(k *kit) []Node {
	return alone(func(env core.Env) {
		ctx, cancel := env.WithCancel(env.Context())
		var err error
		before := env.Now()
		slept := task(env, "sleeper", func() { err = env.Sleep(ctx, forever) })
		cancel()
		slept.wait(env)
		k.mustBe(err, context.Canceled, "sleep")
		k.must(env.Now().Sub(before) < forever, "it slept on")

		ctx, cancel = env.WithTimeout(background(), time.Millisecond)
		defer cancel()
		k.mustBe(env.Sleep(ctx, forever), context.DeadlineExceeded, "sleep under a timeout")
	})
}

func endedContextBeatsSleeping(k *kit) []Node {
	return alone(func(env core.Env) {
		ctx, cancel := env.WithCancel(background())
		cancel()
		for _, d := range []time.Duration{-1, 0, time.Nanosecond, forever, core.Forever} {
			k.mustBe(env.Sleep(ctx, d), context.Canceled, "sleep under an ended context")
		}
	})
}
