package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/explore"
)

func TestOneSeedIsOneTraceInEveryProcess(t *testing.T) {
	hashes := func(settings ...string) []string {
		c := command(t, "sim", "everything", "--seeds", "6", "--seed", "7", "--json")
		c.Env = append(c.Env, settings...)
		out, err := c.Output()
		require.NoError(t, err)
		found := regexp.MustCompile(`"seed":\d+,"trace_hash":"[0-9a-f]{16}"`).FindAllString(string(out), -1)
		slices.Sort(found) // runs end in any order
		return found
	}
	once := hashes("GOMAXPROCS=1", "GOGC=20")
	require.Len(t, once, 6)
	require.Equal(t, once, hashes("GOMAXPROCS=2", "GOGC=400"))
}

func TestCampaignSaysItsSeedAndWhatItRan(t *testing.T) {
	code, out, problems := windtunnel(t, "sim", "everything", "--seeds", "3")
	require.Zero(t, code, "%s%s", out, problems)
	require.Regexp(t, `base seed \d+, 1 scenarios`, out)
	require.Regexp(t, `everything +3 +\d+\.\d`, out)
}

func TestReplayOfAFailureThatIsGoneSaysSo(t *testing.T) {
	file := explore.NewFile("everything", "random", 1, explore.Outcome{
		Failure: &explore.Failure{Key: "once", Invariant: true, Message: "made up"},
	}, explore.Choices{"pick g1#0/nothing 3": 7})
	path, err := file.Write(t.TempDir())
	require.NoError(t, err)
	code, out, problems := windtunnel(t, "replay", path)
	require.Zero(t, code, "%s%s", out, problems)
	require.Contains(t, out, "gone")
	require.Contains(t, out, "g1#0/nothing", "the choice that was never asked is not named")
}

func TestDoctorFindsNothingWhereASeedIsOneTrace(t *testing.T) {
	code, out, problems := windtunnel(t, "doctor", "everything", "--seed", "7", "--seeds", "1")
	require.Zero(t, code, "%s%s", out, problems)
	require.Equal(t, "seed 7: one trace in 10 runs here and 30 in three other processes\n", out)

	code, _, problems = windtunnel(t, "doctor", "nothing")
	require.Equal(t, 2, code)
	require.Regexp(t, `no scenario "nothing"; .windtunnel scenarios. lists all \d+\n$`, problems)
	code, _, problems = windtunnel(t, "sim", "everythin")
	require.Equal(t, 2, code)
	require.Contains(t, problems, `no scenario "everythin"; near it are everything; `)
	code, _, problems = windtunnel(t, "doctor", "manger-leaves")
	require.Equal(t, 2, code)
	require.Contains(t, problems, `no scenario "manger-leaves"; near it are submits-and-leaves, `+
		"worker-leaves, manager-leaves, gate-leaves; `windtunnel scenarios` lists all ")
}

func TestScenariosAreListedWithTheirInvariants(t *testing.T) {
	code, out, _ := windtunnel(t, "scenarios")
	require.Zero(t, code)
	require.Contains(t, out, "everything")
	require.Contains(t, out, "leans on:")
}

func TestVetNamesWhatToUseInstead(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
	}
	write("go.mod", "module example.com/x\n\ngo 1.26\n")
	write("x.go", `package x

import "time"

func Now() time.Time { return time.Now() }
`)
	c := command(t, "vet", "./...")
	c.Dir = folder
	out, err := c.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 1, c.ProcessState.ExitCode(), string(out))
	require.Contains(t, string(out), "x.go:5:")
	require.Contains(t, string(out), "env.Now")

	write("x.go", "package x\n")
	c = command(t, "vet")
	c.Dir = folder
	out, err = c.CombinedOutput()
	require.NoError(t, err, string(out))
}

func TestVersionNamesGoAndThePlatform(t *testing.T) {
	code, out, _ := windtunnel(t, "version")
	require.Zero(t, code)
	require.True(t, strings.HasPrefix(out, "windtunnel "), out)
	require.Contains(t, out, "go1.")
}
