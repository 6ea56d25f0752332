package sim

import (
	"container/heap"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// The program that is measured: n tasks, each of which sleeps again and again for 1 to 1,000 microseconds.
// One operation is one sleep: a timer, two questions (rank and stall), a step's event, and two task
// switches.

// naps is a cheap sequence of durations, the same for all rivals.
type naps uint64

func (s *naps) next() time.Duration {
	*s = *s*6364136223846793005 + 1442695040888963407
	return time.Duration(*s>>33%1000+1) * time.Microsecond
}

var crowds = []int{10, 100, 5000}

func BenchmarkTaskSwitch(b *testing.B) {
	for _, n := range crowds {
		b.Run(fmt.Sprintf("tasks=%d", n), func(b *testing.B) { benchWorld(b, n, nil) })
	}
}

// BenchmarkCovered is BenchmarkTaskSwitch in a World that shows its events to an Orders.
func BenchmarkCovered(b *testing.B) {
	for _, n := range crowds {
		b.Run(fmt.Sprintf("tasks=%d", n), func(b *testing.B) { benchWorld(b, n, new(trace.Orders)) })
	}
}

func benchWorld(b *testing.B, n int, orders *trace.Orders) {
	w := NewWorld(Config{Chooser: choice.NewSeeded(1)})
	if orders != nil {
		w.Cover(orders)
	}
	node := w.AddNode("n", func(core.Env) {})
	left := b.N
	for i := range n {
		w.Workload(node, "task", func(env core.Env) {
			ctx, sleeps := env.Context(), naps(i)
			_ = env.Sleep(ctx, time.Second) // all have started when the clock does
			for left > 0 {
				left--
				_ = env.Sleep(ctx, sleeps.next())
			}
		})
	}
	b.ReportAllocs()
	w.After(time.Second/2, "start", b.ResetTimer)
	if failure := w.Run(); failure != nil {
		b.Fatal(failure)
	}
}

// bareHeap is what the standard library has for the same pushes and pops.
type bareHeap []item

func (h bareHeap) Len() int           { return len(h) }
func (h bareHeap) Less(i, j int) bool { return h[i].before(&h[j]) }
func (h bareHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *bareHeap) Push(x any)        { *h = append(*h, x.(item)) }
func (h *bareHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// plainHeap is the same written by hand, without interfaces: the rival that counts.
type plainHeap []item

func (h *plainHeap) push(it item) {
	*h = append(*h, it)
	items := *h
	for i := len(items) - 1; i > 0; {
		parent := (i - 1) / 2
		if !items[i].before(&items[parent]) {
			return
		}
		items[i], items[parent] = items[parent], items[i]
		i = parent
	}
}

func (h *plainHeap) pop() item {
	items := *h
	first, last := items[0], len(items)-1
	items[0] = items[last]
	items = items[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if items[child].before(&items[least]) {
				least = child
			}
		}
		if least == i {
			break
		}
		items[i], items[least] = items[least], items[i]
		i = least
	}
	*h = items
	return first
}

func BenchmarkBareHeap(b *testing.B) {
	for _, n := range crowds {
		b.Run(fmt.Sprintf("tasks=%d", n), func(b *testing.B) {
			var h plainHeap
			benchHeap(b, n, h.push, h.pop)
		})
	}
}

func BenchmarkContainerHeap(b *testing.B) {
	for _, n := range crowds {
		b.Run(fmt.Sprintf("tasks=%d", n), func(b *testing.B) {
			var h bareHeap
			benchHeap(b, n, func(it item) { heap.Push(&h, it) }, func() item { return heap.Pop(&h).(item) })
		})
	}
}

func benchHeap(b *testing.B, n int, push func(item), pop func() item) {
	sleeps, arrival := naps(1), uint64(0)
	for range n {
		arrival++
		push(item{due: sleeps.next(), order: arrival})
	}
	b.ResetTimer()
	for b.Loop() {
		it := pop()
		arrival++
		push(item{due: it.due + sleeps.next(), order: arrival})
	}
}

func BenchmarkSynctest(b *testing.B) {
	for _, n := range crowds {
		b.Run(fmt.Sprintf("tasks=%d", n), func(b *testing.B) {
			program := func(*testing.T) { // its clock is the bubble's: it must not touch b's timer
				for i := range n {
					go func() {
						sleeps := naps(i)
						for range b.N / n {
							time.Sleep(sleeps.next())
						}
					}()
				}
				time.Sleep(time.Duration(b.N/n+1) * time.Millisecond)
			}
			testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{
				Name: "bubble", F: func(t *testing.T) { synctest.Test(t, program) },
			}})
		})
	}
}

func BenchmarkEmptyWorld(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		w := NewWorld(Config{Chooser: choice.NewSeeded(1)})
		w.AddNode("n", func(core.Env) {})
		if failure := w.Run(); failure != nil {
			b.Fatal(failure)
		}
	}
}

// BenchmarkCall is a task a call, as servers start them: a start, two steps and an end.
func BenchmarkCall(b *testing.B) {
	w := NewWorld(Config{Chooser: choice.NewSeeded(1)})
	node := w.AddNode("n", func(core.Env) {})
	w.Workload(node, "main", func(env core.Env) {
		ctx := env.Context()
		for range b.N {
			bell := env.NewSignal()
			env.Go("call", func() { bell.Notify() })
			_ = bell.Wait(ctx, time.Second)
		}
	})
	b.ReportAllocs()
	b.ResetTimer()
	if failure := w.Run(); failure != nil {
		b.Fatal(failure)
	}
}
