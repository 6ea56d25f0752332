package windtunnel_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A law says what packages may import. Paths are relative to the module; "x/..." is x and all below it.
type law struct {
	of     []string // whom it binds
	except []string // whom it does not, of those
	tests  []string // what their tests may import beyond it

	only  []string // of this module nothing else than these; nil says nothing
	never []string // neither these, of this module or of others
	why   string
}

func importLaws() []law {
	// A test drives its node in either world, or in both.
	worlds := []string{"core/envtest", "core/wire", "sim/...", "transport/..."}
	testsOnly := []string{
		"github.com/stretchr/testify/...", "go.uber.org/goleak", "github.com/cockroachdb/datadriven",
	}
	roles := []string{"core/worker/...", "core/manager/...", "core/gate/...", "core/client/..."}
	return append(toolLaws(), []law{
		{
			of: []string{"core"}, only: []string{}, tests: worlds,
			why: "core's root is what any node may ask of the world; it knows nothing that is built on it",
		}, {
			of: []string{"core/blocking"}, only: []string{"core"}, tests: worlds,
			why: "what ported code waits with is for any node, of any system, in both worlds",
		}, {
			of: []string{"core/..."}, never: []string{"transport/...", "sim/...", "scenarios/...", "cmd/..."},
			tests: worlds,
			why:   "a node cannot tell which world it runs in",
		}, {
			of: []string{"core/rpc"}, only: []string{"core", "core/wire"}, tests: worlds,
			why: "calls are part of the framework and know no role",
		}, {
			of: []string{"core/wire"}, only: []string{}, why: "the codec knows no message",
		}, {
			of:    []string{"transport/...", "sim/..."},
			only:  []string{"core", "core/rpc", "core/wire", "sim/..."},
			tests: []string{"core/envtest"},
			why:   "the framework serves every distributed system and knows no role of ours",
		}, {
			of: []string{"transport/..."}, never: []string{"sim/..."},
			why: "the two worlds never meet; they pass one contract",
		}, {
			of: []string{"examples/..."}, only: []string{"core", "core/blocking", "core/rpc", "core/wire"},
			tests: []string{"examples/...", "sim/...", "transport/..."},
			why:   "an example uses what a stranger's system can: the framework, and no role of ours",
		}, {
			of:    []string{"sim/choice", "sim/trace", "sim/explore", "sim/linear", "sim/story"},
			only:  []string{"sim/choice", "sim/trace", "sim/explore", "sim/linear", "sim/story"},
			tests: []string{"sim", "core", "sim/check", "sim/check/model"},
			why:   "they serve other worlds too: they know choices, traces and causes, not nodes",
		}, {
			of: roles[:1], never: slices.Concat(roles[1:]), why: meetOverTheWire,
		}, {
			of: roles[1:2], never: slices.Concat(roles[:1], roles[2:]), why: meetOverTheWire,
		}, {
			of: roles[2:3], never: slices.Concat(roles[:2], roles[3:]), why: meetOverTheWire,
		}, {
			of: roles[3:], never: roles[:3], why: meetOverTheWire,
		}, {
			of: []string{"..."}, except: []string{"cmd/...", "core/load/http"},
			never: []string{"core/load/http"},
			why:   "only the command puts a real library behind a seam",
		}, {
			of: []string{"..."}, except: []string{"sim/simtest", "core/envtest"},
			never: []string{"testing", "pgregory.net/rapid"},
			tests: []string{"testing", "pgregory.net/rapid"},
			why:   "a scenario's body also runs in the command, where there is no test",
		}, {
			of: []string{"..."}, never: testsOnly, tests: testsOnly,
			why: "it belongs to tests; check.Run takes its place elsewhere",
		}, {
			of: []string{"core/..."}, never: []string{"github.com/anishathalye/porcupine"},
			tests: []string{"github.com/anishathalye/porcupine"},
			why:   "a checker judges a World from outside it",
		},
	}...)
}

func toolLaws() []law {
	return []law{
		{
			of: []string{"sim/simvet", "sim/mutate/..."}, except: []string{"sim/mutate/mutants"},
			only: []string{"sim/simvet", "sim/mutate/..."},
			why:  "tools read source and need no world",
		}, {
			of: []string{"sim/mutate/mutants"}, only: []string{"sim/mutate", "sim/explore"},
			why: "the command of a tool knows which strategies there are, and no world either",
		},
	}
}

const meetOverTheWire = "roles meet over the wire, in the messages of core/protocol"

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		root, below := strings.CutSuffix(pattern, "...")
		return name == strings.TrimSuffix(root, "/") || below && strings.HasPrefix(name, root)
	})
}

func (l law) binds(s source) bool {
	return matchesAny(l.of, s.folder()) && !matchesAny(l.except, s.folder())
}

func (l law) forbids(imported string, test bool) bool {
	if test && matchesAny(l.tests, imported) {
		return false
	}
	return matchesAny(l.never, imported)
}

func (l law) leavesOut(imported string, test bool) bool {
	if l.only == nil || test && matchesAny(l.tests, imported) {
		return false
	}
	return !matchesAny(l.only, imported)
}

func TestTheImportLaw(t *testing.T) {
	for _, s := range ours(t) {
		for _, spec := range s.syntax.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			relative, inside := strings.CutPrefix(imported, module+"/")
			for _, l := range importLaws() {
				if !l.binds(s) || relative == s.folder() {
					continue
				}
				if l.forbids(relative, s.test) || inside && l.leavesOut(relative, s.test) {
					t.Errorf("%s:%d: must not import %s: %s", s.name, s.line(spec.Pos()), relative, l.why)
				}
			}
		}
	}
}

// A replaced or untagged dependency is not what a user of the framework gets.
func TestDependenciesArePinnedToReleases(t *testing.T) {
	text, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	require.NotRegexp(t, `(?m)^\s*replace\b`, string(text), "a user's build does not see a replace")
	untagged := regexp.MustCompile(`(?m)^.*-\d{14}-[0-9a-f]{12}.*$`)
	require.Empty(t, untagged.FindAllString(string(text), -1), "require a tagged release")
}
