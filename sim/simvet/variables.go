package simvet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// packageVariables judges a file's package variables: sentinels and tables that nobody writes may stay.
func (v *vetting) packageVariables(file *ast.File, written map[types.Object]bool) {
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.VAR {
			continue
		}
		for _, spec := range group.Specs {
			spec := spec.(*ast.ValueSpec)
			for i, name := range spec.Names {
				if name.Name == "_" || v.isSentinel(spec, i) || v.isTable(name, written) {
					continue
				}
				v.report(name, "package variable "+name.Name+
					": use a field, a constant or a function: "+sharedByAll)
			}
		}
	}
}

// isSentinel tells whether the i-th variable of spec starts as errors.New(...) or fmt.Errorf(...).
func (v *vetting) isSentinel(spec *ast.ValueSpec, i int) bool {
	if i >= len(spec.Values) {
		return false
	}
	call, ok := spec.Values[i].(*ast.CallExpr)
	if !ok {
		return false
	}
	name := v.callee(call)
	return name == "errors.New" || name == "fmt.Errorf"
}

// isTable tells whether a variable is as good as a constant: unexported, of plain values, never written.
func (v *vetting) isTable(name *ast.Ident, written map[types.Object]bool) bool {
	obj := v.info.Defs[name]
	if obj == nil || obj.Exported() || written[obj] {
		return false
	}
	switch t := obj.Type().Underlying().(type) {
	case *types.Slice:
		return isPlain(t.Elem())
	case *types.Map:
		return isPlain(t.Elem())
	default:
		return isPlain(obj.Type()) || isSafeLibraryValue(obj.Type())
	}
}

// isSafeLibraryValue names standard types whose methods never change what the value means.
func isSafeLibraryValue(t types.Type) bool {
	named := namedType(t)
	if named == nil || named.Obj().Pkg() == nil {
		return false
	}
	switch named.Obj().Pkg().Path() + "." + named.Obj().Name() {
	case "regexp.Regexp", "strings.Replacer", "reflect.Type", "embed.FS":
		return true
	}
	return false
}

// packageVariableWrites finds the package variables that any file of the package could change: by everything
// but reading an element, a field or the length, ranging, and copying a plain value.
func (v *vetting) packageVariableWrites(files []*ast.File) map[types.Object]bool {
	written := map[types.Object]bool{}
	for _, file := range files {
		ast.PreorderStack(file, nil, func(n ast.Node, stack []ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			obj, ok := v.info.Uses[id].(*types.Var)
			if ok && obj.Parent() == v.pkg.Scope() && !v.onlyReads(id, stack) {
				written[obj] = true
			}
			return true
		})
	}
	return written
}

// onlyReads walks outwards from a use of a package variable, over elements and fields, to what is done there.
func (v *vetting) onlyReads(use ast.Expr, stack []ast.Node) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		switch parent := stack[i].(type) {
		case *ast.ParenExpr:
		case *ast.SelectorExpr:
			if s := v.info.Selections[parent]; s != nil && s.Kind() == types.MethodVal {
				return !pointerMethodOnValue(s)
			}
		case *ast.IndexExpr:
			if parent.X != use {
				return true // it is the index
			}
		case *ast.UnaryExpr:
			return parent.Op != token.AND
		case *ast.IncDecStmt:
			return false
		case *ast.AssignStmt:
			for _, lhs := range parent.Lhs {
				if lhs == use {
					return false
				}
			}
			return v.copies(use)
		case *ast.RangeStmt:
			return parent.X == use
		case *ast.CallExpr:
			if f, ok := parent.Fun.(*ast.Ident); ok && (f.Name == "len" || f.Name == "cap") {
				return true
			}
			return parent.Fun == use || v.copies(use)
		case *ast.SliceExpr:
			return false
		default:
			return v.copies(use)
		}
		use = stack[i].(ast.Expr)
	}
	return true
}

// pointerMethodOnValue tells whether calling the method takes the address of a variable that is no pointer.
func pointerMethodOnValue(s *types.Selection) bool {
	signature := s.Obj().(*types.Func).Signature()
	_, wantsPointer := signature.Recv().Type().(*types.Pointer)
	_, isPointer := s.Recv().Underlying().(*types.Pointer)
	return wantsPointer && !isPointer
}

// copies tells whether handing the value on hands on no way to change the variable.
func (v *vetting) copies(use ast.Expr) bool {
	t := v.info.TypeOf(use)
	return t != nil && (isPlain(t) || isSafeLibraryValue(t))
}
