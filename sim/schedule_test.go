package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestScheduleGivesTheEarliestOfWhatIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s schedule
		var model []item
		arrival := uint64(0)
		take := func(t *rapid.T) {
			if len(model) == 0 {
				return
			}
			first := slices.MinFunc(model, func(a, b item) int {
				if a.before(&b) {
					return -1
				}
				return 1
			})
			require.Equal(t, first, *s.first())
			require.Equal(t, first, s.pop())
			model = slices.DeleteFunc(model, func(it item) bool { return it.ticket == first.ticket })
		}
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				arrival++
				it := item{
					due:    time.Duration(rapid.IntRange(0, 5).Draw(t, "due")),
					order:  uint64(rapid.IntRange(0, 3).Draw(t, "rank"))<<48 | arrival,
					ticket: &ticket{},
				}
				model = append(model, it)
				s.push(it)
			},
			"pop": take,
			"cancel some": func(t *rapid.T) {
				for i := range model {
					if rapid.Bool().Draw(t, "cancel") {
						model[i].ticket.gen = 1
					}
				}
				s.stale = len(s.items) // as if most were stale: sweep at once
				if len(s.items) >= 64 {
					s.sweep()
				} else {
					s.stale = 64
					s.sweep()
				}
				model = slices.DeleteFunc(model, func(it item) bool { return it.ticket.gen == 1 })
			},
			"": func(t *rapid.T) {
				if len(model) == 0 {
					require.Nil(t, s.first())
				}
			},
		})
	})
}

func TestCancelledTimersDoNotPileUp(t *testing.T) {
	w := NewWorld(Config{})
	tickets := make([]ticket, 10_000)
	for i := range tickets {
		tickets[i].fires = firingFunc(func() {})
		w.atRank(&tickets[i], time.Hour, 0, 0)
		w.cancel(&tickets[i])
		require.Less(t, len(w.schedule.items), 200)
	}
}
