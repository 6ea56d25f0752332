package stats

import (
	"iter"
	"slices"
	"sync/atomic"
)

// Shared is a job's slots for many readers and writers at once. A reader gets a Snapshot: the state after
// some whole number of merges, which never changes. Zero is empty and ready.
type Shared struct{ current atomic.Pointer[Snapshot] }

// Snapshot is an immutable set of slots.
type Snapshot struct {
	slots  []*Slot // ascending by stream; the slots are shared between snapshots
	total  Counts
	merges uint64
}

// Merge joins slots into what is there, all of them at once. It is safe for concurrent use and costs a
// pointer for each stream that the job has, so merge a batch rather than an entry. It keeps no reference
// to the argument.
func (s *Shared) Merge(slots []Slot) {
	if len(slots) == 0 {
		return
	}
	// Bounded in practice: it repeats only when another merge came between, and then that one was done.
	for {
		before := s.current.Load()
		if s.current.CompareAndSwap(before, before.merge(slots)) {
			return
		}
	}
}

// Snapshot returns the current state, never nil. It is safe for concurrent use and costs nothing.
func (s *Shared) Snapshot() *Snapshot {
	if now := s.current.Load(); now != nil {
		return now
	}
	return &Snapshot{}
}

func (s *Snapshot) merge(slots []Slot) *Snapshot {
	after := &Snapshot{merges: 1}
	if s != nil {
		after.slots = slices.Clone(s.slots)
		after.total, after.merges = s.total, s.merges+1
	}
	for _, slot := range slots {
		after.join(slot)
	}
	return after
}

func (s *Snapshot) join(slot Slot) {
	i, found := s.search(slot.Stream)
	if !found {
		s.slots = slices.Insert(s.slots, i, &slot)
		s.total, _ = s.total.Add(slot.Counts)
		return
	}
	old := *s.slots[i]
	joined := old.Join(slot)
	if joined == old {
		return
	}
	s.slots[i] = &joined
	s.total, _ = s.total.Sub(old.Counts)
	s.total, _ = s.total.Add(joined.Counts)
}

func (s *Snapshot) search(stream Stream) (i int, found bool) {
	return slices.BinarySearchFunc(s.slots, stream, func(slot *Slot, stream Stream) int {
		return slot.Stream.Compare(stream)
	})
}

// Total is the sum of all slots' counts. A sum over 64 bits wraps: no gate that applied the entries makes
// one.
func (s *Snapshot) Total() Counts { return s.total }

// Merges is how many merges made this snapshot.
func (s *Snapshot) Merges() uint64 { return s.merges }

// Len is how many streams have a slot.
func (s *Snapshot) Len() int { return len(s.slots) }

// Find returns a stream's slot.
func (s *Snapshot) Find(stream Stream) (slot Slot, ok bool) {
	i, found := s.search(stream)
	if !found {
		return Slot{}, false
	}
	return *s.slots[i], true
}

// All goes over the slots, ascending by stream.
func (s *Snapshot) All() iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		for _, slot := range s.slots {
			if !yield(*slot) {
				return
			}
		}
	}
}
