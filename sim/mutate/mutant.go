package mutate

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// A Mutant is one known bug: how to put it back, and what must catch it.
type Mutant struct {
	ID   string
	What string // the bug, in one sentence

	// Either a scenario and the key of its failure, or a test.
	Scenario  string
	Invariant string
	Package   string // of the scenario's test, relative to the root ("./scenarios"); "" is Config.Package
	Run       string // the scenario's test, with its subtests ("TestX/y"); "" is Config.Test/Scenario
	Test      Test
	// HangIsCaught says that the test cannot fail but by its time being over or its process dying.
	HangIsCaught bool

	Edits []Edit
}

// A Test is a test function, perhaps with subtests, of a package relative to the root ("./sim", "TestX/y").
type Test struct{ Package, Name string }

// An Edit replaces Old by New in one function of one file.
type Edit struct {
	File    string // slash-separated, relative to the root
	Func    string // "loop", "pusher.loop", "(*pusher).loop", "const x", "var x", "type T"
	Old     string // Go tokens that are there exactly once
	New     string
	Imports []string // that New needs
}

// Load reads every *.txtar file of a folder, sorted by name. Ids must be unique.
func Load(dir string) ([]Mutant, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, fmt.Errorf("mutants: %w", err)
	}
	slices.Sort(names)
	var mutants []Mutant
	seen := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("mutants: %w", err)
		}
		m, err := Parse(text)
		if err != nil {
			return nil, fmt.Errorf("mutants: %s: %w", filepath.Base(name), err)
		}
		if before, ok := seen[m.ID]; ok {
			return nil, fmt.Errorf("mutants: %s: id %s is also that of %s", filepath.Base(name), m.ID, before)
		}
		if m.ID+".txtar" != filepath.Base(name) {
			return nil, fmt.Errorf("mutants: %s: name it %s.txtar, after its id", filepath.Base(name), m.ID)
		}
		seen[m.ID] = filepath.Base(name)
		mutants = append(mutants, m)
	}
	return mutants, nil
}

// Parse reads one mutant, as the package comment describes it.
func Parse(text []byte) (Mutant, error) {
	archive := txtar.Parse(text)
	var m Mutant
	for line := range strings.Lines(string(archive.Comment)) {
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := m.header(line); err != nil {
			return m, err
		}
	}
	for _, section := range archive.Files {
		if err := m.section(section.Name, string(bytes.Trim(section.Data, "\n"))); err != nil {
			return m, err
		}
	}
	return m, m.validate()
}

func (m *Mutant) header(line string) error {
	key, value, ok := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	if !ok || value == "" {
		return fmt.Errorf("header %q: want \"key: value\"", strings.TrimSpace(line))
	}
	switch key {
	case "id":
		m.ID = value
	case "what":
		m.What = value
	case "scenario":
		m.Scenario = value
	case "invariant":
		m.Invariant = value
	case "package":
		m.Package = value
	case "run":
		m.Run = value
	case "test":
		m.Test.Package, m.Test.Name, _ = strings.Cut(value, " ")
	case "hang":
		m.HangIsCaught = value == "caught"
		if !m.HangIsCaught {
			return fmt.Errorf("header hang is %q, can only be caught", value)
		}
	default:
		return fmt.Errorf("header %q: want id, what, scenario, invariant, package, run, test or hang", key)
	}
	return nil
}

// section reads one part of an edit. A file or a func after a new begins the next edit.
func (m *Mutant) section(name, text string) error {
	if name == "file" {
		m.Edits = append(m.Edits, Edit{File: strings.TrimSpace(text)})
		return nil
	}
	if len(m.Edits) == 0 {
		return fmt.Errorf("section %q: want file first", name)
	}
	e := &m.Edits[len(m.Edits)-1]
	switch name {
	case "func":
		if e.Func != "" {
			m.Edits = append(m.Edits, Edit{File: e.File})
			e = &m.Edits[len(m.Edits)-1]
		}
		e.Func = strings.TrimSpace(text)
	case "old":
		e.Old = text
	case "new":
		e.New = text
	case "imports":
		e.Imports = strings.Fields(text)
	default:
		return fmt.Errorf("section %q: want file, func, old, new or imports", name)
	}
	return nil
}

func (m *Mutant) validate() error {
	byScenario := m.Scenario != "" || m.Invariant != ""
	byTest := m.Test != Test{}
	switch {
	case m.ID == "":
		return errors.New("header id is missing")
	case strings.ContainsAny(m.ID, "/\\ "):
		return fmt.Errorf("id %q: want no spaces or slashes", m.ID)
	case m.What == "":
		return errors.New("header what is missing: the bug in one sentence")
	case byScenario == byTest:
		return errors.New("want scenario and invariant, or test, and not both")
	case byScenario && (m.Scenario == "" || m.Invariant == ""):
		return errors.New("scenario and invariant belong together")
	case byTest && (m.Test.Package == "" || m.Test.Name == ""):
		return errors.New("header test: want a package and a test: ./sim TestName")
	case len(m.Edits) == 0:
		return errors.New("no edit: want sections file, func, old and new")
	}
	for _, e := range m.Edits {
		if e.File == "" || e.Func == "" || strings.TrimSpace(e.Old) == "" {
			return fmt.Errorf("edit of %s %s: want sections file, func, old and new", e.File, e.Func)
		}
		if !filepath.IsLocal(filepath.FromSlash(e.File)) {
			return fmt.Errorf("file %s is outside the module", e.File)
		}
	}
	return nil
}
