//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// workflow is what the tests read of a workflow.
type workflow struct {
	Jobs map[string]struct {
		Steps []struct {
			Uses string            `yaml:"uses"`
			Run  string            `yaml:"run"`
			With map[string]string `yaml:"with"`
		} `yaml:"steps"`
	} `yaml:"jobs"`
}

// Workflows run only what can be run here: a target of the Makefile, whose flags the command takes, or a
// script that is there.
func TestWorkflowsRunWhatMakeRuns(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	paths, err := filepath.Glob("../../.github/workflows/*.yml")
	require.NoError(t, err)
	require.Len(t, paths, 2)
	makes := regexp.MustCompile(`^make ([a-z-]+) SIM_FLAGS="(.*)"$`)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		var w workflow
		require.NoError(t, yaml.Unmarshal(text, &w), path)
		campaigns := 0
		for _, step := range w.Jobs["sim"].Steps {
			require.NotEqual(t, step.Uses == "", step.Run == "", "%s: a step either uses or runs", path)
			if step.Run == "" {
				require.Regexp(t, `^actions/[a-z/-]+@v\d+$`, step.Uses)
				continue
			}
			if script := strings.Fields(step.Run)[0]; strings.HasPrefix(script, ".ci/") {
				require.FileExists(t, filepath.Join("../..", script))
				continue
			}
			parts := makes.FindStringSubmatch(step.Run)
			require.NotNil(t, parts, "%s: %s", path, step.Run)
			campaigns++
			checkFlags(t, recipe(t, string(makefile), parts[1]), parts[2])
		}
		require.Equal(t, 1, campaigns, path)
	}
}

// recipe is the campaign that a target runs.
func recipe(t *testing.T, makefile, target string) string {
	t.Helper()
	line := regexp.MustCompile(`(?m)^` + target + `:.*\n\tgo run ./cmd/windtunnel (sim .*)$`)
	parts := line.FindStringSubmatch(makefile)
	require.NotNil(t, parts, "the Makefile has no campaign %s", target)
	return parts[1]
}

func checkFlags(t *testing.T, recipe, flags string) {
	t.Helper()
	commit := strings.Repeat("ab", 20)
	text := strings.NewReplacer(
		"$(SIM_FLAGS)", flags, "$(COMMIT)", commit, "$(SEEDS)", "20000", "$(NIGHT)", "5h",
	).Replace(recipe)
	require.NotContains(t, text, "$(")
	var cli commands
	parser, err := kong.New(&cli)
	require.NoError(t, err)
	_, err = parser.Parse(strings.Fields(text))
	require.NoError(t, err, text)
	require.True(t, cli.Sim.GitHub)
	require.Equal(t, "$GITHUB_STEP_SUMMARY", cli.Sim.Summary)
	require.True(t, cli.Sim.SeedOf == commit || cli.Sim.Out == "out", text)
}

// A failure has one issue, however often the script meets it.
func TestEveryFailureHasOneIssue(t *testing.T) {
	bin, folder := t.TempDir(), filepath.Join(t.TempDir(), "out")
	calls := filepath.Join(bin, "calls")
	write := func(path, text string, mode os.FileMode) {
		t.Helper()
		require.NoError(t, os.WriteFile(path, []byte(text), mode))
	}
	write(filepath.Join(bin, "gh"),
		"#!/bin/sh\n{ echo \"$@\"; cat; } >>\"$CALLS\"\necho https://issue/1\n", 0o755)
	open := func() string {
		t.Helper()
		c := exec.Command("../../.ci/open-issues", folder)
		c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "CALLS="+calls)
		out, err := c.CombinedOutput()
		require.NoError(t, err, string(out))
		said, err := os.ReadFile(calls)
		if !os.IsNotExist(err) {
			require.NoError(t, err)
		}
		return string(said)
	}
	require.Empty(t, open(), "there is no folder")

	failure := &explore.Failure{Key: "once", Invariant: true}
	choices := explore.Choices{"a 1": 2}
	file := explore.NewFile("everything", "random", 1, explore.Outcome{Failure: failure}, choices)
	path, err := file.Write(folder)
	require.NoError(t, err)
	write(filepath.Join(folder, "results.json"), "{}", 0o600)
	require.Empty(t, open(), "it has no story")

	write(strings.TrimSuffix(path, ".json")+".txt", "invariant \"once\" broken\nand `more`\n", 0o600)
	said := open()
	require.Contains(t, said,
		`issue create --title sim: everything-0000: invariant "once" broken --body-file -`)
	require.Contains(t, said, "and `more`\n")
	require.Contains(t, said, `"a": "1=2"`)
	require.Equal(t, said, open(), "a second issue was opened")
	require.FileExists(t, strings.TrimSuffix(path, ".json")+".issue")
}
