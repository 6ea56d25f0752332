package mutate

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The function moved to another file and one of its names changed.
func TestRefreshFindsWhereTheOldTextWent(t *testing.T) {
	root := t.TempDir()
	moved := "package bank\n\n" +
		"func (b *Book) Drain() {\n\tfor b.balance > 0 { // still\n\t\tb.balance--\n\t}\n}\n"
	require.NoError(t, os.WriteFile(filepath.Join(root, "book.go"), []byte(moved), 0o600))
	m := Mutant{ID: "m", What: "w", Test: Test{"./bank", "TestX"}, HangIsCaught: true, Edits: []Edit{{
		File: "bank.go", Func: "(*Account).Drain",
		Old: "for a.balance > 0 {\na.balance--\n}", New: "", Imports: []string{"fmt"},
	}}}

	proposal, changed, err := m.Refresh(root)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, Edit{
		File: "book.go", Func: "(*Book).Drain", New: "", Imports: []string{"fmt"},
		Old: "for b.balance > 0 { // still\n\t\tb.balance--\n\t}",
	}, proposal.Edits[0])
	_, err = proposal.Apply(root, t.TempDir())
	require.NoError(t, err)

	_, changed, err = proposal.Refresh(root)
	require.NoError(t, err)
	require.False(t, changed)

	m.Edits[0].Old = "switch x := y.(type) { case int: return }"
	_, _, err = m.Refresh(root)
	require.ErrorIs(t, err, ErrDoesNotApply)
}

func TestWhatIsFormattedParsesToTheSameMutant(t *testing.T) {
	mutants, err := Load("testdata/mutants")
	require.NoError(t, err)
	for _, m := range mutants {
		again, err := Parse(m.Format())
		require.NoError(t, err)
		require.Equal(t, m, again)
	}
}
