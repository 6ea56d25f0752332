package main

import (
	"container/heap"
	"fmt"
	"time"
)

// entry is as large as what the scheduler keeps of a timer, and ordered alike.
type entry struct {
	due   time.Duration
	order uint64
	gen   uint32
	owner *int
}

func (a *entry) before(b *entry) bool { return a.due < b.due || a.due == b.due && a.order < b.order }

// libraryHeap is what the standard library offers.
type libraryHeap []entry

func (h libraryHeap) Len() int           { return len(h) }
func (h libraryHeap) Less(i, j int) bool { return h[i].before(&h[j]) }
func (h libraryHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *libraryHeap) Push(x any)        { *h = append(*h, x.(entry)) }
func (h *libraryHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// handHeap is the same without interfaces: the harder rival.
type handHeap []entry

func (h *handHeap) push(e entry) {
	*h = append(*h, e)
	entries := *h
	for i := len(entries) - 1; i > 0; {
		parent := (i - 1) / 2
		if !entries[i].before(&entries[parent]) {
			return
		}
		entries[i], entries[parent] = entries[parent], entries[i]
		i = parent
	}
}

func (h *handHeap) pop() entry {
	entries := *h
	first, last := entries[0], len(entries)-1
	entries[0] = entries[last]
	entries = entries[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if entries[child].before(&entries[least]) {
				least = child
			}
		}
		if least == i {
			break
		}
		entries[i], entries[least] = entries[least], entries[i]
		i = least
	}
	*h = entries
	return first
}

func plainHeap(size int) contestant {
	return contestant{name: fmt.Sprintf("heap of %d by hand", size), run: func(n int) (time.Duration, error) {
		var h handHeap
		return pushAndPop(n, size, h.push, h.pop), nil
	}}
}

func containerHeap(size int) contestant {
	name := fmt.Sprintf("container/heap of %d", size)
	return contestant{name: name, run: func(n int) (time.Duration, error) {
		var h libraryHeap
		push := func(e entry) { heap.Push(&h, e) }
		return pushAndPop(n, size, push, func() entry { return heap.Pop(&h).(entry) }), nil
	}}
}

// pushAndPop takes the earliest entry and puts one back a nap later, n times.
func pushAndPop(n, size int, push func(entry), pop func() entry) time.Duration {
	sleeps, arrival := naps(1), uint64(0)
	for range size {
		arrival++
		push(entry{due: sleeps.next(), order: arrival})
	}
	began := time.Now()
	for range n {
		e := pop()
		arrival++
		push(entry{due: e.due + sleeps.next(), order: arrival})
	}
	return time.Since(began)
}
