package simvet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Analyzer reports everything in a package that would make a run inside a World depend on something else than
// its schedule. Test files and generated files are not judged.
var Analyzer = &analysis.Analyzer{
	Name: "simvet",
	Doc:  "report what makes a simulated run irreproducible, with what to use instead",
	URL:  "https://pkg.go.dev/github.com/windtunnel/windtunnel/sim/simvet",
	Run: func(pass *analysis.Pass) (any, error) {
		held := slices.DeleteFunc(slices.Clone(pass.Files), func(f *ast.File) bool {
			return ast.IsGenerated(f) || strings.HasSuffix(pass.Fset.File(f.FileStart).Name(), "_test.go")
		})
		for _, r := range vet(pass.Fset, pass.Pkg, pass.TypesInfo, pass.Files, held) {
			pass.Reportf(r.pos, "%s", r.message)
		}
		return nil, nil
	},
}

// A report is a finding before its position is resolved.
type report struct {
	pos     token.Pos
	message string
}

// A vetting is the judging of one package.
type vetting struct {
	fset    *token.FileSet
	pkg     *types.Package
	info    *types.Info
	symbols map[string]ban
	reports []report
}

// vet judges the held files of a package, in file order. All its files are needed to know who writes a
// package variable.
func vet(fset *token.FileSet, pkg *types.Package, info *types.Info, all, held []*ast.File) []report {
	v := &vetting{fset: fset, pkg: pkg, info: info, symbols: map[string]ban{}}
	for _, b := range bannedSymbols() {
		v.symbols[b.symbol] = b
	}
	writes := v.packageVariableWrites(all)
	var reports []report
	for _, file := range held {
		v.reports = nil
		v.imports(file)
		v.symbolsAndSyntax(file)
		v.packageVariables(file, writes)
		reports = append(reports, excuse(fset, file, v.reports)...)
	}
	slices.SortStableFunc(reports, func(a, b report) int { return int(a.pos) - int(b.pos) })
	return reports
}

func (v *vetting) report(at ast.Node, message string) {
	v.reports = append(v.reports, report{at.Pos(), message})
}

// symbolsAndSyntax looks at every node of a file once.
func (v *vetting) symbolsAndSyntax(file *ast.File) {
	ast.PreorderStack(file, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			v.symbol(n, stack)
		case *ast.RangeStmt:
			v.rangeOver(n, stack)
		case *ast.CallExpr:
			v.format(n)
		default:
			v.syntax(n, stack)
		}
		return true
	})
}
