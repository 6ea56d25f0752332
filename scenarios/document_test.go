package scenarios_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/scenarios"
	"github.com/windtunnel/windtunnel/sim/mutate"
)

var write = flag.Bool("write", false, "write SCENARIOS.md instead of comparing it")

const document = "../SCENARIOS.md"

func TestScenariosDocumentIsFresh(t *testing.T) {
	mutants, err := mutate.Load(filepath.Join("..", "testdata", "mutants"))
	require.NoError(t, err)
	want := scenarios.Document(scenarios.All(), func(id string) (names []string) {
		for _, m := range mutants {
			if m.Scenario == id {
				names = append(names, m.ID)
			}
		}
		return names
	})
	if *write {
		require.NoError(t, os.WriteFile(document, []byte(want), 0o644))
		return
	}
	have, err := os.ReadFile(document)
	require.NoError(t, err)
	was, is := strings.Split(string(have), "\n"), strings.Split(want, "\n")
	for i := range min(len(was), len(is)) {
		require.Equal(t, is[i], was[i], "SCENARIOS.md is stale from line %d on: run make generate", i+1)
	}
	require.Len(t, was, len(is), "SCENARIOS.md is stale: run make generate")
}

func TestScenariosDocumentNamesEverything(t *testing.T) {
	all := scenarios.All()
	text := scenarios.Document(all, nil)
	for _, s := range all {
		assert.Contains(t, text, "### "+s.ID+"\n")
		for _, name := range append(s.Sometimes, s.Invariants...) {
			assert.Contains(t, strings.Join(strings.Fields(text), " "), name, s.ID)
		}
	}
	for line := range strings.Lines(text) {
		assert.LessOrEqual(t, len(line), 180, line)
	}
}
