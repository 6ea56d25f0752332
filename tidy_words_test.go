package windtunnel_test

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, s := range ours(t) {
		if s.test || s.generated || s.syntax.Name.Name == "main" {
			continue
		}
		for _, decl := range s.syntax.Decls {
			for _, name := range undocumented(decl) {
				t.Errorf("%s:%d: exported %s has no comment: units, ranges, errors, who may call it",
					s.name, s.line(name.Pos()), name.Name)
			}
		}
	}
}

// undocumented lists what a declaration exports without a word. A comment on a group, or at the end of the
// line, serves its members; methods that an interface explains need none.
func undocumented(decl ast.Decl) []*ast.Ident {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && !isExplained(d) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		var names []*ast.Ident
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if d.Doc == nil && spec.Doc == nil && spec.Comment == nil && spec.Name.IsExported() {
					names = append(names, spec.Name)
				}
			case *ast.ValueSpec:
				if d.Doc == nil && spec.Doc == nil && spec.Comment == nil && spec.Names[0].IsExported() {
					names = append(names, spec.Names[0])
				}
			}
		}
		return names
	}
	return nil
}

// isExplained tells whether a function is a method of an unexported type, or one that everybody knows.
func isExplained(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return false
	}
	known := []string{
		"Error", "String", "Is", "Unwrap", "AppendText", "MarshalJSON", "UnmarshalJSON",
		"MarshalText", "UnmarshalText", "LogValue", "Fields",
	}
	receiver := f.Recv.List[0].Type
	for {
		switch t := receiver.(type) {
		case *ast.StarExpr:
			receiver = t.X
			continue
		case *ast.IndexExpr:
			receiver = t.X
			continue
		case *ast.IndexListExpr:
			receiver = t.X
			continue
		case *ast.Ident:
			return !t.IsExported() || slices.Contains(known, f.Name.Name)
		}
		return false
	}
}

// What an init registers, or a dot import brings, a reader cannot see from where it is used.
func TestNothingComesFromNowhere(t *testing.T) {
	for _, s := range ours(t) {
		for _, decl := range s.syntax.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s:%d: an init function: call it from where it matters", s.name, s.line(f.Pos()))
			}
		}
		for _, spec := range s.syntax.Imports {
			if spec.Name != nil && spec.Name.Name == "." {
				t.Errorf("%s:%d: a dot import: say whose name it is", s.name, s.line(spec.Pos()))
			}
		}
	}
}

// Notes to oneself rot; an issue or nothing takes their place.
func TestNothingIsLeftForLater(t *testing.T) {
	later := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX)\b|\bt\.Skip`)
	for _, s := range ours(t) {
		for i, line := range strings.Split(s.text, "\n") {
			if mark := later.FindString(line); mark != "" {
				t.Errorf("%s:%d: %s: do it, or open an issue", s.name, i+1, mark)
			}
		}
	}
}

func TestNoMachinesPathIsCommitted(t *testing.T) {
	paths := regexp.MustCompile(`(/wo` + `rk/|/ro` + `ot/|/tmp/br` + `ief|/home/[a-z]+/)[^ ]*`)
	for _, name := range files() {
		if strings.Contains(name, "/testdata/rapid/") {
			continue // what rapid leaves behind is for the machine that it failed on
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		if !utf8.Valid(text) {
			continue
		}
		for i, line := range strings.Split(string(text), "\n") {
			if found := paths.FindString(line); found != "" {
				t.Errorf("%s:%d: %s exists on one machine only", name, i+1, found)
			}
		}
	}
}

var (
	linkTo   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fenced   = regexp.MustCompile("(?s)```.*?```")
	heading  = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	notInTag = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

func TestMarkdownLinksLeadSomewhere(t *testing.T) {
	for _, name := range files() {
		if !strings.HasSuffix(name, ".md") || strings.Contains("/"+name, "/testdata/") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, match := range linkTo.FindAllStringSubmatch(fenced.ReplaceAllString(string(text), ""), -1) {
			if strings.Contains(match[1], "://") || strings.HasPrefix(match[1], "mailto:") {
				continue
			}
			target, anchor, _ := strings.Cut(match[1], "#")
			where := name
			if target != "" {
				where = path.Join(path.Dir(name), target)
			}
			if _, err := os.Stat(filepath.FromSlash(where)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", name, match[1])
				continue
			}
			if anchor == "" || !strings.HasSuffix(where, ".md") {
				continue
			}
			if !slices.Contains(anchors(t, where), anchor) {
				t.Errorf("%s: the link %s leads to no heading of %s", name, match[1], where)
			}
		}
	}
}

// anchors are the headings of a document as its links name them.
func anchors(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	var found []string
	for _, match := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(string(text), ""), -1) {
		tag := notInTag.ReplaceAllString(strings.ToLower(match[1]), "")
		found = append(found, strings.ReplaceAll(tag, " ", "-"))
	}
	return found
}
