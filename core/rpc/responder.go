package rpc

import (
	"context"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/wire"
)

// Responder is the right to answer one request, once; a second answer is dropped by the caller as late. It
// is a value, may be kept, and be used by any task. One that is never used leaves the caller to its
// deadline. That of a notification answers nobody.
type Responder struct {
	node     *Node
	to       core.Address
	id       uint64
	class    core.Class
	deadline core.Instant // of this node's clock
	waited   bool
}

// Waited tells whether somebody waits for an answer: false for a notification.
func (r Responder) Waited() bool { return r.waited }

// Left is the time until nobody waits any more, as far as this node can tell; zero or less when it is over.
func (r Responder) Left() time.Duration {
	if !r.waited {
		return 0
	}
	return r.deadline.Sub(r.node.env.Now())
}

// Answer replies with bytes, which must not be changed afterwards.
func (r Responder) Answer(body []byte) { r.reply(payload{bytes: body}) }

// Reply replies with a message.
func (r Responder) Reply(m wire.Message) { r.reply(payload{message: m}) }

// Fail answers with an error: its Code if it is or wraps one or a *RemoteError, else Internal.
func (r Responder) Fail(err error) {
	code, detail := refusalOf(err)
	r.refuse(code, detail)
}

func (r Responder) reply(body payload) { r.send(frame{kind: reply, id: r.id, body: body}) }

func (r Responder) refuse(code Code, detail string) {
	detail = detail[:min(len(detail), mostDetail)]
	r.send(frame{kind: refusal, id: r.id, code: code, detail: detail})
}

// send is not under the request's context: an answer that comes a little late still tells the truth. Nor is
// it under the node's: one that was asked to stop answers as long as it serves. It does not wait: a node's
// name is only ever answered over a connection that stands.
func (r Responder) send(f frame) {
	if !r.waited {
		return
	}
	if err := r.node.send(context.Background(), r.to, r.class, f); err != nil {
		r.node.counters.unsent.Add(1)
	}
}
