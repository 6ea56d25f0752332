package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func mutants(t *testing.T, args ...string) (code int, out, problems string) {
	t.Helper()
	var o, p strings.Builder
	args = append([]string{"-root=../testdata/toy", "-package=./bank", "-quick"}, args...)
	code = run(t.Context(), args, &o, &p)
	return code, o.String(), p.String()
}

func TestTheExitCodeSaysWhetherAllWereCaught(t *testing.T) {
	code, out, _ := mutants(t, "-dir=../mutants", "tested")
	require.Equal(t, 0, code)
	require.Contains(t, out, "\n1 of 1 caught, 0 blunt\n")

	code, out, problems := mutants(t, "-dir=../mutants", "gone")
	require.Equal(t, 1, code)
	require.Contains(t, out, "\ngone: does not apply: ")
	require.Equal(t, "gone: does not apply\n", problems)

	code, _, problems = mutants(t, "-dir=../mutants", "nobody")
	require.Equal(t, 2, code)
	require.Contains(t, problems, "mutants: no nobody in ")

	code, _, _ = mutants(t, "-dir=nowhere")
	require.Equal(t, 2, code)
	code, _, _ = mutants(t, "-nonsense")
	require.Equal(t, 2, code)
	code, _, problems = mutants(t, "-strategies", "random,luck")
	require.Equal(t, 2, code)
	require.Contains(t, problems, `mutants: -strategies: unknown strategy "luck"; there are random, `)
}

func TestRefreshRewritesTheFileForReview(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o600))
	}
	write("a.go", "package a\n\nfunc count() { n := 1; _ = n + 2 }\n")
	write("m.txtar", "id: m\nwhat: w\ntest: . TestX\n"+
		"-- file --\na.go\n-- func --\nsum\n-- old --\n_ = n + 2\n-- new --\n_ = n\n")
	code, out, problems := mutants(t, "-root="+root, "-dir=.", "-refresh")
	require.Equal(t, 0, code, problems)
	require.Contains(t, out, "m.txtar: rewritten")
	text, err := os.ReadFile(filepath.Join(root, "m.txtar"))
	require.NoError(t, err)
	require.Contains(t, string(text), "-- func --\ncount\n")
}
