package doctor

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simvet"
)

// suspect is something in the code that simvet bans, and how far it is from the event.
type suspect struct {
	cause   simvet.Cause
	place   string // file:line
	message string
	flows   bool // its value may have come to the event
	reads   bool // it is about a variable that is only read there
	depth   int  // 0: in the innermost function of the stack; then outwards, and then into what those call
	lines   int  // from the line on the stack; negative after it
}

// look returns the suspects, nearest first. Only what the pattern of the runs allows is suspected.
func (c Case) look(r *repeated, stack []check.Place) []suspect {
	var near []suspect
	for _, folder := range folders(stack) {
		findings, err := simvet.Packages(simvet.Config{Dir: folder, Patterns: []string{"."}, Tests: true})
		if err != nil && len(findings) == 0 {
			continue // its source is not here, or has changed
		}
		source := readSource(folder)
		for _, finding := range findings {
			near = append(near, source.suspects(finding, stack)...)
		}
	}
	near = slices.DeleteFunc(near, func(s suspect) bool {
		return (s.cause == simvet.SharedState) != r.carriesOver()
	})
	if len(near) == 0 && r.carriesOver() && len(stack) > 0 {
		near = []suspect{{cause: simvet.SharedState, place: stack[0].Short,
			message: "no package variable is used near: is it a variable around the body, or a cache?"}}
	}
	slices.SortStableFunc(near, func(a, b suspect) int {
		return cmp.Or(after(a.reads, b.reads), after(b.flows, a.flows),
			cmp.Compare(a.depth, b.depth), cmp.Compare(distance(a.lines), distance(b.lines)))
	})
	return slices.CompactFunc(near, func(a, b suspect) bool {
		return a.place == b.place && a.cause == b.cause
	})
}

// after sorts what has a property behind what has not.
func after(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// distance prefers what comes before the line on the stack: that has been run.
func distance(lines int) int {
	if lines < 0 {
		return 1000 - lines
	}
	return lines
}

func folders(stack []check.Place) []string {
	var all []string
	for _, place := range stack {
		if folder := filepath.Dir(place.File); !slices.Contains(all, folder) {
			all = append(all, folder)
		}
	}
	return all
}

// source is a package's functions.
type source struct {
	fset      *token.FileSet
	folder    string
	functions []*function
}

type function struct {
	name        string
	file        string           // path
	first, last int              // lines
	uses        map[string][]int // names, and the lines on which they stand
	flow        flow
}

func readSource(folder string) *source {
	s := &source{fset: token.NewFileSet(), folder: folder}
	files, _ := filepath.Glob(filepath.Join(folder, "*.go")) // the pattern is well-formed
	for _, path := range files {
		file, err := parser.ParseFile(s.fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, declared := range file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok {
				s.functions = append(s.functions, s.function(f, path))
			}
		}
	}
	return s
}

func (s *source) function(f *ast.FuncDecl, path string) *function {
	read := &function{
		name: f.Name.Name, file: path, uses: make(map[string][]int), flow: readFlow(s.fset, f),
		first: s.fset.Position(f.Pos()).Line, last: s.fset.Position(f.End()).Line,
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id != f.Name {
			read.uses[id.Name] = append(read.uses[id.Name], s.fset.Position(id.Pos()).Line)
		}
		return true
	})
	return read
}

// depths says how far each function is from the event: those on the stack come first, innermost first, then
// what is called from there on a line that leads to the event, and what these call. A function that is not
// reached has none. Calls are told by their name alone.
func (s *source) depths(stack []check.Place) map[*function]int {
	depths := make(map[*function]int)
	var reached []*function
	reach := func(f *function, depth int) {
		if _, known := depths[f]; !known {
			depths[f] = depth
			reached = append(reached, f)
		}
	}
	for i, place := range stack {
		for _, f := range s.functions {
			if f.holds(place) {
				reach(f, i)
			}
		}
	}
	for i := 0; i < len(reached); i++ {
		called := reached[i].leading(stack)
		for _, f := range s.functions {
			if called[f.name] {
				reach(f, max(depths[reached[i]]+1, len(stack)))
			}
		}
	}
	return depths
}

// leading are the names in a function that lead to the event: all, where it is not on the stack.
func (f *function) leading(stack []check.Place) map[string]bool {
	leading := make(map[string]bool)
	if !f.holdsAny(stack) {
		for name := range f.uses {
			leading[name] = true
		}
	}
	for _, place := range stack {
		if f.holds(place) {
			_, names := f.flow.into(place.Line)
			maps.Copy(leading, names)
		}
	}
	return leading
}

// suspects are the lines in reach that a finding is about: its own, or, where it is about an import or a
// package variable, those of its uses.
func (s *source) suspects(finding simvet.Finding, stack []check.Place) []suspect {
	path := finding.Position.Filename
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.folder, path)
	}
	if finding.Cause() == "" {
		return nil
	}
	name, imported, used := usedName(finding.Message)
	var found []suspect
	for f, depth := range s.depths(stack) {
		lines := []int{finding.Position.Line}
		if used {
			lines = f.uses[name]
		}
		if f.file != path && (imported || !used) {
			continue
		}
		for _, line := range lines {
			if line < f.first || line > f.last {
				continue
			}
			found = append(found, suspect{
				cause: finding.Cause(), message: finding.Message,
				depth: depth, lines: nearest(f, line, stack),
				place: short(stack, f.file) + ":" + strconv.Itoa(line), flows: f.flows(line, stack),
				reads: used && !imported && !slices.Contains(f.flow.changes[name], line),
			})
		}
	}
	return found
}

// flows tells whether what a line of a reached function does may have come to the event.
func (f *function) flows(line int, stack []check.Place) bool {
	for _, place := range stack {
		if f.holds(place) {
			if lines, _ := f.flow.into(place.Line); lines[line] {
				return true
			}
		}
	}
	return !f.holdsAny(stack)
}

func (f *function) holds(place check.Place) bool {
	return f.file == place.File && f.first <= place.Line && place.Line <= f.last
}

func (f *function) holdsAny(stack []check.Place) bool { return slices.ContainsFunc(stack, f.holds) }

// usedName is the name by which code uses what a finding bans where it is declared.
func usedName(message string) (name string, imported, used bool) {
	what, _, _ := strings.Cut(message, ": ")
	if name, used = strings.CutPrefix(what, "package variable "); used {
		return name, false, true
	}
	if path, is := strings.CutPrefix(what, "import "); is {
		return path[strings.LastIndexByte(path, '/')+1:], true, true
	}
	return "", false, false
}

// nearest is how many lines lie between a line of a function and where the function stands on the stack.
func nearest(f *function, line int, stack []check.Place) int {
	for _, place := range stack {
		if f.holds(place) {
			return place.Line - line
		}
	}
	return 0
}

// short names a file as the stack does: relative to its module.
func short(stack []check.Place, path string) string {
	for _, place := range stack {
		if filepath.Dir(place.File) == filepath.Dir(path) {
			file := place.Short[:strings.LastIndexByte(place.Short, ':')]
			return filepath.ToSlash(filepath.Join(filepath.Dir(file), filepath.Base(path)))
		}
	}
	return path
}
