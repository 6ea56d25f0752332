package simvet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"strings"
)

// syntax judges the statements and types that hand a decision to the Go scheduler. The arms of a select are
// judged with it.
func (v *vetting) syntax(n ast.Node, stack []ast.Node) {
	if isArm(n, stack) {
		return
	}
	switch n := n.(type) {
	case *ast.GoStmt:
		v.report(n, "go statement: use env.Go: "+goScheduler)
	case *ast.SelectStmt:
		v.report(n, "select: use a look at each in a written order, then Signal.Wait: "+goScheduler)
	case *ast.ChanType:
		v.report(n, "channel: use core.Mailbox, core.Latch or env.NewSignal: "+goScheduler)
	case *ast.SendStmt:
		v.report(n, "send on a channel: use Mailbox.Put: "+goScheduler)
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			v.report(n, "receive from a channel: use Mailbox.Take or Signal.Wait: "+goScheduler)
		}
	}
}

// isArm tells whether n is part of what an arm of a select waits for.
func isArm(n ast.Node, stack []ast.Node) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		switch around := stack[i].(type) {
		case *ast.CommClause:
			return around.Comm != nil && n.Pos() < around.Comm.End()
		case *ast.FuncLit:
			return false
		}
	}
	return false
}

var pointerVerb = regexp.MustCompile(`%[-+# 0]*[0-9.*]*p`)

// format looks for "%p" in the constant arguments of formatting functions.
func (v *vetting) format(call *ast.CallExpr) {
	var name string
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	if !strings.HasSuffix(name, "f") {
		return
	}
	for _, arg := range call.Args {
		value := v.info.Types[arg].Value
		if value == nil || value.Kind() != constant.String {
			continue
		}
		if pointerVerb.MatchString(strings.ReplaceAll(constant.StringVal(value), "%%", "")) {
			v.report(arg, "%p in a format: use a name or an id: "+otherAddresses)
		}
	}
}

// rangeOver judges a range statement by what it ranges over.
func (v *vetting) rangeOver(loop *ast.RangeStmt, stack []ast.Node) {
	switch {
	case hasTerm[*types.Chan](v.info.TypeOf(loop.X)):
		v.report(loop, "range over a channel: use Mailbox.Take: "+goScheduler)
	case hasTerm[*types.Map](v.info.TypeOf(loop.X)):
		if fault := v.orderFault(loop, enclosingBody(stack)); fault != "" {
			v.report(loop, "range over a map that "+fault+": use slices.Sorted(maps.Keys(m)): "+mapOrder)
		}
	}
}

// hasTerm tells whether t is, or as a type parameter may be, of kind T.
func hasTerm[T types.Type](t types.Type) bool {
	if t == nil {
		return false
	}
	if param, ok := types.Unalias(t).(*types.TypeParam); ok {
		constraint, ok := param.Constraint().Underlying().(*types.Interface)
		if !ok {
			return false
		}
		for embedded := range constraint.EmbeddedTypes() {
			union, ok := embedded.(*types.Union)
			if !ok {
				if hasTerm[T](embedded) {
					return true
				}
				continue
			}
			for term := range union.Terms() {
				if hasTerm[T](term.Type()) {
					return true
				}
			}
		}
		return false
	}
	_, is := t.Underlying().(T)
	return is
}

// enclosingBody is the body of the innermost function around a node, nil at package level.
func enclosingBody(stack []ast.Node) *ast.BlockStmt {
	for i := len(stack) - 1; i >= 0; i-- {
		switch f := stack[i].(type) {
		case *ast.FuncDecl:
			return f.Body
		case *ast.FuncLit:
			return f.Body
		}
	}
	return nil
}
