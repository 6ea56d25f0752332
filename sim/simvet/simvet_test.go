package simvet

import (
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis/analysistest"
)

func TestEveryBanHasACause(t *testing.T) {
	for _, b := range slices.Concat(bannedSymbols(), bannedImports()) {
		finding := Finding{Message: b.message(b.symbol)}
		if !slices.Contains([]string{"runtime.Goexit", "runtime.ReadMemStats"}, b.symbol) {
			require.NotEmpty(t, finding.Cause(), b.symbol)
		}
	}
}

func TestEachPlantedThingIsNamedWithItsReplacement(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), Analyzer, "planted")
}

func TestARangeOverAMapMayOnlyGather(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), Analyzer, "maps1")
}

func TestPackageVariablesThatNobodyWritesMayStay(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), Analyzer, "vars")
}

func TestAnExceptionNeedsAReasonAndSomethingToExcuse(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), Analyzer, "excused")
}

// Every row of the tables must be planted, or a typing mistake in a symbol would ban nothing.
func TestEveryBanIsPlanted(t *testing.T) {
	planted, err := os.ReadFile(filepath.Join("testdata", "src", "planted", "symbols.go"))
	require.NoError(t, err)
	for _, b := range bannedSymbols() {
		if strings.HasPrefix(b.symbol, "log/slog.") || strings.HasSuffix(b.symbol, ".*") {
			continue // one stands for its family
		}
		symbol := strings.NewReplacer("(", `\(`, ")", `\)`, "*", `\*`).Replace(b.symbol)
		symbol = strings.TrimPrefix(symbol, "google.golang.org/protobuf/")
		require.Contains(t, string(planted), "want `"+symbol, "plant %s in testdata/src/planted", b.symbol)
	}
}

func TestPackagesJudgesTheHeldFilesOfAModule(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/m\n\ngo 1.26\n")
	write(t, dir, "free/a.go", "package free\n\nimport \"time\"\n\nvar Start = time.Now()\n")
	write(t, dir, "part/world.go", "//simvet:world\n\npackage part\n\nfunc f() { go f() }\n")
	write(t, dir, "part/shell.go", "package part\n\nfunc g() { go g() }\n")

	all, err := Packages(Config{Dir: dir})
	require.NoError(t, err)
	require.Len(t, all, 4)
	require.Contains(t, all[0].String(), "package variable Start: use ")
	require.Equal(t, filepath.Join("free", "a.go")+":5:5", all[0].Position.String())

	ofWorld := func(path string, f *ast.File) bool {
		require.Equal(t, "example.com/m/part", path)
		return InWorld(f)
	}
	held, err := Packages(Config{Dir: dir, Patterns: []string{"./part"}, Held: ofWorld})
	require.NoError(t, err)
	require.Len(t, held, 1)
	require.Equal(t, "world.go", filepath.Base(held[0].Position.Filename))
	require.Equal(t, "go statement: use env.Go: "+goScheduler, held[0].Message)
}

func TestPackagesSaysWhatDoesNotCompileAndJudgesTheRest(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/m\n\ngo 1.26\n")
	write(t, dir, "broken/a.go", "package broken\n\nfunc f() { undefined() }\n")
	write(t, dir, "whole/a.go", "package whole\n\nfunc f() { go f() }\n")

	findings, err := Packages(Config{Dir: dir})
	require.ErrorContains(t, err, "simvet: load example.com/m/broken: ")
	require.Len(t, findings, 1)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}
