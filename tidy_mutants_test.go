package windtunnel_test

import (
	"go/ast"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/mutate"
)

// Whether a mutant is caught, make mutants says; that it still fits is known at once, by those who change
// what it is about.
func TestMutantsStillApply(t *testing.T) {
	mutants, err := mutate.Load("testdata/mutants")
	require.NoError(t, err)
	tests := map[string]bool{}
	for _, s := range ours(t) {
		for _, decl := range s.syntax.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && s.test {
				tests[s.folder()+" "+f.Name.Name] = true
			}
		}
	}
	for _, m := range mutants {
		if _, err := m.Apply(".", t.TempDir()); err != nil {
			t.Errorf("%v: fit it (make mutants-refresh proposes how), or remove it with its bug", err)
		}
		if m.Test.Name == "" {
			continue
		}
		name, _, _ := strings.Cut(m.Test.Name, "/")
		if test := path.Clean(m.Test.Package) + " " + name; !tests[test] {
			t.Errorf("mutant %s: there is no test %s to catch it", m.ID, test)
		}
	}
}
