package http

import (
	"sync"
	"sync/atomic"

	"github.com/windtunnel/windtunnel/core"
)

// pool is the goroutines that send. There are never fewer than requests in flight, so whatever is given has
// one that is parked or about to be; and never more than were once in flight together. One goroutine gives.
type pool struct {
	bound    int
	queue    chan core.Instant // planned instants; its capacity is the bound, so that giving never waits
	inFlight atomic.Int64      // given and not yet recorded
	started  int64
	all      sync.WaitGroup
	join     func() func(planned core.Instant)
}

// newPool returns a pool without goroutines. Each that is started calls join for a function of its own that
// sends one request and records it.
func newPool(bound int, join func() func(planned core.Instant)) *pool {
	return &pool{bound: bound, queue: make(chan core.Instant, bound), join: join}
}

// free is how many more may be given now.
func (p *pool) free() int { return p.bound - int(p.inFlight.Load()) }

// give hands over one arrival. There must be a free place.
func (p *pool) give(planned core.Instant) {
	if p.inFlight.Add(1) > p.started {
		p.started++
		p.all.Go(p.work)
	}
	p.queue <- planned
}

func (p *pool) work() {
	send := p.join()
	for planned := range p.queue {
		send(planned)
		p.inFlight.Add(-1)
	}
}

// close says that nothing more is given. The channel it returns is closed once everything is recorded and
// every goroutine has ended.
func (p *pool) close() <-chan struct{} {
	close(p.queue)
	landed := make(chan struct{})
	go func() {
		p.all.Wait()
		close(landed)
	}()
	return landed
}
