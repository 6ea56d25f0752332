package campaign

import (
	"flag"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/mutate"
)

const root = "../../../.."

var write = flag.Bool("write", false, "write difficulties.go instead of comparing it")

// What is claimed rests on figures that were measured: those of SCORE.md, of mutants that are there.
func TestDifficultiesAreThoseOfTheScore(t *testing.T) {
	folder := filepath.Join(root, "testdata", "mutants")
	page, err := os.Open(filepath.Join(folder, "SCORE.md"))
	require.NoError(t, err)
	defer func() { require.NoError(t, page.Close()) }()
	record, err := mutate.ReadRecord(page)
	require.NoError(t, err)
	mutants, err := mutate.Load(folder)
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString("// Code generated from testdata/mutants/SCORE.md. DO NOT EDIT.\n\npackage campaign\n\n")
	b.WriteString("var difficulties = []measured{\n")
	for _, m := range mutants {
		if median := record[m.ID].Median; m.Scenario != "" && m.Package == "" && median > 0 {
			fmt.Fprintf(&b, "\t{%q, %q, %d},\n", m.Scenario, m.ID, median)
		}
	}
	b.WriteString("}\n")
	want, err := format.Source([]byte(b.String()))
	require.NoError(t, err)
	if *write {
		require.NoError(t, os.WriteFile("difficulties.go", want, 0o600))
		return
	}
	got, err := os.ReadFile("difficulties.go")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "go generate ./... writes it")
}
