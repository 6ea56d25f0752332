package explore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/sim/explore"
)

func partly() explore.Report {
	return explore.Report{
		Scenario: "s", Runs: 7, Virtual: time.Second,
		Reached:    []explore.Count{{Name: "a", Times: 3}, {Name: "nobody asked", Times: 1}},
		Faults:     []explore.Fault{{Kind: "cut", Injected: 4}, {Kind: "loss", Injected: 2, Biting: 1}},
		Eventually: []explore.Eventual{{Name: "progress", Excused: 5, Early: 2}},
	}
}

var demanded = explore.Demands{
	Sometimes: []string{"a", "b"}, Faults: []string{"cut", "crash", "loss"},
}

func TestUnmetIsWhatNeverOccurredBitOrWasJudged(t *testing.T) {
	assert.Equal(t, []string{
		`"b" was never reached`,
		`fault "cut" never did anything: injected 4 times, bit 0`,
		`fault "crash" never did anything: injected 0 times, bit 0`,
		`"progress" was never judged: held in 0 runs, excused in 5, not yet due at the end of 2`,
	}, demanded.Unmet(partly()))

	rest := explore.Report{
		Scenario: "s", Runs: 3, Virtual: time.Second,
		Reached:    []explore.Count{{Name: "b", Times: 1}},
		Faults:     []explore.Fault{{Kind: "crash", Injected: 1, Biting: 1}, {Kind: "cut", Biting: 2}},
		Eventually: []explore.Eventual{{Name: "progress", Held: 1, Early: 2}},
	}
	both := partly().And(rest)
	assert.Empty(t, demanded.Unmet(both))
	assert.Equal(t, 10, both.Runs)
	assert.Equal(t, 2*time.Second, both.Virtual)
	assert.Equal(t, []explore.Eventual{{Name: "progress", Held: 1, Excused: 5, Early: 4}}, both.Eventually)
}

func TestDemandsAreTold(t *testing.T) {
	silent := explore.Report{Scenario: "nothing to tell", Runs: 9}
	told := explore.TellDemands([]explore.Report{silent, partly()}, []explore.Demands{{}, demanded})
	assert.Equal(t, `s, 7 runs
  reached       a 3
  never         b
  injected/bit  cut 4/0, loss 2/1, crash 0/0
  eventually    progress: held in 0 runs, excused in 5, not yet due at the end of 2
`, told)

	long := explore.Demands{Sometimes: []string{strings.Repeat("x", 60), strings.Repeat("y", 60)}}
	told = explore.TellDemands([]explore.Report{partly()}, []explore.Demands{long})
	assert.Regexp(t, `(?m)^  never         x+,\n                y+$`, told)
}
