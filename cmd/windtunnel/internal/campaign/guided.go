package campaign

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// guidedFile has what guided campaigns have kept to change: a run a line. Those of several folders are
// merged by writing one behind the other.
const guidedFile = "guided.jsonl"

// guidedRun is a line of the file.
type guidedRun struct {
	Scenario string       `json:"scenario"`
	Plan     explore.Plan `json:"plan"`
}

// Guided is the runs that guided campaigns have kept, by scenario.
type Guided map[string][]explore.Plan

// ReadGuided reads those of a folder; where no guided campaign has been there are none. The error names the
// line that makes no sense.
func ReadGuided(folder string) (Guided, error) {
	path := filepath.Join(folder, guidedFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Guided{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("runs kept by guided campaigns: %w", err)
	}
	kept := Guided{}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		var run guidedRun
		err := json.Unmarshal(line, &run)
		if err == nil && (run.Scenario == "" || run.Plan == nil) {
			err = errors.New("it needs a scenario and a plan")
		}
		if err != nil {
			return nil, fmt.Errorf("runs kept by guided campaigns: %s:%d: %w; mend the line or remove it",
				path, n, err)
		}
		kept[run.Scenario] = append(kept[run.Scenario], run.Plan)
	}
	return kept, nil
}

// Write replaces what the folder has, which is left as it is if that fails.
func (g Guided) Write(folder string) error {
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	for _, scenario := range slices.Sorted(maps.Keys(g)) {
		for _, plan := range g[scenario] {
			if err := lines.Encode(guidedRun{scenario, plan}); err != nil {
				return fmt.Errorf("runs kept by a guided campaign: %w", err)
			}
		}
	}
	path := filepath.Join(folder, guidedFile)
	err := os.MkdirAll(folder, 0o755)
	if err == nil {
		err = os.WriteFile(path+".new", text.Bytes(), 0o644)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("runs kept by a guided campaign: %w", err)
	}
	return nil
}
