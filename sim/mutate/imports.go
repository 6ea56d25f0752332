package mutate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fixImports adds the imports that are needed to changed, and blanks those that only the original uses. It
// keeps every line where it is.
func fixImports(original, changed string, needed []string) (string, error) {
	before, err := parse(original)
	if err != nil {
		return "", err
	}
	after, err := parse(changed)
	if err != nil {
		return "", err
	}
	var patches []patch
	present := map[string]bool{}
	usedBefore, usedAfter := qualifiers(before.file), qualifiers(after.file)
	for _, spec := range after.file.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return "", err
		}
		present[importPath] = true
		name := importName(spec, importPath)
		if usedBefore[name] && !usedAfter[name] {
			from, to := after.offset(spec.Pos()), after.offset(spec.Path.Pos())
			patches = append(patches, patch{from, to, "_ "})
		}
	}
	var added strings.Builder
	for _, importPath := range slices.Compact(slices.Sorted(slices.Values(needed))) {
		if !present[importPath] {
			added.WriteString("; import " + strconv.Quote(importPath))
		}
	}
	end := after.offset(after.file.Name.End())
	return replaceAll(changed, append(patches, patch{end, end, added.String()}))
}

type parsed struct {
	fset *token.FileSet
	file *ast.File
}

func parse(text string) (parsed, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	return parsed{fset, file}, err
}

func (p parsed) offset(pos token.Pos) int { return p.fset.Position(pos).Offset }

// qualifiers are the names in front of a dot: package names, among others.
func qualifiers(file *ast.File) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				names[id.Name] = true
			}
		}
		return true
	})
	return names
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// importName is the name that an import most likely has in its file.
func importName(spec *ast.ImportSpec, importPath string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	name := path.Base(importPath)
	if majorVersion.MatchString(name) {
		name = path.Base(path.Dir(importPath))
	}
	return strings.TrimPrefix(name, "go-")
}
