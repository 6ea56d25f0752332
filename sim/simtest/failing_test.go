package simtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// goTest runs fixtures of this binary in folder, a module of its own, and returns what they print.
func goTest(t *testing.T, folder, enabled string, args ...string) (output string, passed bool) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(self, append([]string{"-test.count=1"}, args...)...)
	command.Dir = folder
	command.Env = append(os.Environ(), fixtures+"="+enabled, "TMPDIR="+t.TempDir())
	text, err := command.CombinedOutput()
	return string(text), err == nil
}

// module returns a folder with a go.mod, so that relative paths in flags have a root.
func module(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module example\n"), 0o644))
	return folder
}

func theOnlyFile(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	return files[0]
}

func TestFailureIsToldAndReplayed(t *testing.T) {
	folder := module(t)
	output, passed := goTest(t, folder, "race", "-test.run=^TestFixtureRace$", "-sim.out=found")
	require.False(t, passed)
	file := theOnlyFile(t, filepath.Join(folder, "found"))
	assert.Contains(t, output, "failed: sim/simtest/fixture_test.go:")
	assert.Contains(t, output, "expected: 2\n")
	assert.Contains(t, output, "replay: go test . -run '^TestFixtureRace$' -sim.replay=found/"+
		filepath.Base(file)+"\n")
	assert.Equal(t, 1, strings.Count(output, "--- FAIL"), "one failure, however often it ran:\n%s", output)

	replay := "-sim.replay=found/" + filepath.Base(file)
	output, passed = goTest(t, folder, "race", "-test.run=^TestFixtureRace$", replay)
	assert.False(t, passed)
	assert.Contains(t, output, "replayed: identical\n")

	output, passed = goTest(t, folder, "race,fixed", "-test.run=^TestFixtureRace$", "-test.v", replay)
	assert.True(t, passed, output)
	assert.Contains(t, output, "replayed: gone")
}

func TestHistoryWithoutAnOrderIsToldAndDrawn(t *testing.T) {
	folder := module(t)
	search := []string{"-test.run=^TestFixtureStale$", "-sim.out=found", "-sim.trace=found.html"}
	output, passed := goTest(t, folder, "stale", search...)
	require.False(t, passed)
	assert.Contains(t, output, "read, by client 1, was answered 0; right would have been 1\n")
	assert.Contains(t, output, "client 0  write 1: done\n")
	assert.Contains(t, output, "see: found.html\n")
	page, err := os.ReadFile(filepath.Join(folder, "found.html"))
	require.NoError(t, err)
	assert.Contains(t, string(page), `"verdict":"no order"`)

	replay := "-sim.replay=found/" + filepath.Base(theOnlyFile(t, filepath.Join(folder, "found")))
	output, passed = goTest(t, folder, "stale", "-test.run=^TestFixtureStale$", replay,
		"-sim.trace=replayed.html", "-sim.export=porcupine=porcupine.html")
	assert.False(t, passed)
	assert.Contains(t, output, "was answered 0; right would have been 1\n")
	assert.Contains(t, output, "see: replayed.html\n")
	assert.FileExists(t, filepath.Join(folder, "replayed.html"))
	page, err = os.ReadFile(filepath.Join(folder, "porcupine.html"))
	require.NoError(t, err)
	assert.Contains(t, string(page), "write 1")
}

func TestPictureThatCannotBeDrawnIsTold(t *testing.T) {
	folder := module(t)
	output, _ := goTest(t, folder, "race", "-test.run=^TestFixtureRace$", "-sim.export=gif=x")
	assert.Contains(t, output, `-sim.export: export: no format "gif"; there are: chrome, `)
	output, _ = goTest(t, folder, "race", "-test.run=^TestFixtureRace$", "-sim.export=chrome")
	assert.Contains(t, output, `-sim.export is "chrome": want FORMAT=FILE`)
	output, _ = goTest(t, folder, "race", "-test.run=^TestFixtureRace$", "-sim.out=found",
		"-sim.export=porcupine=x", "-sim.trace=no/where")
	assert.Contains(t, output, "no picture: open "+folder+"/no/where")
	assert.Contains(t, output, "no picture: export: porcupine: the run judged no history\n")
	assert.Contains(t, output, "replay: go test ", "the failure matters more")
}

func TestReplayOfAnotherScenarioIsRefused(t *testing.T) {
	folder := module(t)
	_, _ = goTest(t, folder, "race", "-test.run=^TestFixtureRace$", "-sim.out=found")
	file := theOnlyFile(t, filepath.Join(folder, "found"))
	output, passed := goTest(t, folder, "leak", "-test.run=^TestFixtureLeak$", "-sim.replay="+file)
	assert.False(t, passed)
	assert.Contains(t, output, "is a failure of TestFixtureRace, and this is TestFixtureLeak")
}

