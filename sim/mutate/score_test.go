package mutate

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestQuantilesAreSchedulesThatWereSeenAndNeverComesLast(t *testing.T) {
	for name, c := range map[string]struct {
		killedAt []int
		want     string
	}{
		"one":   {[]int{7}, "7 / 7"},
		"three": {[]int{9, 1, 5}, "5 / 9"},
		"twenty": {
			[]int{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, "10 / 19",
		},
		"some never":  {[]int{0, 3, 0, 1, 2}, "3 / > 1,000"},
		"mostly":      {[]int{0, 0, 1}, "> 1,000 / > 1,000"},
		"never":       {[]int{0, 0, 0, 0}, "> 1,000 on 4 of 4"},
		"a great one": {[]int{12034}, "12,034 / 12,034"},
	} {
		require.Equal(t, c.want, Score{Schedules: 1000, KilledAt: c.killedAt}.String(), name)
	}
}

func score(strategy string, killedAt ...int) Score {
	return Score{Strategy: strategy, Schedules: 1000, KilledAt: killedAt}
}

// scored is a page's worth of results, in no order.
func scored() []Result {
	byScenario := func(id string, verdict Verdict, scores ...Score) Result {
		m := Mutant{ID: id, What: "w", Scenario: "s", Invariant: "a | b"}
		return Result{Mutant: m, Verdict: verdict, Scores: scores}
	}
	tested := Result{Mutant: Mutant{ID: "tested", Test: Test{"./a", "TestB"}}, Verdict: Caught}
	return []Result{
		tested,
		byScenario("easy", Caught, score("random", 1, 2, 3, 4, 5), score("pct", 6, 7, 8, 9, 10)),
		byScenario("only-pct", Survived, score("random", 0, 0, 0, 0), score("pct", 300, 1000, 1, 700, 0)),
		byScenario("only-random", Caught, score("random", 40, 41, 2, 90, 99), score("pct", 0, 0, 0, 0)),
		byScenario("unbuilt", NotBuilding),
	}
}

func TestThePageIsAsItIsKept(t *testing.T) {
	var page strings.Builder
	require.NoError(t, WriteScore(&page, scored(), "mutants -score SCORE.md"))
	golden := filepath.Join("testdata", "SCORE.md")
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), page.String())
}

func TestAPageReadsBackAsWhatItWasWrittenOf(t *testing.T) {
	check := func(t require.TestingT, results []Result) {
		var page strings.Builder
		require.NoError(t, WriteScore(&page, results, "c"))
		record, err := ReadRecord(strings.NewReader(page.String()))
		require.NoError(t, err)
		require.Equal(t, NewRecord(results), record)
	}
	check(t, scored())
	rapid.Check(t, func(t *rapid.T) {
		killedAt := rapid.SliceOfN(rapid.IntRange(0, 1_000_000), 1, 20)
		check(t, []Result{{
			Mutant: Mutant{ID: "m", Scenario: "s", Invariant: "i"}, Verdict: Caught,
			Scores: []Score{score("", killedAt.Draw(t, "own")...), score("pos", killedAt.Draw(t, "pos")...)},
		}})
	})
}

func TestAPageThatIsNoneIsRefused(t *testing.T) {
	head := "| mutant | verdict | random | " + firstColumn + " | invariant (scenario) |\n" +
		"|---|---|---|---|---|\n"
	for page, want := range map[string]string{
		"# nothing\n\n| strategy | mutants |\n|---|---|\n| pos | 3 |\n": "no table of mutants",
		head + "| m | caught | soon / 4 | 1 | i (s) |\n":                `line 3: schedules "soon"`,
		head + "| m | caught | 3 / 4 | 1; x | i (s) |\n":                `line 3: schedules "x"`,
		head + "| m | caught |\n":                                       "line 3: 2 cells",
	} {
		_, err := ReadRecord(strings.NewReader(page))
		require.ErrorContains(t, err, want, page)
	}
}

func TestEachStrategyHasItsScoreAndTheFirstOneJudges(t *testing.T) {
	mutants := mutantsNamed(t, "caught")
	config := Config{
		Root: toy, Package: "./bank", Bases: 6, Schedules: 200, Strategies: []string{"random", "pct"},
	}
	results, err := Run(t.Context(), config, mutants)
	require.NoError(t, err)
	require.Equal(t, Caught, results[0].Verdict)
	require.Equal(t, 6, results[0].Scores[0].Caught())
	require.Equal(t, []int{0, 0, 0, 0}, results[0].Scores[1].KilledAt, "given up after the first base seeds")

	config.Strategies = []string{"pct", "random"}
	results, err = Run(t.Context(), config, mutants)
	require.NoError(t, err)
	require.Equal(t, Survived, results[0].Verdict)

	_, err = Run(t.Context(), Config{Root: toy, Strategies: []string{"pos", "pct", "pos"}}, nil)
	require.ErrorContains(t, err, `has "pos" twice`)
}

// mutantsNamed are mutants of testdata.
func mutantsNamed(t *testing.T, ids ...string) []Mutant {
	t.Helper()
	var mutants []Mutant
	for _, id := range ids {
		text, err := os.ReadFile(filepath.Join("testdata", "mutants", id+".txtar"))
		require.NoError(t, err)
		m, err := Parse(text)
		require.NoError(t, err)
		mutants = append(mutants, m)
	}
	return mutants
}

