package transport

import (
	"math/rand/v2"
	"runtime"
	"sync"
)

// perturber makes interleaving points do something: a random choice of going on, letting others run, and
// spinning for about a microsecond. A nil one does nothing.
type perturber struct {
	mu   sync.Mutex
	rand *rand.PCG
}

func newPerturber(seed uint64) *perturber {
	if seed == 0 {
		return nil
	}
	return &perturber{rand: rand.NewPCG(seed, seed)}
}

func (p *perturber) point() {
	if p == nil {
		return
	}
	p.mu.Lock()
	draw := p.rand.Uint64()
	p.mu.Unlock()
	switch draw % 4 {
	case 0:
		for range draw >> 8 % 4 {
			runtime.Gosched()
		}
	case 1:
		for spin := draw >> 8 % 1024; spin > 0; spin-- {
			continue
		}
	}
}

// perturbedLocker is a mutex with an interleaving point before it.
type perturbedLocker struct {
	perturb *perturber
	sync.Mutex
}

func (l *perturbedLocker) Lock() {
	l.perturb.point()
	l.Mutex.Lock()
}

// lockedSource lets all tasks of a node draw from one stream.
type lockedSource struct {
	mu     sync.Mutex
	source rand.Source
}

func (s *lockedSource) Uint64() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Uint64()
}
