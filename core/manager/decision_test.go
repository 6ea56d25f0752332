package manager

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

func TestCoresAreAllocatedAllOrNothingAndNeverOverWhatIsFree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all members
		room := uint32(0)
		for i := range rapid.IntRange(0, 5).Draw(t, "workers") {
			x := &member{name: "w" + string(rune('1'+i)), incarnation: uint64(i + 1), cores: 4,
				held:    rapid.Uint32Range(0, 6).Draw(t, "held"),
				leaving: rapid.IntRange(0, 4).Draw(t, "leaving") == 0,
				health:  rapid.SampledFrom([]health{live, live, suspected, dead}).Draw(t, "health")}
			if x.takes() {
				room += x.free()
			}
			all = append(all, x)
		}
		asked := rapid.Uint32Range(1, 24).Draw(t, "cores")
		shards := all.allocate(asked)
		if asked > room {
			require.Nil(t, shards)
			return
		}
		got, most := uint32(0), uint32(0)
		for i, s := range shards {
			x := all.find(s.Worker)
			require.Equal(t, live, x.health)
			require.False(t, x.leaving)
			require.LessOrEqual(t, s.Cores, x.free())
			require.NotZero(t, s.Cores)
			require.Equal(t, x.incarnation, s.Incarnation)
			require.Equal(t, uint32(i), s.Shard)
			got, most = got+s.Cores, max(most, s.Cores)
		}
		require.Equal(t, asked, got)
		for _, x := range all { // as wide as it can be: who has less than the most has no more
			held := uint32(0)
			for _, s := range shards {
				if s.Worker == x.name {
					held = s.Cores
				}
			}
			require.True(t, !x.takes() || held == x.free() || held+1 >= most)
		}
	})
}

func TestAWorkersHealthByItsSilence(t *testing.T) {
	c := DefaultConfig() // suspected 3 s, dead 10 s, grace 5 s, margin 10 %
	for _, s := range []struct {
		silence time.Duration
		want    health
		giveUp  bool
		until   time.Duration
	}{
		{0, live, false, 3 * time.Second},
		{3*time.Second - 1, live, false, 1},
		{3 * time.Second, suspected, false, 7 * time.Second},
		{10*time.Second - 1, suspected, false, 1},
		{10 * time.Second, dead, false, 6500 * time.Millisecond},
		{15 * time.Second, dead, false, 1500 * time.Millisecond},
		{16500*time.Millisecond - 1, dead, false, 1},
		{16500 * time.Millisecond, dead, true, 0},
		{time.Hour, dead, true, 0},
	} {
		got, giveUp := c.healthAt(s.silence)
		require.Equal(t, s.want, got, "%v", s.silence)
		require.Equal(t, s.giveUp, giveUp, "%v", s.silence)
		require.Equal(t, s.until, c.untilWorse(s.silence), "%v", s.silence)
	}
}

func TestAHintIsOfWhatEveryAttemptHasReported(t *testing.T) {
	running := func(through int64) *attempt { return &attempt{reported: true, through: through} }
	final := func(through int64) *attempt {
		return &attempt{reported: true, through: through, final: true, over: true}
	}
	for _, c := range []struct {
		name     string
		attempts []*attempt
		want     int64
		ok       bool
	}{
		{"nobody", nil, 0, false},
		{"one has said nothing", []*attempt{running(5), {}}, 0, false},
		{"the window in which it is may get more", []*attempt{running(5)}, 4, true},
		{"the slowest counts", []*attempt{running(5), running(3)}, 2, true},
		{"one that said all holds nothing up", []*attempt{running(5), final(2)}, 4, true},
		{"all said all", []*attempt{final(5), final(7)}, 7, true},
		{"a lost one is not waited for", []*attempt{running(5), {over: true}}, 4, true},
		{"nor is one that was lost after it had reported",
			[]*attempt{running(5), {over: true, reported: true, through: 1}},
			4, true},
		{"one that ended, with its last entry on the way, is", []*attempt{running(5),
			{over: true, told: true, reported: true, through: 2}}, 1, true},
		{"also when nothing of it came yet", []*attempt{running(5), {over: true, told: true}}, 0, false},
		{"nor one that waits for another to run the rest",
			[]*attempt{running(5), {heir: &heir{}, reported: true, through: 1}}, 4, true},
		{"only lost ones", []*attempt{{over: true}}, 0, false},
	} {
		j := &job{shares: []*share{{attempts: c.attempts}}}
		got, ok := j.completeThrough()
		require.Equal(t, c.ok, ok, c.name)
		if ok {
			require.Equal(t, c.want, got, c.name)
		}
	}
}

