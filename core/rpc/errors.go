package rpc

import (
	"context"
	"errors"
	"fmt"

	"github.com/windtunnel/windtunnel/core"
)

// Code says what kind of "no" an answer is. A Code is an error: a handler may return one as it is, and
// errors.Is(err, rpc.Busy) finds it in a call's error. Numbers from FirstOwn on are the applications'.
type Code uint16

// A handler that returns one of the definite codes says that the request had no effect.
const (
	Invalid       Code = 1 + iota // definite: the request makes no sense, also later
	NotFound                      // definite: what it names is not here
	Conflict                      // definite: it contradicts what is here
	Busy                          // definite: no room now; later may do
	NotOwner                      // definite: another node is in charge
	UnknownMethod                 // definite: no such method here
	Internal                      // indefinite: the handler failed
	Deadline                      // indefinite: the time was over before the handler was done
	Cancelled                     // indefinite: the handler was told to stop
	FirstOwn      Code = 64       // indefinite, as are all that follow
)

// Definite tells whether an answer with this code says that the request had no effect.
func (c Code) Definite() bool { return c >= Invalid && c <= UnknownMethod }

func (c Code) Error() string {
	names := [...]string{"", "invalid", "not found", "conflict", "busy", "not owner", "unknown method",
		"internal error", "deadline exceeded", "cancelled"}
	if c > 0 && int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("code %d", uint16(c))
}

// RemoteError is a peer's answer that is not the one hoped for. A handler returns one (Errorf) to say which.
type RemoteError struct {
	Code   Code
	Detail string // for people; up to 1,024 bytes travel
}

// Errorf returns a *RemoteError.
func Errorf(code Code, format string, args ...any) error {
	return &RemoteError{Code: code, Detail: fmt.Sprintf(format, args...)}
}

func (e *RemoteError) Error() string {
	if e.Detail == "" {
		return e.Code.Error()
	}
	return e.Code.Error() + ": " + e.Detail
}

// Unwrap returns the code.
func (e *RemoteError) Unwrap() error { return e.Code }

// ErrTooManyCalls says that Config.CallsOut calls already wait.
var ErrTooManyCalls = errors.New("too many calls in flight")

// CallError is what a call returns when it has no reply.
type CallError struct {
	To       core.Address
	Method   string
	Definite bool  // certainly without effect
	Cause    error // the peer's *RemoteError; else a *core.SendError, why ctx ended, ...
}

func (e *CallError) Error() string { return fmt.Sprintf("call %s of %s: %v", e.Method, e.To, e.Cause) }

// Unwrap returns the cause.
func (e *CallError) Unwrap() error { return e.Cause }

// Is matches core.ErrDefinite or core.ErrIndefinite.
func (e *CallError) Is(target error) bool {
	if e.Definite {
		return target == core.ErrDefinite
	}
	return target == core.ErrIndefinite
}

// refusalOf says how a handler's error travels. A peer's refusal of a call that the handler made is not
// passed on as if it were the handler's: whether this request had an effect is another question than whether
// that one had.
func refusalOf(err error) (Code, string) {
	var (
		remote *RemoteError
		code   Code
		call   *CallError
	)
	own := !errors.As(err, &call)
	switch detail := err.Error(); {
	case own && errors.As(err, &remote) && remote.Code != 0:
		if err == error(remote) { //nolint:errorlint // is it that error itself, unwrapped?
			detail = remote.Detail
		}
		return remote.Code, detail
	case own && errors.As(err, &code) && code != 0:
		if err == error(code) { //nolint:errorlint // as above
			detail = ""
		}
		return code, detail
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, core.ErrElapsed), errors.Is(err, Deadline):
		return Deadline, detail
	case errors.Is(err, context.Canceled), errors.Is(err, Cancelled):
		return Cancelled, detail
	default:
		return Internal, detail
	}
}
