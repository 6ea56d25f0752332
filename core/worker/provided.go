package worker

import (
	"slices"
	"sync"

	"github.com/windtunnel/windtunnel/core/load"
)

// provided is what the answers to an attempt's requests provided. An engine adds from any goroutine.
type provided struct {
	mu     sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	values []load.Value
}

// add keeps the first value of a name; it is false when there are as many as a target may provide.
func (p *provided) add(v load.Value) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.ContainsFunc(p.values, func(x load.Value) bool { return x.Name == v.Name }) {
		return true
	}
	if len(p.values) == load.MaxProvides {
		return false
	}
	p.values = append(p.values, v)
	return true
}

func (p *provided) list() []load.Value {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.values)
}
