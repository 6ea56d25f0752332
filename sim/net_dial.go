package sim

import (
	"context"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// dial is the making of one connection. All who want to send there meanwhile wait for the same one.
type dial struct {
	from    *endpoint
	to      core.Address
	there   *link
	back    *link
	waited  time.Duration
	over    bool
	err     error // why it failed; nil when it is over and there is a connection
	waiters []*bell
}

// dialRetry is how long a dialer waits before it knocks again at a door that did not answer.
const dialRetry = time.Second

// dialAnd waits for a connection to an address: made anew, or by the dial that is under way.
func (e *endpoint) dialAnd(t *task, ctx context.Context, to core.Address) error {
	d := e.dials[to]
	if d == nil {
		d = &dial{from: e, to: to}
		host := hostOf(to)
		d.there = e.net.link(Link{e.node.name, host})
		d.back = e.net.link(Link{host, e.node.name})
		e.dials[to] = d
		d.knock()
	}
	bell := new(bell)
	d.waiters = append(d.waiters, bell)
	for !d.over {
		if err := t.await(bell, ctx, core.Forever, waitSend, string(to)); err != nil {
			return err
		}
	}
	return d.err
}

// knock lasts a round trip.
func (d *dial) knock() {
	trip := d.there.drawLatency(core.Critical, nil) + d.back.drawLatency(core.Critical, nil)
	d.from.net.after(trip, func() { d.answered(trip) })
}

// answered is called when an answer would be back, if there is one.
func (d *dial) answered(trip time.Duration) {
	if d.over {
		return
	}
	net := d.from.net
	d.waited += trip
	listener := net.book.find("tcp", d.to)
	switch {
	case d.from.ends[d.to] != nil: // the peer dialed here meanwhile
		d.end(nil)
	case d.there.passes() && d.back.passes() && listener == nil:
		d.end(errRefused)
	case d.there.passes() && d.back.passes() && !listener.node.paused:
		net.connect(d.from, listener)
		d.end(nil)
	case d.waited >= net.config.DialTimeout:
		d.end(errDialTimeout)
	default:
		wait := min(dialRetry, net.config.DialTimeout-d.waited)
		d.waited += wait
		net.after(wait, d.knock)
	}
}

func (d *dial) end(err error) {
	d.over, d.err = true, err
	delete(d.from.dials, d.to)
	for _, bell := range d.waiters {
		bell.ring(d.from.net.world, d.from.net.world.event)
	}
}
