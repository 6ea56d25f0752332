package simvet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// orderFault says in which way the outcome of a range over a map may depend on the order of its turns; ""
// when it cannot. It knows a few shapes and refuses the rest.
func (v *vetting) orderFault(loop *ast.RangeStmt, body *ast.BlockStmt) string {
	l := &turn{
		v: v, key: rangeVariable(v.info, loop.Key),
		fresh: map[types.Object]bool{}, gathered: map[string]string{}, slots: map[ast.Expr]bool{},
	}
	if loop.Tok == token.ASSIGN && (loop.Key != nil || loop.Value != nil) {
		return "leaves its last turn in an outer variable"
	}
	l.fresh[l.key], l.fresh[rangeVariable(v.info, loop.Value)] = true, true
	l.block(loop.Body)
	l.readsOf(loop.Body)
	if l.fault == "" && l.exit != "" && len(l.gathered) > 0 {
		l.fault = "gathers until it returns"
	}
	if l.fault == "" {
		for _, slice := range l.collected {
			if !v.sortedAfter(body, loop.End(), slice) {
				l.fault = "collects into " + slice + ", which is not sorted afterwards in this function"
			}
		}
	}
	return l.fault
}

func rangeVariable(info *types.Info, e ast.Expr) types.Object {
	if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
		return info.Defs[id]
	}
	return nil
}

// A turn is what one turn of a range over a map does, as far as its order could matter.
type turn struct {
	v     *vetting
	key   types.Object
	fresh map[types.Object]bool // variables of a single turn

	gathered  map[string]string // what all turns write together -> how; one way only
	collected []string          // slices among them, to be sorted afterwards
	slots     map[ast.Expr]bool // where a gathered thing stands as the target of its own update
	exit      string            // the constants that a turn returns
	fault     string            // the first thing that depends on the order
}

func (t *turn) fail(what string) {
	if t.fault == "" {
		t.fault = what
	}
}

func (t *turn) block(b *ast.BlockStmt) {
	for _, s := range b.List {
		t.statement(s)
	}
}

func (t *turn) statement(s ast.Stmt) {
	switch s := s.(type) {
	case nil, *ast.EmptyStmt:
	case *ast.DeclStmt:
		t.declare(s)
	case *ast.BlockStmt:
		t.block(s)
	case *ast.IfStmt:
		t.statement(s.Init)
		t.block(s.Body)
		t.statement(s.Else)
	case *ast.RangeStmt: // what it ranges over is judged as a loop of its own
		t.freshIn(s.Key)
		t.freshIn(s.Value)
		t.block(s.Body)
	case *ast.BranchStmt:
		if s.Tok != token.CONTINUE {
			t.fail("stops at whichever turn comes first (" + s.Tok.String() + ")")
		}
	case *ast.ReturnStmt:
		t.leave(s)
	case *ast.AssignStmt:
		t.assign(s)
	case *ast.IncDecStmt:
		t.add(s.X)
	case *ast.ExprStmt:
		t.remove(s)
	default:
		t.fail("does more than gather")
	}
}

func (t *turn) freshIn(e ast.Expr) {
	if id, ok := e.(*ast.Ident); ok && t.v.info.Defs[id] != nil {
		t.fresh[t.v.info.Defs[id]] = true
	} else if ok && id.Name != "_" {
		t.fail("assigns " + id.Name + " in every turn")
	}
}

func (t *turn) declare(s ast.Stmt) {
	ast.Inspect(s, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			for _, name := range spec.Names {
				t.fresh[t.v.info.Defs[name]] = true
			}
		}
		return true
	})
}

// leave accepts the return of constants, the same ones everywhere: a test for existence.
func (t *turn) leave(s *ast.ReturnStmt) {
	exit := "return"
	for _, e := range s.Results {
		value := t.v.info.Types[e]
		if value.Value == nil && !value.IsNil() {
			t.fail("returns what whichever turn came first found")
			return
		}
		exit += " " + types.ExprString(e)
	}
	if t.exit != "" && t.exit != exit {
		t.fail("returns one thing or another, whichever turn comes first")
	}
	t.exit = exit
}