func TestReportsWaitForCompanyButFinalOnesDoNot(t *testing.T) {
	one := []protocol.Report{{}}
	for _, c := range []struct {
		name   string
		buffer buffer
		want   time.Duration
	}{
		{"nothing there", buffer{}, core.Forever},
		{"one waits", buffer{reports: one, due: 120}, 20},
		{"it waited long enough", buffer{reports: one, due: 90}, -10},
		{"a final entry does not wait", buffer{reports: one, due: 120, urgent: true}, 0},
		{"one relay at a time", buffer{reports: one, urgent: true, sending: true}, core.Forever},
	} {
		require.Equal(t, c.want, c.buffer.untilFlush(100), c.name)
	}
	require.Equal(t, 0.25, (&buffer{entries: 16}).fill(Config{RelayBuffer: 64}))
}

func TestHowAShareEndedFromItsAttempts(t *testing.T) {
	for _, c := range []struct {
		name  string
		ends  []protocol.EndState
		want  protocol.EndState
		error string
	}{
		{"all completed", []protocol.EndState{protocol.EndCompleted, protocol.EndCompleted},
			protocol.EndCompleted, ""},
		{"one lost, and nobody ran the rest", []protocol.EndState{protocol.EndCompleted, protocol.EndLost},
			protocol.EndStopped, "worker b lost: reason b"},
		{"one was cut off, ditto", []protocol.EndState{protocol.EndCutOff, protocol.EndCompleted},
			protocol.EndStopped, "worker a cut off: reason a"},
		{"all lost", []protocol.EndState{protocol.EndLost, protocol.EndLeft}, protocol.EndLost,
			"worker a lost: reason a"},
		{"one failed", []protocol.EndState{protocol.EndCompleted, protocol.EndFailed}, protocol.EndFailed,
			"reason b"},
		{"one was stopped", []protocol.EndState{protocol.EndStopped, protocol.EndCompleted},
			protocol.EndStopped, "reason a"},
		{"failing is worse", []protocol.EndState{protocol.EndFailed, protocol.EndStopped},
			protocol.EndFailed, "reason a"},
	} {
		s := &share{job: &job{id: "j"}, workflow: protocol.WorkflowSpec{Name: "wf"}}
		for i, end := range c.ends {
			s.attempts = append(s.attempts, &attempt{
				end: end, reason: "reason " + string(rune('a'+i)),
				shard:    protocol.Shard{Worker: string(rune('a' + i))},
				provided: []load.Value{{Name: "n", Value: string(rune('a' + i))}},
				stream:   stats.Stream{Shard: uint32(i), Attempt: 1},
			})
		}
		got := s.describe("dc")
		require.Equal(t, c.want, got.State, c.name)
		require.Equal(t, c.error, got.Error, c.name)
		require.Len(t, got.Attempts, len(c.ends))
		require.Equal(t, []load.Value{{Name: "n", Value: "a"}}, got.Provided, "of the first that has it")
	}
}

