package choice

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// matter has the steps of tasks a, b, c... that matter.
func matter(steps ...[]uint64) []Steps {
	shared := Steps{}
	for i, numbers := range steps {
		shared[NewStream(Pick, string(rune('a'+i))).ID()] = numbers
	}
	return []Steps{shared}
}

func upTo(n uint64) (numbers []uint64) {
	for i := range n {
		numbers = append(numbers, i)
	}
	return numbers
}

// walk is a random walk: whoever is ready is as likely as anybody else.
func walk(seed uint64) Chooser { return NewSURW(seed, nil) }

// tally counts what a strategy's seeds show of the orders of tasks of so many steps.
func tally(seeds int, steps []int, strategy func(seed uint64) Chooser, shown func(string) string) []float64 {
	counts := map[string]float64{}
	for seed := range uint64(seeds) {
		counts[shown(scheduled(strategy(seed), steps, false))]++
	}
	var cells []float64
	for _, count := range counts {
		cells = append(cells, count)
	}
	return cells
}

func whole(order string) string { return order }

// TestSURWIsUniformOverInterleavings has programs with C(8,4) = 70, C(10,2) = 45 and 6!/(1!2!3!) = 60 orders.
func TestSURWIsUniformOverInterleavings(t *testing.T) {
	const seeds = 70_000
	for _, program := range []struct {
		steps  []int
		orders int
	}{{[]int{4, 4}, 70}, {[]int{8, 2}, 45}, {[]int{1, 2, 3}, 60}} {
		var all [][]uint64
		for _, n := range program.steps {
			all = append(all, upTo(uint64(n)))
		}
		surw := func(seed uint64) Chooser { return NewSURW(seed, matter(all...)) }
		even := tally(seeds, program.steps, surw, whole)
		require.Len(t, even, program.orders)
		require.Less(t, chiSquare(even, seeds), limit(program.orders), "%v", program.steps)
		uneven := tally(seeds, program.steps, walk, whole)
		require.Greater(t, chiSquare(uneven, seeds), 20*limit(program.orders), "a walk, %v", program.steps)
	}
}

// TestSURWIsUniformOverWhatMatters has two tasks of three steps that matter, among others that do not, and
// many of these in one task alone.
func TestSURWIsUniformOverWhatMatters(t *testing.T) {
	const seeds = 40_000
	a, b := []uint64{0, 5, 11}, []uint64{1, 2, 3}
	steps := []int{12, 5}
	shown := func(order string) string {
		numbers := map[rune]uint64{}
		var kept strings.Builder
		for _, task := range order {
			if slices.Contains(map[rune][]uint64{'a': a, 'b': b}[task], numbers[task]) {
				kept.WriteRune(task)
			}
			numbers[task]++
		}
		return kept.String()
	}
	surw := func(seed uint64) Chooser { return NewSURW(seed, matter(a, b)) }
	orders := tally(seeds, steps, surw, shown)
	require.Len(t, orders, 20)
	require.Less(t, chiSquare(orders, seeds), limit(20))
	require.Greater(t, chiSquare(tally(seeds, steps, walk, shown), seeds), 20*limit(20))
}

// TestSURWLeavesNoOrderOut has counts that are wrong for the program that runs: too many, too few, none.
func TestSURWLeavesNoOrderOut(t *testing.T) {
	for _, shared := range [][]Steps{
		matter(upTo(9), upTo(1)), matter([]uint64{1}, []uint64{7}), matter(nil, upTo(3)), nil,
	} {
		surw := func(seed uint64) Chooser { return NewSURW(seed, shared) }
		require.Len(t, tally(20_000, []int{3, 3}, surw, whole), 20)
	}
}

func TestSURWDrawsAmongWhatIsShared(t *testing.T) {
	shared := slices.Concat(matter(upTo(4), upTo(4)), matter(nil, upTo(2)), matter(upTo(1)))
	drawn := map[int]int{}
	for seed := range uint64(3000) {
		total := 0
		for _, numbers := range NewSURW(seed, shared).matter {
			total += len(numbers)
		}
		drawn[total]++
	}
	require.Len(t, drawn, 3)
	for total, times := range drawn {
		require.InDelta(t, 1000, times, 120, "%d steps", total)
	}
}
