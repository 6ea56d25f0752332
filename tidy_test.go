// Package windtunnel_test holds the whole tree to the rules of the house: size, names, words about packages,
// who may import whom, what may run inside a World. A rule that no test holds is a wish.
//
// Each failure names the file and line, what is wrong and what to do instead. Generated files are exempt from
// what they cannot help, and testdata is nobody's code.
package windtunnel_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

const (
	module      = "github.com/windtunnel/windtunnel"
	mostLines   = 500 // of a file; aim at 120
	mostInFunc  = 70  // lines of a function
	mostColumns = 110 // of a line, a tab being 4
	leastDoc    = 5   // lines of a package comment; aim at 20
)

// A source is one Go file of the module: not of testdata, nor of a module inside this one.
type source struct {
	name      string // slash-separated, relative to the root
	text      string
	syntax    *ast.File
	fset      *token.FileSet
	test      bool
	generated bool
}

func (s source) folder() string { return path.Dir(s.name) }

func (s source) line(pos token.Pos) int { return s.fset.Position(pos).Line }

// sources parses the module once for all tests.
var sources = sync.OnceValues(func() ([]source, error) {
	var found []source
	fset := token.NewFileSet()
	for _, name := range files() {
		if !strings.HasSuffix(name, ".go") || strings.Contains("/"+name, "/testdata/") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		syntax, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		found = append(found, source{
			name: name, text: string(text), syntax: syntax, fset: fset,
			test: strings.HasSuffix(name, "_test.go"), generated: ast.IsGenerated(syntax),
		})
	}
	return found, nil
})

// files lists what belongs to this module, slash-separated: neither hidden nor built, nor a module of its
// own.
var files = sync.OnceValue(func() []string {
	var names []string
	_ = filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // it went away; what is needed is missed later
		}
		base := entry.Name()
		if entry.IsDir() {
			_, notOurs := os.Stat(filepath.Join(name, "go.mod"))
			inner := name != "." && notOurs == nil
			built := name == "bin" || name == "out"
			if inner || built || name != "." && strings.HasPrefix(base, ".") && base != ".ci" {
				return filepath.SkipDir
			}
			return nil
		}
		names = append(names, filepath.ToSlash(name))
		return nil
	})
	return names
})

func ours(t *testing.T) []source {
	t.Helper()
	all, err := sources()
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

func TestFilesFunctionsAndLinesAreShort(t *testing.T) {
	for _, s := range ours(t) {
		if s.generated {
			continue
		}
		lines := strings.Split(strings.TrimSuffix(s.text, "\n"), "\n")
		if len(lines) > mostLines {
			t.Errorf("%s: %d lines: split it, one idea a file (at most %d)", s.name, len(lines), mostLines)
		}
		for i, line := range lines {
			columns := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    "))
			if columns > mostColumns {
				t.Errorf("%s:%d: %d columns: break it (at most %d)", s.name, i+1, columns, mostColumns)
			}
		}
		for _, decl := range s.syntax.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := s.line(f.End()) - s.line(f.Pos()) + 1; n > mostInFunc {
				t.Errorf("%s:%d: %s has %d lines: tell it top-down in smaller functions (at most %d)",
					s.name, s.line(f.Pos()), f.Name.Name, n, mostInFunc)
			}
		}
	}
}

func TestNamesSayWhatIsInside(t *testing.T) {
	banned := []string{"util", "utils", "common", "helper", "helpers", "misc", "types"}
	for _, s := range ours(t) {
		file := strings.TrimSuffix(strings.TrimSuffix(path.Base(s.name), ".go"), "_test")
		if slices.Contains(banned, file) || slices.Contains(banned, s.syntax.Name.Name) {
			t.Errorf("%s: a file or package named %v says nothing: name it after its idea", s.name, banned)
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && slices.Contains(banned, strings.ToLower(spec.Name.Name)) {
				t.Errorf("%s:%d: a type named %s says nothing: name it after what it is",
					s.name, s.line(spec.Pos()), spec.Name.Name)
			}
			return true
		})
		if len(s.syntax.Decls) == 0 && s.syntax.Doc == nil {
			t.Errorf("%s: an empty file: remove it", s.name)
		}
	}
}

func TestEveryPackageTeachesItself(t *testing.T) {
	longest := map[string]string{} // folder -> its package comment
	for _, s := range ours(t) {
		if s.test {
			continue
		}
		if _, known := longest[s.folder()]; !known || len(s.syntax.Doc.Text()) > len(longest[s.folder()]) {
			longest[s.folder()] = s.syntax.Doc.Text()
		}
	}
	for folder, text := range longest {
		if n := strings.Count(text, "\n"); n < leastDoc {
			t.Errorf("%s: a package comment of %d lines: say in doc.go what it is for, its nouns, and "+
				"what it does not promise (at least %d lines)", folder, n, leastDoc)
		}
	}
}

func TestFrameworkPackagesHaveARunnableExample(t *testing.T) {
	framework := regexp.MustCompile(`^(core|core/rpc|core/stats|transport|sim(/.*)?)$`)
	hasExample := map[string]bool{}
	for _, s := range ours(t) {
		if !framework.MatchString(s.folder()) {
			continue
		}
		hasExample[s.folder()] = hasExample[s.folder()] || s.syntax.Name.Name == "main"
		for _, decl := range s.syntax.Decls {
			f, ok := decl.(*ast.FuncDecl)
			runs := strings.Contains(s.text, "// Output:")
			if ok && s.test && runs && strings.HasPrefix(f.Name.Name, "Example") {
				hasExample[s.folder()] = true
			}
		}
	}
	for folder, has := range hasExample {
		if !has {
			t.Errorf("%s: no runnable Example: strangers learn a framework from one", folder)
		}
	}
}
