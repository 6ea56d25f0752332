package doctor

import (
	"go/ast"
	"go/token"
	"slices"
)

// flow is which lines of a function give which names their values: by names alone, so it is a hint.
type flow struct {
	gives   []gift
	blocks  [][2]int         // first and last line of what decides about the lines within
	names   map[int][]string // on each line
	changes map[string][]int // the lines that change what a name stands for
}

// gift is one line that gives names a value, made of other names.
type gift struct {
	line     int
	to, from []string
}

func readFlow(fset *token.FileSet, f *ast.FuncDecl) flow {
	read := flow{names: make(map[int][]string), changes: make(map[string][]int)}
	line := func(pos token.Pos) int { return fset.Position(pos).Line }
	gift := func(at ast.Node, to, changed, from []string) {
		read.gives = append(read.gives, gift{line(at.Pos()), to, from})
		for _, name := range changed {
			read.changes[name] = append(read.changes[name], line(at.Pos()))
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			read.names[line(n.Pos())] = append(read.names[line(n.Pos())], n.Name)
		case *ast.AssignStmt:
			to := namesIn(n.Lhs...)
			gift(n, to, to, namesIn(n.Rhs...))
		case *ast.ExprStmt: // a call may change what it is given
			if call, ok := n.X.(*ast.CallExpr); ok {
				names := namesIn(call)
				var changed []string
				if method, ok := call.Fun.(*ast.SelectorExpr); ok {
					changed = namesIn(method.X)
				}
				gift(call, names, changed, names)
			}
		case *ast.IncDecStmt:
			gift(n, namesIn(n.X), namesIn(n.X), nil)
		case *ast.RangeStmt:
			to := namesIn(n.Key, n.Value)
			gift(n, to, to, namesIn(n.X))
			read.blocks = append(read.blocks, [2]int{line(n.Pos()), line(n.End())})
		case *ast.SelectStmt:
			read.blocks = append(read.blocks, [2]int{line(n.Pos()), line(n.End())})
		}
		return true
	})
	return read
}

// namesIn leaves out what functions written in place do: their lines count by themselves.
func namesIn(expressions ...ast.Expr) []string {
	var names []string
	for _, expression := range expressions {
		if expression == nil {
			continue
		}
		ast.Inspect(expression, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				names = append(names, id.Name)
			}
			_, function := n.(*ast.FuncLit)
			return !function
		})
	}
	return names
}

// into returns the lines from which something may have flown into a line, and the names that did.
func (f flow) into(line int) (lines map[int]bool, names map[string]bool) {
	lines, names = map[int]bool{line: true}, make(map[string]bool)
	add(names, f.names[line])
	for before := -1; before != len(lines)+len(names); {
		before = len(lines) + len(names)
		for _, g := range f.gives {
			if lines[g.line] || slices.ContainsFunc(g.to, func(name string) bool { return names[name] }) {
				lines[g.line] = true
				add(names, g.from)
			}
		}
		for _, block := range f.blocks {
			for at := range lines {
				if block[0] <= at && at <= block[1] {
					lines[block[0]] = true
					break
				}
			}
		}
	}
	return lines, names
}

func add(names map[string]bool, more []string) {
	for _, name := range more {
		names[name] = true
	}
}
