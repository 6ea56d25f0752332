package windtunnel_test

import (
	"go/ast"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/scenarios"
)

// TestRareBranchesAreListedAndHaveOnePlaceEach holds the points of core (core.Env.Rare) to the list that the
// suite insists on. A name that is put together, or stands at two places, would not say where it is.
func TestRareBranchesAreListedAndHaveOnePlaceEach(t *testing.T) {
	var points []string
	for _, s := range ours(t) {
		if s.test || !strings.HasPrefix(s.name, "core/") || strings.HasPrefix(s.name, "core/envtest/") {
			continue
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Rare" {
				return true
			}
			literal, ok := call.Args[0].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s:%d: name the rare branch in a literal", s.name, s.line(call.Pos()))
				return true
			}
			point, _ := strconv.Unquote(literal.Value) // it compiles
			assert.True(t, strings.HasPrefix(s.name, "core/"+strings.Split(point, "/")[0]+"/"),
				"%s:%d: %q: begin a rare branch's name with its package's", s.name, s.line(call.Pos()), point)
			points = append(points, point)
			return true
		})
	}
	assert.ElementsMatch(t, scenarios.RareBranches(), points, "scenarios.RareBranches lists each place once")
}
