package simtest

import (
	"testing"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// FuzzCheck runs body on the schedules that go test's fuzzer makes up. Bytes become a seed and a few
// deviations from it; a byte a choice would spend the fuzzer's wits on choices that do not matter.
func FuzzCheck(f *testing.F, body func(r *check.Run)) {
	f.Helper()
	f.Add([]byte{1})
	scenario := check.Scenario(f.Name(), body)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := suite{scenarios: []explore.Scenario{scenario}}
		if *given.replay != "" {
			s.replay(t)
			return
		}
		reports, err := fuzzed(scenario, data).Explore(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		wrong, _ := s.wrong(t, 0, reports[0])
		finding{wrong: wrong}.tell(t)
	})
}

// fuzzed is a campaign of the one schedule that data means.
func fuzzed(scenario explore.Scenario, data []byte) explore.Campaign {
	seed, deviations := explore.FromBytes(data)
	return explore.Campaign{
		Scenarios: []explore.Scenario{scenario}, Base: seed, Seeds: 1, Parallel: 1, TwinEvery: -1,
		Strategy: deviating(deviations),
	}
}

func deviating(deviations []explore.Deviation) explore.Strategy {
	return explore.Strategy{Name: "random with deviations", New: func(seed uint64) choice.Chooser {
		return explore.Deviate(choice.NewSeeded(seed), deviations)
	}}
}
