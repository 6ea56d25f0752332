package mutate

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrDoesNotApply says that a mutant no longer fits the program: the file or function is gone, or the old
// text is not there exactly once, or the changed file is not Go.
var ErrDoesNotApply = errors.New("the mutant does not apply")

// Apply makes the mutant's edits on copies of the files under root. It writes the copies and an overlay for
// go build -overlay into dir, and returns the overlay's path. Errors match ErrDoesNotApply where the mutant
// is at fault.
func (m Mutant) Apply(root, dir string) (overlay string, err error) {
	root, err = filepath.Abs(root)
	if err != nil {
		return "", fmt.Errorf("mutant %s: %w", m.ID, err)
	}
	replace := map[string]string{}
	for i, name := range m.files() {
		text, err := m.mutated(root, name)
		if err != nil {
			return "", fmt.Errorf("mutant %s: %s: %w", m.ID, name, err)
		}
		changed := filepath.Join(dir, fmt.Sprintf("%d-%s", i, filepath.Base(name)))
		if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
			return "", fmt.Errorf("mutant %s: %w", m.ID, err)
		}
		replace[filepath.Join(root, filepath.FromSlash(name))] = changed
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", fmt.Errorf("mutant %s: %w", m.ID, err)
	}
	overlay = filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return "", fmt.Errorf("mutant %s: %w", m.ID, err)
	}
	return overlay, nil
}

// files lists the files that the mutant edits, each once.
func (m Mutant) files() []string {
	var names []string
	for _, e := range m.Edits {
		if !slices.Contains(names, e.File) {
			names = append(names, e.File)
		}
	}
	return names
}

func doesNotApply(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrDoesNotApply, fmt.Errorf(format, args...))
}

// A patch is a piece of a file's text and what comes in its place.
type patch struct {
	start, end int
	text       string
}

// mutated returns the text of a file with the mutant's edits. All of them are matched against the file as it
// is.
func (m Mutant) mutated(root, name string) (string, error) {
	source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return "", doesNotApply("the file is gone")
	}
	if err != nil {
		return "", err
	}
	text := string(source)
	var patches []patch
	var imports []string
	for _, e := range m.Edits {
		if e.File != name {
			continue
		}
		p, err := e.match(text)
		if err != nil {
			return "", err
		}
		patches = append(patches, p)
		imports = append(imports, e.Imports...)
	}
	changed, err := replaceAll(text, patches)
	if err != nil {
		return "", err
	}
	if changed, err = fixImports(text, changed, imports); err != nil {
		return "", doesNotApply("the changed file does not parse: %w", err)
	}
	return changed, nil
}

func replaceAll(text string, patches []patch) (string, error) {
	slices.SortFunc(patches, func(a, b patch) int { return cmp.Compare(a.start, b.start) })
	var b strings.Builder
	at := 0
	for _, p := range patches {
		if p.start < at {
			return "", doesNotApply("two edits overlap")
		}
		b.WriteString(text[at:p.start])
		b.WriteString(p.text)
		at = p.end
	}
	b.WriteString(text[at:])
	return b.String(), nil
}

// match finds what the edit replaces.
func (e Edit) match(text string) (patch, error) {
	from, to, err := declaration(text, e.Func)
	if err != nil {
		return patch{}, err
	}
	whole, err := lexemes(text[from:to])
	if err != nil {
		return patch{}, doesNotApply("%s: %w", e.Func, err)
	}
	old, err := lexemes(e.Old)
	if err != nil {
		return patch{}, doesNotApply("%s: the old text is %w", e.Func, err)
	}
	at := occurrences(whole, old)
	if len(at) != 1 || len(old) == 0 {
		return patch{}, doesNotApply("%s: the old text is there %d times, want once", e.Func, len(at))
	}
	return patch{from + whole[at[0]].start, from + whole[at[0]+len(old)-1].end, e.New}, nil
}

// declaration finds the text of a function or of another declaration by its name.
func declaration(text, name string) (from, to int, err error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	if err != nil {
		return 0, 0, doesNotApply("the file does not parse: %w", err)
	}
	found := 0
	for _, decl := range file.Decls {
		for _, node := range named(decl, name) {
			found++
			from, to = fset.Position(node.Pos()).Offset, fset.Position(node.End()).Offset
		}
	}
	if found != 1 {
		return 0, 0, doesNotApply("%s is there %d times, want once", name, found)
	}
	return from, to, nil
}

// named returns the parts of a declaration that carry a name, as an Edit writes it.
func named(decl ast.Decl, name string) []ast.Node {
	var nodes []ast.Node
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if functionName(d) == name {
			nodes = append(nodes, d)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if "type "+spec.Name.Name == name {
					nodes = append(nodes, spec)
				}
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					if d.Tok.String()+" "+id.Name == name {
						nodes = append(nodes, spec)
					}
				}
			}
		}
	}
	return nodes
}

// functionName is "loop", "pusher.loop" or "(*pusher).loop"; type parameters are left out.
func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	star, pointer := receiver.(*ast.StarExpr)
	if pointer {
		receiver = star.X
	}
	switch t := receiver.(type) {
	case *ast.IndexExpr:
		receiver = t.X
	case *ast.IndexListExpr:
		receiver = t.X
	}
	id, ok := receiver.(*ast.Ident)
	if !ok {
		return f.Name.Name
	}
	if pointer {
		return "(*" + id.Name + ")." + f.Name.Name
	}
	return id.Name + "." + f.Name.Name
}
