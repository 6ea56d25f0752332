package choice

import "slices"

// Steps says which steps of which tasks matter: by the ID of a task's stream the numbers of its questions, in
// order.
type Steps map[uint64][]uint64

// SURW picks so that every order of the steps that matter is about as likely as any other. Among the tasks
// that are ready one is drawn to do the next such step, in proportion to how many each has left; until it has
// done it, the others stand where they would do one of theirs. Steps that do not matter go as chance has it.
//
// It is the selectively uniform random walk: Zhao, Wolff, Mathur and Roychoudhury, "Selectively Uniform
// Concurrency Testing", ASPLOS 2025. A plain random walk seldom shows a long task done before a short one has
// begun; here 1 in C(m+n, n) runs does, m and n being their steps. The paper sees what a thread is about to
// do. Here a step shows what it touches only when it has run, so that which steps matter, and how many, is
// what an earlier run of the program has shown. Where this run goes another way that is a guess, and what it
// gets wrong costs evenness; every order remains possible. The paper weighs all threads; here those who wait
// have no part, because no virtual time passes for them while anybody is ready.
type SURW struct {
	seeded   Seeded
	random   uint64
	matter   Steps
	intended *Stream // who does the next step that matters; nil: nobody
	until    uint64  // that step
	decided  uint64
}

// NewSURW returns the chooser of a seed. shared has, of each thing that tasks share, the steps that touch it;
// the steps of one of them, which is drawn, are those that matter. Without any it is a random walk.
func NewSURW(seed uint64, shared []Steps) *SURW {
	s := &SURW{seeded: NewSeeded(seed), random: Mix(seed, 0x50f2)}
	if len(shared) > 0 {
		s.matter = shared[Mix(s.random, 1)%uint64(len(shared))]
	}
	return s
}

// Choose answers what is not about the order of tasks.
func (s *SURW) Choose(c Choice) int { return s.seeded.Choose(c) }

// Picker is the strategy.
func (s *SURW) Picker() Picker { return &fair{next: (*surwPicks)(s)} }

type surwPicks SURW

func (s *surwPicks) Next(ready []Ready, _ Touched) int {
	if len(ready) == 1 {
		return 0
	}
	s.decided++
	random := Mix(s.random, s.decided)
	s.intend(ready, random)
	at, free := 0, uint64(0)
	for i, task := range ready {
		if left := s.left(task); len(left) > 0 && left[0] == task.N && !s.intends(task) {
			continue
		}
		if free++; Mix(random, free)%free == 0 {
			at = i
		}
	}
	return at
}

// intend draws who does the next step that matters, unless who was drawn has yet to do it.
func (s *surwPicks) intend(ready []Ready, random uint64) {
	if slices.ContainsFunc(ready, s.intends) {
		return
	}
	s.intended = nil
	total := uint64(0)
	for i, task := range ready {
		left := s.left(task)
		if len(left) == 0 {
			continue
		}
		total += uint64(len(left))
		if Mix(random^0x1de4, uint64(i))%total < uint64(len(left)) { // of all so far, in proportion
			s.intended, s.until = task.Stream, left[0]
		}
	}
}

func (s *surwPicks) intends(task Ready) bool { return task.Stream == s.intended && task.N <= s.until }

// left is what a task has left of the steps that matter, the next one among them.
func (s *surwPicks) left(task Ready) []uint64 {
	all := s.matter[task.Stream.id]
	done, _ := slices.BinarySearch(all, task.N)
	return all[done:]
}
