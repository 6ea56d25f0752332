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
)

const toy = "testdata/toy"

func TestEachMutantGetsItsVerdict(t *testing.T) {
	mutants, err := Load("testdata/mutants")
	require.NoError(t, err)
	require.NotEmpty(t, mutants)

	config := Config{Root: toy, Package: "./bank", Bases: 5, Schedules: 200, Timeout: 3 * time.Second}
	results, err := Run(t.Context(), config, mutants)
	require.NoError(t, err)

	verdicts := map[string]Verdict{}
	byID := map[string]Result{}
	for _, r := range results {
		verdicts[r.Mutant.ID] = r.Verdict
		byID[r.Mutant.ID] = r
	}
	require.Equal(t, map[string]Verdict{
		"caught": Caught, "imports": Caught, "tested": Caught, "hangs-as-said": Caught,
		"blunt": Blunt, "survives": Survived, "untested": Survived,
		"elsewhere": WrongInvariant, "gone": NotApplying, "unbuilt": NotBuilding, "unvetted": NotVetting,
		"unsound": Unsound, "hangs": Hung,
	}, verdicts)

	caught := byID["caught"]
	require.Greater(t, caught.first().Median(), 1, "%v", caught.first().KilledAt)
	require.Equal(t, 5, caught.first().Caught())
	require.Contains(t, byID["gone"].Reason, "mutant gone: bank/bank.go: the mutant does not apply: "+
		"(*Account).Withdraw: the old text is there 0 times, want once")
	require.Contains(t, byID["unbuilt"].Reason, "undefined: m")
	require.Contains(t, byID["elsewhere"].Reason, `"nothing from nothing" failed on 4 of 4`)

	var board strings.Builder
	require.NoError(t, WriteScoreboard(&board, results))
	require.Regexp(t,
		`(?m)^survives +survived +> 200 on 4 of 4 +0 of 4 +balance is not negative \(overdraft\) +w`,
		board.String())
	require.Regexp(t, `(?m)^tested +caught +- +- +\./bank TestDrainEmpties +\w`, board.String())
	require.Contains(t, board.String(), "\nhangs: hung: ./bank TestDrainEmpties did not end within 3s\n")
}

func TestARunThatIsCancelledSaysWhy(t *testing.T) {
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	mutants, err := Load("testdata/mutants")
	require.NoError(t, err)
	_, err = Run(ctx, Config{Root: toy, Package: "./bank"}, mutants[:1])
	require.ErrorIs(t, err, why)
}

func TestApplySaysWhyAMutantNoLongerFits(t *testing.T) {
	whole := Edit{File: "bank/bank.go", Func: "(*Account).Drain", Old: "a.balance--", New: "a.balance -= 2"}
	for name, c := range map[string]struct {
		change func(e *Edit)
		want   string
	}{
		"file gone":     {func(e *Edit) { e.File = "no.go" }, "no.go: the mutant does not apply"},
		"function gone": {func(e *Edit) { e.Func = "Drain" }, "Drain is there 0 times"},
		"old gone":      {func(e *Edit) { e.Old = "a.balance++" }, "the old text is there 0 times"},
		"old twice":     {func(e *Edit) { e.Old = "balance" }, "the old text is there 2 times"},
		"old no Go":     {func(e *Edit) { e.Old = "'" }, "the old text is not Go"},
		"new no Go":     {func(e *Edit) { e.New = "a.balance {" }, "the changed file does not parse"},
	} {
		t.Run(name, func(t *testing.T) {
			e := whole
			c.change(&e)
			m := Mutant{ID: "m", Edits: []Edit{e}}
			_, err := m.Apply(toy, t.TempDir())
			require.ErrorIs(t, err, ErrDoesNotApply)
			require.ErrorContains(t, err, c.want)
		})
	}
	m := Mutant{ID: "m", Edits: []Edit{whole, whole}}
	_, err := m.Apply(toy, t.TempDir())
	require.ErrorContains(t, err, "two edits overlap")
}

func TestOldIsMatchedAsTokensNotAsText(t *testing.T) {
	for name, e := range map[string]Edit{
		"on one line, without the last comma": {
			Func: "(*Account).Deposit", Old: `a.log = append(a.log, "deposit")`,
		},
		"across a comment": {
			Func: "(*Account).Withdraw",
			Old:  "if n > a.balance {\n\n\treturn fmt.Errorf(\"withdraw %d: %w\", n, ErrTooMuch); }",
		},
		"in a declaration": {Func: "var ErrTooMuch", Old: `"too much"`, New: `"none"`},
		"in a type":        {Func: "type Account", Old: "balance int", New: "balance64 int64"},
	} {
		t.Run(name, func(t *testing.T) {
			e.File = "bank/bank.go"
			dir := t.TempDir()
			_, err := Mutant{ID: "m", Edits: []Edit{e}}.Apply(toy, dir)
			require.NoError(t, err)
			changed, err := os.ReadFile(filepath.Join(dir, "0-bank.go"))
			require.NoError(t, err)
			require.NotContains(t, string(changed), e.Old)
			require.Contains(t, string(changed), "func (a *Account) Drain() {\n\tfor a.balance > 0 {")
		})
	}
}

func TestImportsFollowTheEditAndLinesStayWhereTheyAre(t *testing.T) {
	original := "package p\n\nimport \"fmt\"\n\nfunc f() { fmt.Println() }\n"
	changed := strings.Replace(original, "fmt.Println()", "_ = time.Now", 1)
	fixed, err := fixImports(original, changed, []string{"time", "time", "fmt"})
	require.NoError(t, err)
	require.Equal(t, "package p; import \"time\"\n\nimport _ \"fmt\"\n\nfunc f() { _ = time.Now }\n", fixed)
}

func TestAMutantThatIsNotWrittenWellIsRefused(t *testing.T) {
	const edit = "-- file --\na.go\n-- func --\nf\n-- old --\nx\n-- new --\ny\n"
	const outside = "-- file --\n../a.go\n-- func --\nf\n-- old --\nx\n"
	const byScenario, byTest = "scenario: s\ninvariant: i\n", "test: ./a B\n"
	for text, want := range map[string]string{
		"what: w\n" + byScenario + edit:                   "header id is missing",
		"id: a b\nwhat: w\n" + byScenario + edit:          "want no spaces or slashes",
		"id: a\n" + byScenario + edit:                     "header what is missing",
		"id: a\nwhat: w\n" + edit:                         "want scenario and invariant, or test",
		"id: a\nwhat: w\n" + byScenario + byTest + edit:   "and not both",
		"id: a\nwhat: w\nscenario: s\n" + edit:            "scenario and invariant belong together",
		"id: a\nwhat: w\ntest: B\n" + edit:                "want a package and a test",
		"id: a\nwhat: w\n" + byTest:                       "no edit",
		"id: a\nwhat: w\n" + byTest + "hang: no\n" + edit: "can only be caught",
		"id: a\nwhy: w\n" + edit:                          `header "why"`,
		"id: a\njunk\n" + edit:                            `header "junk"`,
		byTest + "-- old --\nx\n":                         "want file first",
		byTest + "-- file --\na\n-- olds --\nx\n":         `section "olds"`,
		"id: a\nwhat: w\n" + byTest + "-- file --\na\n":   "want sections file, func",
		"id: a\nwhat: w\n" + byTest + outside:             "outside the module",
	} {
		_, err := Parse([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}
