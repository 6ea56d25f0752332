package simtest

import (
	"testing"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// FuzzCheck runs body on the seeds that go test's fuzzer makes up. Bytes become a seed and nothing else: a
// byte a choice would spend the fuzzer's wits on choices that do not matter.
func FuzzCheck(f *testing.F, body func(r *check.Run)) {
	f.Helper()
	f.Add([]byte("1"))
	scenario := check.Scenario(f.Name(), body)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := suite{
			options:   Options{Base: seedOf(data), Seeds: 1, Parallel: 1, TwinEvery: -1},
			scenarios: []explore.Scenario{scenario},
		}
		findings := make([]finding, 1)
		s.campaign(t, []int{0}, findings)
		findings[0].tell(t)
	})
}

// seedOf makes bytes a seed. It stays below 2^53, as SeedAt's seeds do.
func seedOf(data []byte) uint64 { return choice.HashString(0, string(data)) >> 11 }
