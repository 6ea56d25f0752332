// Package retry makes calls again until they are answered.
//
// A Policy says how long one call may take and how the waits between calls grow: they double from First to
// Most, and each is drawn evenly between nothing and that (full jitter, after Marc Brooker's "Exponential
// Backoff And Jitter", AWS 2015), so that many who failed together do not come back together.
//
// Asking again is for calls that are harmless when they are handled twice: an error does not say whether a
// call that timed out was handled. What ends it, beside an answer, is the caller's word, or its context.
//
// A refusal is an answer, too: a peer that says "not found" will say so again. Only Busy is asked again.
package retry

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// Policy says how calls are made again.
type Policy struct {
	Timeout time.Duration // of one call
	First   time.Duration // the longest first wait; over 0
	Most    time.Duration // where doubling ends; at least First
}

// impatience is how long the first call may take in a rare run.
const impatience = 10 * time.Millisecond

// Wait is the wait after so many failed calls, 1 or more.
func (p Policy) Wait(random *rand.Rand, failed int) time.Duration {
	longest := p.First
	for n := 1; n < failed && longest < p.Most; n++ {
		longest *= 2
	}
	return time.Duration(random.Int64N(int64(min(longest, p.Most)) + 1))
}

// Call makes a call until it is answered, and returns the last one's error: nil, or a refusal for which
// Settled is true. After every other failure it asks again, with how many calls have failed, whether to go
// on; if not, it returns that failure. When ctx ends while it waits, it returns the failure before.
func (p Policy) Call(ctx context.Context, env core.Env, call func(context.Context) error,
	again func(failed int) bool) error {
	for failed := 1; ; failed++ {
		timeout := p.Timeout
		if failed == 1 && env.Rare("retry/short-first-timeout") {
			timeout = min(impatience, timeout)
		}
		timed, cancel := rpc.WithTimeout(env, ctx, timeout)
		err := call(timed)
		cancel()
		if err == nil || Settled(err) || !again(failed) {
			return err
		}
		wait := p.Wait(env.Rand(), failed)
		if failed == 1 && env.Rare("retry/at-once") {
			wait = 0
		}
		if env.Sleep(ctx, wait) != nil {
			return err
		}
	}
}

// Settled says that asking again will not help: the peer refused, and not because it was busy.
func Settled(err error) bool {
	var answer *rpc.RemoteError
	return errors.As(err, &answer) && answer.Code.Definite() && answer.Code != rpc.Busy
}