func TestKeptFailureFailsWhenBackAndPassesWhenGone(t *testing.T) {
	folder := module(t)
	_, _ = goTest(t, folder, "race", "-test.run=^TestFixtureRace$", "-sim.out=testdata/failures")
	theOnlyFile(t, filepath.Join(folder, "testdata", "failures"))

	output, passed := goTest(t, folder, "race", "-test.run=^TestFixtureRace$", "-sim.report=report")
	assert.False(t, passed)
	assert.Contains(t, output, "a kept failure is back: replayed: identical\n")
	report, err := os.ReadFile(filepath.Join(folder, "report"))
	require.NoError(t, err)
	assert.Regexp(t, `"runs":0,"failed_at":1,"key":"sim/simtest/fixture_test.go:\d+"}`, string(report),
		"nothing is searched while a kept failure is back")

	output, passed = goTest(t, folder, "race,fixed", "-test.run=^TestFixtureRace$")
	assert.True(t, passed, output)
}

func TestKeptFileThatCannotBeReadIsAnError(t *testing.T) {
	folder := module(t)
	kept := filepath.Join(folder, "testdata", "failures")
	require.NoError(t, os.MkdirAll(kept, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(kept, "x.json"), []byte(`{"format": 1}`), 0o644))
	output, passed := goTest(t, folder, "race,fixed", "-test.run=^TestFixtureRace$")
	assert.False(t, passed)
	assert.Contains(t, output, "x.json: scenario is missing")
}

func TestReportHasALineACheck(t *testing.T) {
	folder := module(t)
	args := []string{"-test.run=^TestFixtureRace$", "-sim.report=lines", "-sim.seed=7", "-sim.seeds=5"}
	_, _ = goTest(t, folder, "race,fixed", args...)
	_, _ = goTest(t, folder, "race", args...)
	text, err := os.ReadFile(filepath.Join(folder, "lines"))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, lines, 2)
	assert.Equal(t, `{"scenario":"TestFixtureRace","base_seed":7,"runs":5,"failed_at":0,"key":""}`, lines[0])
	assert.Regexp(t, `^{"scenario":"TestFixtureRace","base_seed":7,"runs":\d,"failed_at":\d,`+
		`"key":"sim/simtest/fixture_test.go:\d+",`+
		`"shrinking":{"before":\d+,"after":0,"unverified":0,"runs":\d+,"ms":\d+}}$`, lines[1])
}

func TestStateSharedBetweenRunsIsNotDeterministic(t *testing.T) {
	output, passed := goTest(t, module(t), "shared", "-test.run=^TestFixtureSharedState$")
	assert.False(t, passed)
	assert.Contains(t, output, "not deterministic: seed 1 of TestFixtureSharedState has trace ")
	assert.Regexp(t, `first difference, event \d+:\n +\d+ \+1?\d\.\d+s +n1/a`, output)
	assert.Contains(t, output, "ask why: go test . -run '^TestFixtureSharedState$' -sim.doctor -sim.seed=1\n")
}

func TestTheDoctorSaysWhy(t *testing.T) {
	output, passed := goTest(t, module(t), "shared", "-test.run=^TestFixtureSharedState$", "-sim.doctor")
	assert.False(t, passed)
	assert.Regexp(t, `likely cause: state shared between runs, at sim/simtest/fixture_test.go:\d+\n`, output)

	output, passed = goTest(t, module(t), "process", "-test.run=^TestFixtureProcess$", "-sim.doctor")
	assert.False(t, passed)
	assert.Regexp(t, `likely cause: global randomness, at sim/simtest/fixture_test.go:\d+\n`, output)

	output, passed = goTest(t, module(t), "budget",
		"-test.run=^TestFixtureBudget$/holds", "-sim.doctor", "-test.v")
	assert.True(t, passed, output)
	assert.Contains(t, output, "seed 1 of holds had one trace in all runs of four processes\n")
}

func TestAnotherProcessMustAgree(t *testing.T) {
	output, passed := goTest(t, module(t), "process", "-test.run=^TestFixtureProcess$")
	assert.False(t, passed)
	assert.Contains(t, output, "and, in another process, trace ")
	assert.Regexp(t, `first difference, event \d+:\n +\d+ \+\d\.\d+s +n1/a`, output)
}

func TestGoroutinesMustEndWithTheirRun(t *testing.T) {
	output, passed := goTest(t, module(t), "leak", "-test.run=^TestFixtureLeak$")
	assert.False(t, passed)
	assert.Contains(t, output, "runs of TestFixtureLeak left goroutines behind:")
	assert.Contains(t, output, "simtest_test.TestFixtureLeak")
}

func TestUnknownStrategyIsAnError(t *testing.T) {
	output, passed := goTest(t, module(t), "race", "-test.run=^TestFixtureRace$", "-sim.strategy=lucky")
	assert.False(t, passed)
	assert.Contains(t, output, `-sim.strategy: unknown strategy "lucky"; there are random, portfolio, pos, `)
}

