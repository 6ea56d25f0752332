package gate

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
)

// quiet is a bell that nobody hears.
type quiet struct{ core.Signal }

// line makes a start of a job of its own.
func line(order uint64, priority uint32, cores uint32, datacenters ...string) *start {
	j := &job{id: string(rune('a' + order)), order: order}
	return &start{
		job: j, workflow: "wf", order: order, priority: priority, cores: cores, datacenters: datacenters,
		bell: quiet{},
	}
}

// roomy is a place where every datacenter has four cores.
func roomy(string) (uint32, bool) { return 4, true }

func begun(q *queue) (jobs string) {
	for _, s := range q.starts {
		if s.begun {
			jobs += s.job.id
		}
	}
	return jobs
}

func TestStartsGoByPriorityAndThenByAcceptance(t *testing.T) {
	q := &queue{}
	for _, s := range []*start{line(0, 0, 1, "x"), line(1, 5, 1, "x"), line(2, 5, 1, "x")} {
		q.add(s)
	}
	for _, want := range []string{"b", "c", "a"} {
		q.judge(roomy)
		require.Equal(t, want, begun(q))
		q.remove(q.starts[0])
	}
}

func TestWhatWaitsForRoomIsNotOvertaken(t *testing.T) {
	large, small, elsewhere := line(0, 0, 4, "x", "y"), line(1, 0, 1, "y"), line(2, 0, 1, "z")
	large.busy = true
	q := &queue{starts: []*start{large, small, elsewhere}}
	q.judge(roomy)
	require.Equal(t, "ac", begun(q))
	require.Equal(t, []wait{waitRoom, waitTurn, waitNothing}, []wait{large.why, small.why, elsewhere.why})
	require.Equal(t, []uint32{1, 2, 0}, []uint32{large.place, small.place, elsewhere.place})
}

func TestWhatCannotGoHoldsNobodyUp(t *testing.T) {
	absent, large, small := line(0, 0, 1, "x", "gone"), line(1, 0, 9, "x"), line(2, 0, 1, "x")
	q := &queue{starts: []*start{absent, large, small}}
	q.judge(func(dc string) (uint32, bool) { return 4, dc != "gone" })
	require.Equal(t, "c", begun(q))
	require.Equal(t, []wait{waitPlace, waitPlace, waitNothing}, []wait{absent.why, large.why, small.why})
}

func TestOneThatHoldsCoresIsNotOvertakenAndOneThatDoesNotIs(t *testing.T) {
	for _, firm := range []bool{true, false} {
		low, high := line(0, 0, 1, "x"), line(1, 9, 1, "x")
		q := &queue{starts: []*start{low}}
		q.judge(roomy)
		low.firm = firm
		q.add(high)
		q.judge(roomy)
		require.Equal(t, firm, low.begun)
		require.Equal(t, !firm, high.begun)
	}
}

func TestATargetIsOneJobsUnlessBothShare(t *testing.T) {
	for _, c := range []struct {
		first, second bool
		both          bool
	}{{false, false, false}, {true, false, false}, {false, true, false}, {true, true, true}} {
		a, b := line(0, 0, 1, "x"), line(1, 0, 1, "y")
		a.job.targets, b.job.targets = []string{"http://t"}, []string{"http://u", "http://t"}
		a.job.spec.ShareTarget, b.job.spec.ShareTarget = c.first, c.second
		q := &queue{starts: []*start{a, b}}
		q.judge(roomy)
		require.Equal(t, c.both, b.begun, "%+v", c)
		q.remove(a) // it runs
		q.judge(roomy)
		require.Equal(t, c.both, b.begun, "%+v", c)
		q.release(a.job)
		_, taken := q.judge(roomy)
		require.True(t, b.begun)
		if !c.both {
			require.Len(t, taken, 2)
			require.Equal(t, waitNothing, b.why)
		}
	}
}

// Whatever comes and goes: who has begun never competes with one before it that could go, places count
// those who wait, and no target is two jobs' that do not share it.
func TestTheQueueKeepsItsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, order := &queue{}, uint64(0)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				places := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"x", "y", "z"}), 1, 3, rapid.ID).
					Draw(t, "places")
				s := line(order, rapid.Uint32Range(0, 2).Draw(t, "priority"),
					rapid.Uint32Range(1, 5).Draw(t, "cores"), places...)
				s.job.targets = []string{rapid.SampledFrom([]string{"t", "u"}).Draw(t, "target")}
				s.job.spec = protocol.JobSpec{ShareTarget: rapid.Bool().Draw(t, "shares")}
				order++
				q.add(s)
			},
			"hold": func(t *rapid.T) {
				for _, s := range q.starts {
					s.firm = s.firm || s.begun && rapid.Bool().Draw(t, "firm")
				}
			},
			"leave": func(t *rapid.T) {
				if len(q.starts) == 0 {
					return // nobody is there
				}
				s := rapid.SampledFrom(q.starts).Draw(t, "who")
				q.remove(s)
				q.release(s.job)
			},
			"": func(t *rapid.T) {
				q.judge(roomy)
				place := uint32(0)
				for i, s := range q.starts {
					if s.why != waitNothing {
						place++
						require.Equal(t, place, s.place)
					}
					for _, before := range q.starts[:i] {
						first := before.begun || before.why == waitTurn
						same := slices.ContainsFunc(s.datacenters, func(dc string) bool {
							return slices.Contains(before.datacenters, dc)
						})
						apart := s.job.targets[0] == before.job.targets[0] &&
							!(s.job.spec.ShareTarget && before.job.spec.ShareTarget)
						require.False(t, s.begun && !s.firm && first && (same || apart),
							"%s goes before %s", s.job.id, before.job.id)
					}
				}
				for i, h := range q.holds {
					for _, g := range q.holds[:i] {
						require.False(t, g.job != h.job && g.target == h.target && !(g.shared && h.shared))
					}
				}
			},
		})
	})
}

// However many wait, each is judged by what it needs itself.
func BenchmarkAQueueOfThousands(b *testing.B) {
	q := &queue{}
	for i := range 5000 {
		s := line(uint64(i), uint32(i%3), 1, "x", "y")
		s.job.targets = []string{"http://t"}
		q.add(s)
	}
	for b.Loop() {
		q.judge(roomy)
	}
}
