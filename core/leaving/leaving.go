// Package leaving keeps how far the stop of a node has come that was asked to stop and has work to finish.
//
// Every role leaves in one way. It takes nothing new from then on. What it has begun gets the first half of
// the allowed time to finish; what has not finished by then is ended or handed over, for which the second
// half is left; what is still there when that is over is left behind. All the while the node says what it
// waits for, once each time that changes, and last that it waits for nothing.
//
//	stop.Begin(env.Now(), within)
//	for {
//		waits := ... // in words, "" for nothing
//		stop.Say(env, waits)
//		if waits == "" || stop.Over(env.Now()) {
//			return
//		}
//		_ = bell.Wait(ctx, stop.UntilNext(env.Now()))
//	}
package leaving

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
)

// Progress is how far a node's stop has come; the zero Progress was not asked for. One task owns it.
type Progress struct {
	begun  bool
	since  core.Instant
	within time.Duration // from then on
	said   bool
	waits  string // what for, as last said
}

// Begin says that the node was asked to stop, and must be gone within so long: 0 is at once. Once is enough.
func (p *Progress) Begin(now core.Instant, within time.Duration) {
	if !p.begun {
		p.begun, p.since, p.within = true, now, within
	}
}

// Begun says whether the node was asked to stop.
func (p *Progress) Begun() bool { return p.begun }

// HalfOver says that what was begun has had its time to finish.
func (p *Progress) HalfOver(now core.Instant) bool { return p.begun && now.Sub(p.since) >= p.within/2 }

// Over says that what is left by now is left behind.
func (p *Progress) Over(now core.Instant) bool { return p.begun && now.Sub(p.since) >= p.within }

// UntilNext is the time until HalfOver or Over changes; core.Forever for a node that stays.
func (p *Progress) UntilNext(now core.Instant) time.Duration {
	switch {
	case !p.begun:
		return core.Forever
	case !p.HalfOver(now):
		return p.since.Add(p.within / 2).Sub(now)
	}
	return p.since.Add(p.within).Sub(now)
}

// Say tells what the node waits for, "" for nothing, unless that is what it said last.
func (p *Progress) Say(env core.Env, waits string) {
	if p.said && waits == p.waits {
		return
	}
	p.said, p.waits = true, waits
	env.Note(fact.Leaving{Waits: waits})
	env.Log().Info("leaving", "waits for", waits)
}
