package mutate

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/txtar"
)

// likeEnough is the least share of an old text's tokens that a place must have to be proposed.
const likeEnough = 0.6

// Refresh proposes where the edits that no longer apply belong now: the function, anywhere under root, that
// has the text most like the old one. The new text stays as it was; fitting it is for a person. It returns
// false when all edits apply, and an error when nothing is like an old text.
func (m Mutant) Refresh(root string) (proposal Mutant, changed bool, err error) {
	proposal = m
	proposal.Edits = append([]Edit(nil), m.Edits...)
	for i, e := range proposal.Edits {
		if text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(e.File))); err == nil {
			if _, err := e.match(string(text)); err == nil {
				continue
			}
		}
		place, err := e.mostAlike(root)
		if err != nil {
			return m, false, fmt.Errorf("mutant %s: %s %s: %w", m.ID, e.File, e.Func, err)
		}
		p := &proposal.Edits[i]
		p.File, p.Func, p.Old = place.File, place.Func, place.Old
		changed = true
	}
	return proposal, changed, nil
}

// mostAlike searches the module's Go files, those of a like name and function first in doubt.
func (e Edit) mostAlike(root string) (Edit, error) {
	old, err := lexemes(e.Old)
	if err != nil {
		return e, err
	}
	best, bestScore := e, 0.0
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && name != root
		if entry.IsDir() && hidden {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, candidate := range candidates(string(text), old) {
			candidate.File = filepath.ToSlash(relative)
			score := candidate.score
			if candidate.File == e.File {
				score += 0.05
			}
			if candidate.Func == e.Func {
				score += 0.1
			}
			if score > bestScore {
				best, bestScore = candidate.Edit, score
			}
		}
		return nil
	})
	if err == nil && bestScore < likeEnough {
		err = doesNotApply("nothing under %s is like its old text", root)
	}
	return best, err
}

// A candidate is a place with a text like an old one; score is the share of the old text's tokens that it
// has.
type candidate struct {
	Edit
	score float64
}

// candidates returns the most alike piece of every function of a file.
func candidates(text string, old []lexeme) []candidate {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil // a file that does not parse is no place for a mutant
	}
	var found []candidate
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		from, to := fset.Position(f.Pos()).Offset, fset.Position(f.End()).Offset
		whole, err := lexemes(text[from:to])
		if err != nil {
			continue
		}
		if start, end, score := window(whole, old); score > 0 {
			piece := text[from+whole[start].start : from+whole[end-1].end]
			found = append(found, candidate{Edit{Func: functionName(f), Old: piece}, score})
		}
	}
	return found
}

// window slides over whole and returns the piece, as long as old, that shares most tokens with it.
func window(whole, old []lexeme) (start, end int, score float64) {
	type key struct {
		token token.Token
		text  string
	}
	wanted := map[key]int{}
	for _, l := range old {
		wanted[key{l.token, l.text}]++
	}
	size := min(len(old), len(whole))
	shared, best := 0, 0
	for i, l := range whole {
		if wanted[key{l.token, l.text}]--; wanted[key{l.token, l.text}] >= 0 {
			shared++
		}
		if i >= size {
			left := key{whole[i-size].token, whole[i-size].text}
			if wanted[left]++; wanted[left] > 0 {
				shared--
			}
		}
		if i >= size-1 && shared > best {
			best, start = shared, i-size+1
		}
	}
	return start, start + size, float64(best) / float64(max(len(old), 1))
}

// Format writes the mutant as Parse reads it.
func (m Mutant) Format() []byte {
	var header bytes.Buffer
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&header, "%s: %s\n", key, value)
		}
	}
	line("id", m.ID)
	line("what", m.What)
	line("scenario", m.Scenario)
	line("invariant", m.Invariant)
	line("package", m.Package)
	line("run", m.Run)
	line("test", strings.TrimSpace(m.Test.Package+" "+m.Test.Name))
	if m.HangIsCaught {
		line("hang", "caught")
	}
	archive := txtar.Archive{Comment: header.Bytes()}
	section := func(name, text string) {
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(text)})
	}
	file := ""
	for _, e := range m.Edits {
		if e.File != file {
			section("file", e.File)
			file = e.File
		}
		section("func", e.Func)
		section("old", e.Old)
		section("new", e.New)
		if len(e.Imports) > 0 {
			section("imports", strings.Join(e.Imports, "\n"))
		}
	}
	return txtar.Format(&archive)
}
