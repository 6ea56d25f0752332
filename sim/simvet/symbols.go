package simvet

import (
	"go/ast"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// imports judges a file's imports against the packages banned as a whole.
func (v *vetting) imports(file *ast.File) {
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the type checker has said so
		}
		for _, b := range bannedImports() {
			root, below := strings.CutSuffix(b.symbol, "/...")
			if path == root || below && strings.HasPrefix(path, root+"/") {
				v.report(spec, b.message("import "+path))
			}
		}
	}
}

// symbol judges one use of a name.
func (v *vetting) symbol(id *ast.Ident, stack []ast.Node) {
	obj := v.info.Uses[id]
	if builtin, ok := obj.(*types.Builtin); ok {
		v.builtin(id, builtin.Name())
		return
	}
	if obj == nil || obj.Pkg() == nil || obj.Pkg() == v.pkg {
		return
	}
	name := fullName(obj)
	if isMapSequence(name) {
		v.mapSequence(id, name, stack)
		return
	}
	b, banned := v.symbols[name]
	if !banned && isFunctionOrVariable(obj) && !slices.Contains(harmless(), name) {
		b, banned = v.symbols[obj.Pkg().Path()+".*"]
	}
	if !banned || name == "(*sync.Mutex).Lock" && v.declaredHere(stack) {
		return
	}
	v.report(id, b.message(name))
}

func (v *vetting) builtin(id *ast.Ident, name string) {
	switch name {
	case "recover":
		v.report(id, "recover: use nothing: the task wrapper catches a panic and keeps its stack; "+
			"only that, a call of a user's callback and a decoder may recover")
	case "close":
		v.report(id, "close of a channel: use core.Latch: "+goScheduler)
	}
}

// fullName is the name under which the tables know an object.
func fullName(obj types.Object) string {
	if f, ok := obj.(*types.Func); ok {
		return f.Origin().FullName()
	}
	return obj.Pkg().Path() + "." + obj.Name()
}

// isFunctionOrVariable tells whether obj is a function or a variable of its package: no type, constant,
// method or field.
func isFunctionOrVariable(obj types.Object) bool {
	switch obj.(type) {
	case *types.Func, *types.Var:
		return obj.Parent() == obj.Pkg().Scope()
	}
	return false
}

// declaredHere tells whether the lock now taken is declared in this package: then its declaration has been
// judged already, and one excuse there covers its use.
func (v *vetting) declaredHere(stack []ast.Node) bool {
	sel, ok := stack[len(stack)-1].(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if s := v.info.Selections[sel]; s != nil && len(s.Index()) > 1 { // promoted from an embedded field
		named := namedType(s.Recv())
		return named != nil && named.Obj().Pkg() == v.pkg
	}
	switch x := ast.Unparen(sel.X).(type) {
	case *ast.Ident:
		return v.info.Uses[x] != nil && v.info.Uses[x].Pkg() == v.pkg
	case *ast.SelectorExpr:
		return v.info.Uses[x.Sel] != nil && v.info.Uses[x.Sel].Pkg() == v.pkg
	}
	return false
}

func namedType(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, _ := types.Unalias(t).(*types.Named)
	return named
}
