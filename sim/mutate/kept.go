package mutate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
)

// kept is what earlier runs have measured, in a file of JSON lines that is only appended to: a run that is
// interrupted loses what it was just measuring.
type kept struct {
	name  string // "" keeps nothing
	mutex sync.Mutex
	lines map[string]Score // by key
}

// A keptLine is one mutant by one strategy, or one that its test has caught.
type keptLine struct {
	Mutant string `json:"mutant"`
	Digest string `json:"digest"` // of the mutant's text
	Test   string `json:"test,omitempty"`
	Seed   uint64 `json:"seed,omitempty"`
	Bases  int    `json:"bases,omitempty"`
	*Score
}

// key says what a line is about: whatever else it was measured with, another key.
func (l keptLine) key() string {
	if l.Score == nil {
		return fmt.Sprintf("%s %s %s", l.Mutant, l.Digest, l.Test)
	}
	return fmt.Sprintf("%s %s %d+%d*%d %s", l.Mutant, l.Digest, l.Seed, l.Bases, l.Schedules, l.Strategy)
}

// openKept reads what is kept. A last line that was not written to its end is cut off.
func openKept(name string) (*kept, error) {
	k := &kept{name: name, lines: map[string]Score{}}
	if name == "" {
		return k, nil
	}
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("what is kept: %w", err)
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	if len(whole) < len(text) {
		if err := os.Truncate(name, int64(len(whole))); err != nil {
			return nil, fmt.Errorf("what is kept: %w", err)
		}
	}
	for line := range bytes.Lines(whole) {
		var l keptLine
		if err := json.Unmarshal(line, &l); err != nil {
			return nil, fmt.Errorf("what is kept in %s: %w", name, err)
		}
		k.set(l)
	}
	return k, nil
}

func (k *kept) set(l keptLine) {
	score := Score{}
	if l.Score != nil {
		score = *l.Score
	}
	k.lines[l.key()] = score
}

func (k *kept) get(l keptLine) (Score, bool) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	score, ok := k.lines[l.key()]
	return score, ok
}

// add appends a line and remembers it.
func (k *kept) add(l keptLine) error {
	if k.name == "" {
		return nil
	}
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("keep %s: %w", l.Mutant, err)
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.set(l)
	file, err := os.OpenFile(k.name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("keep %s: %w", l.Mutant, err)
	}
	_, err = file.Write(append(text, '\n'))
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("keep %s: %w", l.Mutant, err)
	}
	return nil
}

// lineOf is a mutant's line without a score: that of its test.
func lineOf(m Mutant) keptLine {
	digest := sha256.Sum256(m.Format())
	l := keptLine{Mutant: m.ID, Digest: hex.EncodeToString(digest[:8])}
	if m.Scenario == "" {
		l.Test = m.Test.Package + " " + m.Test.Name
	}
	return l
}

func scoreLine(m Mutant, c Config, s Score) keptLine {
	l := lineOf(m)
	l.Seed, l.Bases, l.Score = c.Seed, c.Bases, &s
	return l
}

func (k *kept) score(m Mutant, c Config, strategy string) (Score, bool) {
	return k.get(scoreLine(m, c, Score{Strategy: strategy, Schedules: c.Schedules}))
}

func (k *kept) addScore(m Mutant, c Config, s Score) error { return k.add(scoreLine(m, c, s)) }

func (k *kept) addTest(m Mutant) error { return k.add(lineOf(m)) }

// all tells whether nothing of a mutant is left to be measured.
func (k *kept) all(m Mutant, c Config) bool {
	if m.Scenario == "" {
		_, ok := k.get(lineOf(m))
		return ok
	}
	for _, strategy := range c.Strategies {
		if _, ok := k.score(m, c, strategy); !ok {
			return false
		}
	}
	return true
}