func TestWhatBecomesOfAClosedAttempt(t *testing.T) {
	next, final := protocol.StreamClosed{Next: true}, protocol.StreamClosed{Final: true, Next: true}
	for _, c := range []struct {
		name   string
		end    protocol.EndState
		told   bool
		closed protocol.StreamClosed
		want   protocol.EndState
		next   bool
	}{
		{"its worker was lost", protocol.EndLost, false, next, protocol.EndLost, true},
		{"or left", protocol.EndLeft, false, next, protocol.EndLeft, true},
		{"nobody may follow", protocol.EndLost, false, protocol.StreamClosed{}, protocol.EndLost, false},
		{"it had said all", protocol.EndLost, false, final, protocol.EndCompleted, false},
		{"and told so", protocol.EndStopped, true, final, protocol.EndStopped, false},
		{"it had ended, and its last entry is lost", protocol.EndCompleted, true, next, protocol.EndLost,
			false},
		{"it could not be run", protocol.EndFailed, false, next, protocol.EndFailed, false},
		{"its job had ended", protocol.EndStopped, false, next, protocol.EndStopped, false},
	} {
		end, follows := afterClose(c.end, c.told, c.closed)
		require.Equal(t, c.want, end, c.name)
		require.Equal(t, c.next, follows, c.name)
	}
}

func TestTheWorkerWithTheMostFreeCoresTakesOver(t *testing.T) {
	all := members{
		{name: "a", cores: 2, health: live}, {name: "b", cores: 4, held: 1, health: live},
		{name: "c", cores: 3, health: live}, {name: "d", cores: 9, health: suspected},
		{name: "e", cores: 9, health: live, leaving: true},
	}
	require.Equal(t, "b", all.spare().name, "by name among equals")
	all[1].held = 4
	require.Equal(t, "c", all.spare().name)
	all[0].held, all[2].held = 2, 5
	require.Nil(t, all.spare())
}

func TestALaterAttemptRunsWhatIsLeftWhenItIsAsked(t *testing.T) {
	j := &job{}
	j.extend(100 * second)
	a := &attempt{share: &share{job: j}, shard: protocol.Shard{Plan: load.Plan{Duration: 20 * time.Second}}}
	a.began = 5 * second
	require.Zero(t, a.request(12*second).Elapsed, "the first one runs all of it")
	a.later = true
	require.Equal(t, 7*time.Second, a.request(12*second).Elapsed)
	require.Equal(t, 88*time.Second, a.request(12*second).Deadline)
	require.Equal(t, 20*time.Second, a.request(99*second).Elapsed, "nothing is left")
}

const second = core.Instant(time.Second)

func TestStatementsAreEqualWhateverTheirSendNumber(t *testing.T) {
	a := protocol.Result{Job: "j", Count: 1, Send: 1}
	b := a
	b.Send = 2
	require.True(t, equal(a, b))
	b.State = protocol.EndLost
	require.False(t, equal(a, b))
}

func TestShardsGetThePlanInProportionToTheirCores(t *testing.T) {
	w := protocol.WorkflowSpec{Plan: load.Plan{Rate: load.PerSecond(40), Duration: time.Second}}
	shards := []protocol.Shard{{Cores: 1}, {Cores: 3}}
	require.NoError(t, planShards(w, shards))
	require.Equal(t, uint64(10), shards[0].Plan.Arrivals())
	require.Equal(t, uint64(30), shards[1].Plan.Arrivals())
	w.Plan.Shares = make([]load.Share, load.MaxShares)
	require.Error(t, planShards(w, shards))
}

func TestConfigNamesTheFieldThatIsOutOfBounds(t *testing.T) {
	good := DefaultConfig()
	good.Datacenter, good.Gate = "dc", "g:1"
	require.NoError(t, good.validate())
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Gate = "" },
			`manager: datacenter "dc", listen "127.0.0.1:0" and gate "" must all be set`},
		{func(c *Config) { c.Dead = time.Second }, "manager: dead is 1s, must be 3s to 10m0s"},
		{func(c *Config) { c.Margin = -1 }, "manager: margin is -1, must be 0 to 100"},
		{func(c *Config) { c.RelayBuffer = 255 }, "manager: relay buffer is 255, must be 256 to 1000000"},
	} {
		config := good
		c.change(&config)
		require.EqualError(t, config.validate(), c.want)
	}
}
