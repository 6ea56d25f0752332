package simvet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

const mapOrder = "a map's order differs from run to run"

func isMapSequence(name string) bool {
	return name == "maps.Keys" || name == "maps.Values" || name == "maps.All"
}

// mapSequence judges maps.Keys, Values and All by who consumes the sequence.
func (v *vetting) mapSequence(id *ast.Ident, name string, stack []ast.Node) {
	if v.consumedInOrder(stack) {
		return
	}
	v.report(id, name+" outside slices.Sorted: use slices.Sorted(maps.Keys(m)): "+mapOrder)
}

// consumedInOrder accepts slices.Sorted and its kin, maps.Collect and maps.Insert, and slices.Collect into
// a variable that is sorted afterwards.
func (v *vetting) consumedInOrder(stack []ast.Node) bool {
	calls := 0
	for i := len(stack) - 1; i >= 0; i-- {
		switch n := stack[i].(type) {
		case *ast.CallExpr:
			calls++
			if calls == 1 {
				continue // the call of maps.Keys itself
			}
			switch v.callee(n) {
			case "slices.Sorted", "slices.SortedFunc", "slices.SortedStableFunc",
				"maps.Collect", "maps.Insert":
				return true
			case "slices.Collect", "slices.AppendSeq":
				return i > 0 && v.assignedAndSorted(stack[i-1], enclosingBody(stack))
			}
			return false
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr, *ast.ParenExpr:
		default:
			return false
		}
	}
	return false
}

func (v *vetting) assignedAndSorted(parent ast.Node, body *ast.BlockStmt) bool {
	assign, ok := parent.(*ast.AssignStmt)
	return ok && len(assign.Lhs) == 1 && v.sortedAfter(body, assign.End(), types.ExprString(assign.Lhs[0]))
}

// callee is the full name of the function that a call names, "" when it calls a value.
func (v *vetting) callee(call *ast.CallExpr) string {
	fun := ast.Unparen(call.Fun)
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if f, ok := v.info.Uses[sel.Sel].(*types.Func); ok {
		return fullName(f)
	}
	return ""
}

// sortedAfter tells whether body sorts the slice written as `slice` somewhere behind pos.
func (v *vetting) sortedAfter(body *ast.BlockStmt, pos token.Pos, slice string) bool {
	if body == nil {
		return false
	}
	sorted := false
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || call.Pos() < pos || len(call.Args) == 0 {
			return true
		}
		name := v.callee(call)
		if !strings.HasPrefix(name, "slices.Sort") && !strings.HasPrefix(name, "sort.") {
			return true
		}
		ast.Inspect(call.Args[0], func(n ast.Node) bool { // also sort.Sort(byAge(people))
			if e, ok := n.(ast.Expr); ok && types.ExprString(e) == slice {
				sorted = true
			}
			return true
		})
		return true
	})
	return sorted
}