func TestGuidedFailureIsReplayedFromItsFile(t *testing.T) {
	folder := module(t)
	output, passed := goTest(t, folder, "chain", "-test.run=^TestFixtureChain$", "-sim.strategy=random")
	require.True(t, passed, "random order comes too seldom so far, or this proves nothing:\n%s", output)
	output, passed = goTest(t, folder, "chain", "-test.run=^TestFixtureChain$", "-test.v",
		"-sim.strategy=guided", "-sim.out=found")
	require.False(t, passed, output)
	assert.Regexp(t, `seed \d+ \(run \d+ from base 1\), strategy guided/mutant \(seed \d+; .*\), shrunk from`,
		output)
	assert.Regexp(t, `guided: \d+ orders of events; .* runs are kept`, output)

	file := filepath.Base(theOnlyFile(t, filepath.Join(folder, "found")))
	assert.Contains(t, output, "replay: go test . -run '^TestFixtureChain$' -sim.replay=found/"+file+"\n")
	output, passed = goTest(t, folder, "chain", "-test.run=^TestFixtureChain$", "-sim.replay=found/"+file)
	assert.False(t, passed)
	assert.Contains(t, output, "replayed: identical\n")
}

func TestBudgetFailsInTheSubtest(t *testing.T) {
	folder := module(t)
	output, passed := goTest(t, folder, "budget", "-test.run=^TestFixtureBudget$", "-sim.out=found")
	assert.False(t, passed)
	assert.Contains(t, output, "--- FAIL: TestFixtureBudget/breaks")
	assert.NotContains(t, output, "breaks, in ", "what failed came to nothing else")
	assert.Contains(t, output,
		"replay: go test . -run '^TestFixtureBudget$/^breaks$' -sim.replay=found/breaks-")

	file, err := explore.ReadFile(theOnlyFile(t, filepath.Join(folder, "found")))
	require.NoError(t, err)
	assert.Equal(t, "breaks", file.Scenario)
	replay := "-sim.replay=" + theOnlyFile(t, filepath.Join(folder, "found"))
	output, passed = goTest(t, folder, "budget", "-test.run=^TestFixtureBudget$/^breaks$", replay)
	assert.False(t, passed)
	assert.Contains(t, output, "replayed: identical")
}

func TestBudgetRunsOnlyWhatIsSelected(t *testing.T) {
	folder := module(t)
	output, passed := goTest(t, folder, "budget", "-test.run=^TestFixtureBudget$/holds", "-test.v")
	assert.True(t, passed, output)
	assert.Contains(t, output, "holds, 20 runs\n")
	assert.Regexp(t, `never +nowhere\n`, output, "a part of a suite is told, and not held to account")

	const insists = "holds, in 404 schedules: \"nowhere\" was never reached\n"
	output, _ = goTest(t, folder, "budget", "-test.run=^TestFixtureBudget$")
	assert.Contains(t, output, insists)
	for _, narrowing := range []string{"-sim.seeds=19", "-sim.seed=2", "-sim.strategy=random"} {
		output, _ = goTest(t, folder, "budget", "-test.run=^TestFixtureBudget$", narrowing)
		assert.NotContains(t, output, "was never reached", narrowing)
	}
}

func TestRapidShrinksAFailingRun(t *testing.T) {
	output, passed := goTest(t, module(t), "rapid", "-test.run=^TestFixtureRapid$", "-rapid.nofailfile")
	assert.False(t, passed)
	assert.Contains(t, output, "draw tasks: 2\n", "two tasks are the fewest that lose an update")
	assert.Contains(t, output, "the last 8 of 8 events:")
}

func TestFuzzedScheduleIsToldAndReplayed(t *testing.T) {
	folder := module(t)
	output, passed := goTest(t, folder, "fuzz", "-test.run=^FuzzFixture$", "-sim.out=found")
	assert.False(t, passed)
	assert.Contains(t, output,
		"replay: go test . -run '^FuzzFixture$/^seed#0$' -sim.replay=found/FuzzFixture-")
	replay := "-sim.replay=" + theOnlyFile(t, filepath.Join(folder, "found"))
	output, passed = goTest(t, folder, "fuzz", "-test.run=^FuzzFixture$/^seed#0$", replay)
	assert.False(t, passed)
	assert.Contains(t, output, "replayed: identical")
}

func TestRapidKeepsItsOwnFailuresAndTheBodyItsPanics(t *testing.T) {
	args := []string{"-test.run=^TestFixtureRapid$", "-rapid.nofailfile"}
	output, passed := goTest(t, module(t), "rapid,fatal", args...)
	assert.False(t, passed)
	assert.Contains(t, output, "[rapid] failed after 0 tests: of rapid\n")

	output, passed = goTest(t, module(t), "rapid,panic", args...)
	assert.False(t, passed)
	assert.Contains(t, output, "panic: of the body\n")
	assert.Contains(t, output, "failed: sim/simtest/fixture_test.go:")
}

func TestKeptFailureOfAnotherScenarioIsLeftAlone(t *testing.T) {
	folder := module(t)
	_, _ = goTest(t, folder, "race", "-test.run=^TestFixtureRace$", "-sim.out=testdata/failures")
	output, passed := goTest(t, folder, "budget", "-test.run=^TestFixtureBudget$")
	assert.False(t, passed)
	assert.NotContains(t, output, "a kept failure is back")
}

func TestUseOfTheOuterTestIsNamed(t *testing.T) {
	output, passed := goTest(t, module(t), "outer", "-test.run=^TestFixtureOuter$")
	assert.False(t, passed)
	assert.Contains(t, output, "did it call FailNow of the test around it")
}
