package simtest

import (
	"os"
	"testing"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// twinRequest tells whether this process was started as another one's twin.
func twinRequest(t *testing.T) (explore.TwinRequest, bool) {
	t.Helper()
	request, is, err := explore.TwinRequested()
	if err != nil {
		t.Fatal(err)
	}
	return request, is
}

// serve answers a twin's request, if it is for this scenario, and ends the process: what comes after a
// check in its test expects the results of a search.
func serve(t *testing.T, request explore.TwinRequest, scenario explore.Scenario) {
	t.Helper()
	if request.Scenario != scenario.Name {
		return
	}
	if err := request.Serve(scenario.Body); err != nil {
		t.Fatal(err)
	}
	os.Exit(0)
}

// elsewhere compares the first seeds of a scenario with another process.
func (s suite) elsewhere(t *testing.T, i int, scenario explore.Scenario) []string {
	t.Helper()
	strategy, err := s.options.strategy()
	if err != nil {
		t.Fatal(err)
	}
	seeds := make([]uint64, s.options.Elsewhere)
	for n := range seeds {
		seeds[n] = explore.SeedAt(s.options.Base, n)
	}
	diverged, err := explore.Elsewhere(t.Context(), twinArgs(s.test(t, i)), scenario, strategy, seeds)
	switch {
	case err != nil:
		return []string{err.Error() + "\n"}
	case diverged != nil:
		return []string{s.diverged(t, i, diverged)}
	}
	return nil
}

// twinArgs lead the test binary to a test's twin request.
func twinArgs(test string) []string {
	return []string{"-test.run=" + runPattern(test), "-test.count=1"}
}
