package simvet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// gather notes that all turns write to target together, in the way named. Two ways do not commute.
func (t *turn) gather(target ast.Expr, way string) {
	text := types.ExprString(target)
	if before, ok := t.gathered[text]; ok && before != way {
		t.fail("changes " + text + " in two ways")
	}
	t.gathered[text] = way
	t.slots[target] = true
}

func (t *turn) isFresh(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	obj := t.v.info.ObjectOf(id)
	return id.Name == "_" || obj != nil && t.fresh[obj]
}

func (t *turn) isKey(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && t.key != nil && t.v.info.Uses[id] == t.key
}

func (t *turn) assign(s *ast.AssignStmt) {
	if s.Tok == token.DEFINE {
		for _, lhs := range s.Lhs {
			t.freshIn(lhs)
		}
		return
	}
	for i, lhs := range s.Lhs {
		var rhs ast.Expr
		if len(s.Lhs) == len(s.Rhs) {
			rhs = s.Rhs[i]
		}
		t.assignOne(lhs, s.Tok, rhs)
	}
}

func (t *turn) assignOne(lhs ast.Expr, tok token.Token, rhs ast.Expr) {
	index, isIndex := lhs.(*ast.IndexExpr)
	switch {
	case t.isFresh(lhs):
	case isIndex && t.isKey(index.Index) && hasTerm[*types.Map](t.v.info.TypeOf(index.X)):
		t.gather(index.X, "by key")
	case tok == token.ADD_ASSIGN || tok == token.SUB_ASSIGN:
		t.add(lhs)
	case tok == token.OR_ASSIGN || tok == token.AND_ASSIGN || tok == token.XOR_ASSIGN:
		t.gatherIntegers(lhs, tok.String())
	case tok != token.ASSIGN || rhs == nil:
		t.fail("changes " + types.ExprString(lhs) + " in the order of its turns")
	default:
		t.assignPlain(lhs, rhs)
	}
}

// assignPlain accepts x = append(x, ...), x = max(x, ...), x = min(x, ...) and x = constant.
func (t *turn) assignPlain(lhs, rhs ast.Expr) {
	text := types.ExprString(lhs)
	if value := t.v.info.Types[rhs]; value.Value != nil || value.IsNil() {
		t.gather(lhs, "= "+types.ExprString(rhs))
		return
	}
	call, ok := rhs.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || types.ExprString(call.Args[0]) != text {
		t.fail("leaves in " + text + " what its last turn put there")
		return
	}
	t.slots[call.Args[0]] = true
	switch name := t.builtinName(call); name {
	case "append":
		t.gather(lhs, name)
		if !slices.Contains(t.collected, text) {
			t.collected = append(t.collected, text)
		}
	case "max", "min":
		t.gatherIntegers(lhs, name)
	default:
		t.fail("changes " + text + " in the order of its turns")
	}
}

func (t *turn) add(target ast.Expr) {
	if !t.isFresh(target) {
		t.gatherIntegers(target, "sum")
	}
}

// gatherIntegers accepts integers only: a sum of floats depends on its order, so does one of strings.
func (t *turn) gatherIntegers(target ast.Expr, way string) {
	basic, ok := t.v.info.TypeOf(target).Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsInteger == 0 {
		t.fail("adds to " + types.ExprString(target) + ", which is no integer")
		return
	}
	t.gather(target, way)
}

// remove accepts delete(m, key) with the key of the range.
func (t *turn) remove(s *ast.ExprStmt) {
	call, ok := s.X.(*ast.CallExpr)
	if ok && t.builtinName(call) == "delete" && t.isKey(call.Args[1]) {
		t.gather(call.Args[0], "by key")
		return
	}
	t.fail("calls " + calledName(s.X) + " in the order of its turns")
}

func (t *turn) builtinName(call *ast.CallExpr) string {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if b, ok := t.v.info.Uses[id].(*types.Builtin); ok {
			return b.Name()
		}
	}
	return ""
}

// readsOf looks at every expression of the body for what it may not do: read what the turns gather, call
// something that could have an effect, or write through a function.
func (t *turn) readsOf(body *ast.BlockStmt) {
	ast.PreorderStack(body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch e := n.(type) {
		case *ast.FuncLit:
			t.fail("makes a function in every turn")
			return false
		case *ast.CallExpr:
			if !t.cannotAct(e) {
				t.fail("calls " + calledName(e) + " in the order of its turns")
			}
		}
		e, ok := n.(ast.Expr)
		if !ok || t.slots[e] {
			return !t.slots[e]
		}
		if way, ok := t.gathered[types.ExprString(e)]; ok && !(way == "by key" && t.atOwnKey(e, stack)) {
			t.fail("reads " + types.ExprString(e) + " while it gathers it")
		}
		return true
	})
}

// atOwnKey tells whether the map e is read at the range's own key, which no other turn changes.
func (t *turn) atOwnKey(e ast.Expr, stack []ast.Node) bool {
	index, ok := stack[len(stack)-1].(*ast.IndexExpr)
	return ok && index.X == e && t.isKey(index.Index)
}

// cannotAct tells whether a call surely has no effect but its result. Package variables being banned, a
// function that gets nothing but plain values can reach nothing to act on.
func (t *turn) cannotAct(call *ast.CallExpr) bool {
	if t.v.info.Types[call.Fun].IsType() || t.builtinName(call) != "" {
		return true
	}
	var id *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
		if s := t.v.info.Selections[f]; s != nil && (s.Kind() != types.MethodVal || !isPlain(s.Recv())) {
			return false
		}
	default:
		return false
	}
	if _, declared := t.v.info.Uses[id].(*types.Func); !declared {
		return false
	}
	return !slices.ContainsFunc(call.Args, func(a ast.Expr) bool { return !isPlain(t.v.info.TypeOf(a)) })
}

func calledName(e ast.Expr) string {
	if call, ok := e.(*ast.CallExpr); ok {
		return types.ExprString(call.Fun)
	}
	return strings.TrimSpace(types.ExprString(e))
}
