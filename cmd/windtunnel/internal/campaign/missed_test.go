package campaign

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/mutate"
)

const root = "../../../.."

// What is claimed rests on figures that were measured: those of BENCHMARKS.md, of mutants that are there.
func TestDifficultiesAreThoseOfTheBenchmarks(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "BENCHMARKS.md"))
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(text), "\n## Strategies, on the mutants\n")
	require.True(t, ok)
	_, section, ok = strings.Cut(section, "| mutant | "+measuredStrategy+" |")
	require.True(t, ok)
	table, _, _ := strings.Cut(section, "\n\n")
	column := map[string]int{}
	for _, line := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(line, "|")
		column[strings.TrimSpace(cells[1])], err = strconv.Atoi(strings.TrimSpace(cells[2]))
		require.NoError(t, err, line)
	}
	mutants, err := mutate.Load(filepath.Join(root, "testdata", "mutants"))
	require.NoError(t, err)
	scenarios := map[string]string{}
	for _, m := range mutants {
		scenarios[m.ID] = m.Scenario
	}
	require.Len(t, difficulties, len(column))
	for _, d := range difficulties {
		require.Equal(t, column[d.mutant], d.schedules, d.mutant)
		require.Equal(t, scenarios[d.mutant], d.scenario, d.mutant)
	}
}
