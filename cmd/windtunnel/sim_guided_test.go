package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a guided campaign keeps is where the next one begins, whichever scenarios that has.
func TestGuidedCampaignIsGoneOnWith(t *testing.T) {
	out := t.TempDir()
	path := filepath.Join(out, "guided.jsonl")
	lines := func(scenario string) int {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		return strings.Count(string(text), `{"scenario":"`+scenario+`","plan":[{"seed":`)
	}
	sim := func(args ...string) string {
		code, out, problems := windtunnel(t, append([]string{"sim", "--out", out}, args...)...)
		require.Zero(t, code, "%s%s", out, problems)
		return out
	}
	said := sim("two-takers", "one-job-fails", "--strategy", "guided", "--seeds", "60")
	require.Contains(t, said, "; 0 runs of earlier campaigns again; ")
	takers, entries := lines("two-takers"), lines("one-job-fails")
	require.Positive(t, takers)
	require.Positive(t, entries)

	sim("two-takers", "--seeds", "4") // which has nothing to do with it
	said = sim("two-takers", "--strategy", "guided", "--seeds", "4")
	require.Contains(t, said, "; 4 runs of earlier campaigns again; 0 runs of fresh seeds ")
	require.GreaterOrEqual(t, lines("two-takers"), takers-4, "those that had no turn stay")
	require.Equal(t, entries, lines("one-job-fails"))

	text, err := os.ReadFile(path)
	require.NoError(t, err)
	broken := slices.Concat(text, []byte("{\"scenario\":\"two-takers\"}\n"))
	require.NoError(t, os.WriteFile(path, broken, 0o644))
	code, _, problems := windtunnel(t, "sim", "two-takers", "--strategy", "guided", "--out", out)
	require.Equal(t, 2, code)
	require.Regexp(t, `guided\.jsonl:\d+: it needs a scenario and a plan; mend the line or remove it\n$`,
		problems)
	left, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, broken, left, "nothing is lost")
}