func TestWhatIsKeptIsNotMeasuredAgain(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept.jsonl")
	config := Config{
		Root: toy, Package: "./bank", Bases: 2, Schedules: 200, Strategies: []string{"random"}, Resume: kept,
	}
	mutants := mutantsNamed(t, "caught", "tested")
	first, err := Run(t.Context(), config, mutants)
	require.NoError(t, err)

	// Half a line, as of a run that was killed, is nothing; and there is nothing to build from.
	file, err := os.OpenFile(kept, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString(`{"mutant":"caught","dig`)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	config.Root = t.TempDir()
	again, err := Run(t.Context(), config, mutants)
	require.NoError(t, err)
	for i := range first {
		require.Equal(t, first[i].Verdict, again[i].Verdict)
		require.Equal(t, first[i].first().KilledAt, again[i].first().KilledAt)
	}

	// Whatever else it would be measured with has to be measured.
	for name, change := range map[string]func(c *Config, m *Mutant){
		"bases":      func(c *Config, _ *Mutant) { c.Bases++ },
		"seed":       func(c *Config, _ *Mutant) { c.Seed = 2 },
		"schedules":  func(c *Config, _ *Mutant) { c.Schedules++ },
		"strategies": func(c *Config, _ *Mutant) { c.Strategies = []string{"random", "pct"} },
		"mutant":     func(_ *Config, m *Mutant) { m.Edits[0].New = "return nil" },
	} {
		config, mutants := config, mutantsNamed(t, "caught")
		change(&config, &mutants[0])
		results, err := Run(t.Context(), config, mutants)
		require.NoError(t, err)
		require.Equal(t, NotApplying, results[0].Verdict, name)
	}

	require.NoError(t, os.WriteFile(kept, []byte("junk\n"), 0o600))
	_, err = Run(t.Context(), config, mutants)
	require.ErrorContains(t, err, "what is kept in "+kept)
	_, err = Run(t.Context(), Config{Root: toy, Resume: kept, Shrink: time.Second}, nil)
	require.ErrorContains(t, err, "exclude each other")
}

func TestAnInterruptedRunLosesWhatItWasMeasuring(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept.jsonl")
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	config := Config{
		Root: toy, Package: "./bank", Bases: 2, Schedules: 200, Resume: kept, Parallel: 1,
		Each: func(Result) { cancel(enough) },
	}
	_, err := Run(ctx, config, mutantsNamed(t, "tested", "caught"))
	require.ErrorIs(t, err, enough)
	text, err := os.ReadFile(kept)
	require.NoError(t, err)
	require.Regexp(t, `^\{"mutant":"tested",.*"test":"./bank TestDrainEmpties"\}\n$`, string(text))
}

func TestQuickRunsDoubtAndManyBaseSeedsJudge(t *testing.T) {
	config := Config{Root: toy, Package: "./bank", Bases: 8, Schedules: 200}
	mutants := mutantsNamed(t, "caught", "survives", "tested")
	seen := map[string]int{}
	config.Each = func(r Result) { seen[r.Mutant.ID]++ }
	full, err := Run(t.Context(), config, mutants)
	require.NoError(t, err)
	median := full[0].first().Median()
	require.Greater(t, median, muchSlower, "or it cannot be much slower than anything")

	for name, c := range map[string]struct {
		before Recorded
		want   Verdict
		turns  int
	}{
		"as it was":                  {NewRecord(full)["caught"], Caught, 1},
		"other schedules, as soon":   {Recorded{Median: median, First: []int{2, 2, 2}}, Caught, 1},
		"much slower":                {Recorded{Median: 1, First: []int{1, 1, 1}}, Slower, 2},
		"the same three, by chance":  {Recorded{Median: 1, First: full[0].first().KilledAt[:3]}, Caught, 1},
		"not measured":               {Recorded{}, Caught, 1},
		"not much slower, after all": {Recorded{Median: (median + 3) / 4, First: []int{1, 1, 1}}, Caught, 0},
	} {
		clear(seen)
		results, err := RunAgainst(t.Context(), config, mutants[:1], Record{"caught": c.before})
		require.NoError(t, err)
		require.Equal(t, c.want, results[0].Verdict, name)
		if c.turns > 0 {
			require.Equal(t, c.turns, seen["caught"], name)
		}
		if c.want == Slower {
			require.Contains(t, results[0].Reason, "over 8 base seeds is ")
			require.Contains(t, results[0].Reason, ", more than 4 times the recorded 1")
		}
	}

	clear(seen)
	results, err := RunAgainst(t.Context(), config, mutants[1:], Record{"tested": {}})
	require.NoError(t, err)
	require.Equal(t, Survived, results[0].Verdict)
	require.Equal(t, 2, seen["survives"])
	require.Equal(t, Caught, results[1].Verdict)
	require.Equal(t, 1, seen["tested"])
}

func TestAStaleRecordSaysWhatItLacksAndWhatIsGone(t *testing.T) {
	record := Record{"a": {}, "gone": {}, "left": {}}
	require.Equal(t, []string{"not measured yet: b, c", "measured, but no mutant any more: gone, left"},
		record.Stale([]Mutant{{ID: "a"}, {ID: "b"}, {ID: "c"}}))
	require.Empty(t, record.Stale([]Mutant{{ID: "a"}, {ID: "gone"}, {ID: "left"}}))
}
