package windtunnel_test

import (
	"go/ast"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/simvet"
)

// runsInAWorld tells which of our files the determinism rules hold: core, but for the folders that put a real
// library behind a seam (core/load/http); the scenarios and the examples; and those files of sim that say so.
func runsInAWorld(packagePath string, file *ast.File) bool {
	folders := strings.Split(strings.TrimPrefix(packagePath, module+"/"), "/")
	switch folders[0] {
	case "core":
		return len(folders) <= 2
	case "scenarios", "examples":
		return true
	}
	return simvet.InWorld(file)
}

func TestWhatRunsInAWorldAsksOnlyTheWorld(t *testing.T) {
	judged := 0
	config := simvet.Config{Held: func(packagePath string, file *ast.File) bool {
		held := runsInAWorld(packagePath, file)
		if held {
			judged++
		}
		return held
	}}
	for _, folder := range []string{"core", "sim", "scenarios", "examples"} {
		if _, err := os.Stat(folder); err == nil {
			config.Patterns = append(config.Patterns, "./"+folder+"/...")
		}
	}
	findings, err := simvet.Packages(config)
	if err != nil {
		t.Error(err)
	}
	require.NotZero(t, judged)
	for _, f := range findings {
		t.Error(f)
	}
}
