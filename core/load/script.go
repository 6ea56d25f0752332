package load

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Script is how the target of a Scripted engine behaves. The zero value answers every request at once with
// 200.
type Script struct {
	Latency time.Duration // what every answer takes at least: 0 to 10 m
	Tail    time.Duration // mean of an exponential tail on top of it, cut off at 20 means: 0 to 1 m
	// Failed and Unknown say how many of 10,000 requests, drawn at random, are answered with 500, and how
	// many are never answered: these end at the target's timeout, like every answer that takes longer.
	Failed, Unknown uint32
	// Stalls hold back the answers to all requests that are sent in them until they are over; at most 64.
	Stalls []Stall
	// PanicAt and HangAt say at which arrival of a plan, counted from 1, Run panics, or stops and never
	// returns, not even when stopped (in a World only: the task is lost). 0: never.
	PanicAt, HangAt uint64
	// BreakAt is after which arrival the engine fails: Run returns ErrBroken. 0: never.
	BreakAt uint64
}

// ErrBroken is the failure of a Scripted engine that is told to fail.
var ErrBroken = errors.New("scripted engine: broken, as told")

// Stall is a time in which the target answers nothing.
type Stall struct {
	From time.Duration // since the plan's start
	For  time.Duration
}

func (s Script) validate() error {
	switch {
	case s.Latency < 0 || s.Latency > MaxTimeout:
		return invalid("script.latency", s.Latency, "0 to 10m")
	case s.Tail < 0 || s.Tail > time.Minute:
		return invalid("script.tail", s.Tail, "0 to 1m")
	case uint64(s.Failed)+uint64(s.Unknown) > 10_000:
		return invalid("script.failed", s.Failed, "at most 10000 together with unknown")
	case len(s.Stalls) > 64:
		return invalid("script.stalls", len(s.Stalls), "at most 64")
	}
	for _, stall := range s.Stalls {
		if stall.From < 0 || stall.For < 0 || stall.From > MaxDuration || stall.For > MaxDuration {
			return invalid("script.stalls", stall, "times from 0 to 720h")
		}
	}
	return nil
}

// play makes up what becomes of a request. The draws it takes do not depend on times, only on the script.
func (s Script) play(random *rand.Rand, start, planned, sent core.Instant, timeout time.Duration) Sample {
	takes := s.Latency
	if s.Tail > 0 {
		takes += time.Duration(min(random.ExpFloat64(), 20) * float64(s.Tail))
	}
	sample := Sample{Planned: planned, Sent: sent, Outcome: stats.OK, Status: 200}
	if s.Failed+s.Unknown > 0 {
		switch draw := random.Uint32N(10_000); {
		case draw < s.Failed:
			sample.Outcome, sample.Status = stats.Failed, 500
		case draw < s.Failed+s.Unknown:
			takes = core.Forever
		}
	}
	if takes += s.held(sent.Sub(start)); takes < 0 || takes > timeout {
		sample.Outcome, sample.Status, takes = stats.Unknown, 0, timeout
	}
	sample.End = sent.Add(takes)
	return sample
}

// held is how long the stalls hold back an answer to what is sent at this time since the plan's start.
func (s Script) held(sent time.Duration) (longest time.Duration) {
	for _, stall := range s.Stalls {
		if over := stall.From + stall.For; stall.From <= sent && sent < over {
			longest = max(longest, over-sent)
		}
	}
	return longest
}
