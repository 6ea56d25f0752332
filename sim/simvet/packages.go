package simvet

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A Finding is one thing that would make a run irreproducible.
type Finding struct {
	Position token.Position
	Message  string // "what: use what instead: why"
}

func (f Finding) String() string { return fmt.Sprintf("%s: %s", f.Position, f.Message) }

// Config says what [Packages] judges.
type Config struct {
	Dir      string   // where patterns are resolved; "" is the working directory
	Patterns []string // as for go build; none is "./..."
	Tags     string   // comma-separated build tags
	Tests    bool     // judge test files too
	// Held chooses the files that are judged; nil is all. Generated files never are.
	Held func(packagePath string, file *ast.File) bool
}

// Packages loads the packages of a module and judges them. Findings are sorted by position; files under Dir
// are named relative to it. The error says what does not load or compile; the findings are then those of the
// rest.
func Packages(config Config) ([]Finding, error) {
	patterns := config.Patterns
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	load := &packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedTypes | packages.NeedTypesSizes | packages.NeedTypesInfo | packages.NeedSyntax |
			packages.NeedExportFile,
		Dir: config.Dir, Tests: config.Tests,
	}
	if config.Tags != "" {
		load.BuildFlags = []string{"-tags=" + config.Tags}
	}
	loaded, err := packages.Load(load, patterns...)
	if err != nil {
		return nil, fmt.Errorf("simvet: load %s: %w", strings.Join(patterns, " "), err)
	}
	var findings []Finding
	var broken []error
	for _, p := range loaded {
		if len(p.Errors) > 0 { // the first is the cause of the others, most often
			broken = append(broken, fmt.Errorf("simvet: load %s: %w", p.PkgPath, p.Errors[0]))
			continue
		}
		findings = append(findings, judge(p, config)...)
	}
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Position.Filename, b.Position.Filename),
			cmp.Compare(a.Position.Offset, b.Position.Offset), strings.Compare(a.Message, b.Message))
	})
	// A package is loaded again for its tests.
	return slices.Compact(findings), errors.Join(broken...)
}

func judge(p *packages.Package, config Config) []Finding {
	files := slices.DeleteFunc(slices.Clone(p.Syntax), func(f *ast.File) bool {
		return ast.IsGenerated(f) ||
			!config.Tests && strings.HasSuffix(p.Fset.File(f.FileStart).Name(), "_test.go") ||
			config.Held != nil && !config.Held(p.PkgPath, f)
	})
	if len(files) == 0 {
		return nil
	}
	var findings []Finding
	for _, r := range vet(p.Fset, p.Types, p.TypesInfo, p.Syntax, files) {
		position := p.Fset.Position(r.pos)
		position.Filename = relative(config.Dir, position.Filename)
		findings = append(findings, Finding{position, r.message})
	}
	return findings
}

// relative names a file relative to dir when it lies in it.
func relative(dir, file string) string {
	root, err := filepath.Abs(dir)
	if err != nil {
		return file
	}
	if root, err = filepath.EvalSymlinks(root); err != nil { // the go command names real folders
		return file
	}
	if name, err := filepath.Rel(root, file); err == nil && filepath.IsLocal(name) {
		return name
	}
	return file
}
