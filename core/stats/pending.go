package stats

import (
	"container/list"
	"sync"
)

// PendingJobs lists the jobs of one gate that have something to push, each once, in the order in which
// they came. Job tasks add themselves and the gate's push task takes them, so its work is proportional to
// the jobs that are pending, not to those that exist. It is safe for concurrent use.
type PendingJobs struct {
	lock  sync.Mutex //simvet:allow leaf lock: nothing is called and nobody waits under it
	order list.List
	place map[string]*list.Element
}

// NewPendingJobs returns an empty list.
func NewPendingJobs() *PendingJobs { return &PendingJobs{place: map[string]*list.Element{}} }

// Add puts a job at the end, unless it is listed; it tells whether it was not.
func (p *PendingJobs) Add(job string) bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.place[job] != nil {
		return false
	}
	p.place[job] = p.order.PushBack(job)
	return true
}

// Remove takes a job off the list, if it is there.
func (p *PendingJobs) Remove(job string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if e := p.place[job]; e != nil {
		p.order.Remove(e)
		delete(p.place, job)
	}
}

// Take returns all that is listed and empties the list. A job that its caller fails on is the caller's to
// add again: the others are none the worse for it.
func (p *PendingJobs) Take() []string {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.order.Len() == 0 {
		return nil
	}
	jobs := make([]string, 0, p.order.Len())
	for e := p.order.Front(); e != nil; e = e.Next() {
		jobs = append(jobs, e.Value.(string))
	}
	p.order.Init()
	clear(p.place)
	return jobs
}

// Len is how many jobs are listed.
func (p *PendingJobs) Len() int {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.order.Len()
}
