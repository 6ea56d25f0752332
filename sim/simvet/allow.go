package simvet

import (
	"go/ast"
	"go/token"
	"strings"
)

const (
	allowDirective = "//simvet:allow"
	worldDirective = "//simvet:world"

	noReason = "an exception without its reason: write //simvet:allow and why"
)

// InWorld tells whether a comment above the package clause says //simvet:world: the file belongs to a package
// that is not held as a whole, but runs inside a World itself.
func InWorld(file *ast.File) bool {
	for _, group := range file.Comments {
		for _, comment := range group.List {
			if comment.Pos() < file.Package && strings.HasPrefix(comment.Text, worldDirective) {
				return true
			}
		}
	}
	return false
}

// An exception is one //simvet:allow comment.
type exception struct {
	comment *ast.Comment
	line    int // the line of code that it excuses
	reason  string
	used    bool
}

// excuse takes from a file's reports those that an exception covers, and adds one for each exception that has
// no reason or covers nothing.
func excuse(fset *token.FileSet, file *ast.File, reports []report) []report {
	exceptions := exceptionsIn(fset, file)
	var kept []report
	for _, r := range reports {
		line := fset.Position(r.pos).Line
		excused := false
		for _, x := range exceptions {
			if x.line == line {
				x.used, excused = true, true
			}
		}
		if !excused {
			kept = append(kept, r)
		}
	}
	for _, x := range exceptions {
		switch {
		case x.reason == "":
			kept = append(kept, report{x.comment.Pos(), noReason})
		case !x.used:
			kept = append(kept, report{x.comment.Pos(), "an exception that excuses nothing: remove it"})
		}
	}
	return kept
}

func exceptionsIn(fset *token.FileSet, file *ast.File) []*exception {
	var found []*exception
	var code map[int]bool
	for _, group := range file.Comments {
		for _, comment := range group.List {
			rest, ok := strings.CutPrefix(comment.Text, allowDirective)
			if !ok {
				continue
			}
			if code == nil {
				code = linesWithCode(fset, file)
			}
			line := fset.Position(comment.Pos()).Line
			if !code[line] { // a comment of its own: it is about the line below its group
				line = fset.Position(group.End()).Line + 1
			}
			found = append(found, &exception{comment: comment, line: line, reason: strings.TrimSpace(rest)})
		}
	}
	return found
}

// linesWithCode finds the lines on which some part of the syntax begins or ends.
func linesWithCode(fset *token.FileSet, file *ast.File) map[int]bool {
	lines := map[int]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.File:
			return true
		case *ast.Comment, *ast.CommentGroup:
			return false
		}
		lines[fset.Position(n.Pos()).Line] = true
		lines[fset.Position(n.End()-1).Line] = true
		return true
	})
	return lines
}
