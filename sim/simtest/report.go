package simtest

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// reportLine is what -sim.report gets for every check.
type reportLine struct {
	Scenario string `json:"scenario"`
	BaseSeed uint64 `json:"base_seed"`
	Runs     int    `json:"runs"`
	FailedAt int    `json:"failed_at"` // which run, from 1, where a kept failure is run 1; 0: none
	Key      string `json:"key"`       // of the failure; empty: none

	Shrinking reportShrinking `json:"shrinking,omitzero"` // of the failure; missing: it was not shrunk
}

// reportShrinking is what shrinking a failure came to.
type reportShrinking struct {
	Before       int   `json:"before"` // choices that were not quiet
	After        int   `json:"after"`
	Unverified   int   `json:"unverified"` // of those that are left: not known to be necessary
	Runs         int   `json:"runs"`
	Milliseconds int64 `json:"ms"`
}

// reporting keeps lines of checks that run at once apart.
var reporting sync.Mutex

// record appends a finding to the report file, where there is one.
func record(f finding) error {
	if *given.report == "" {
		return nil
	}
	line := reportLine{
		Scenario: f.report.Scenario, BaseSeed: f.report.Base, Runs: f.report.Runs, Shrinking: f.shrinking,
	}
	switch r := f.report; {
	case len(r.Found) > 0:
		line.FailedAt, line.Key = r.Found[0].Index+1, r.Found[0].Outcome.Failure.Key
	case r.Diverged != nil:
		line.FailedAt, line.Key = r.Diverged.Index+1, "not deterministic"
	case f.back != "":
		line.FailedAt, line.Key = 1, f.back
	case len(f.wrong) > 0:
		line.FailedAt, line.Key = max(r.Runs, 1), "outside the search"
	}
	path, err := fromRoot(*given.report)
	if err != nil {
		return fmt.Errorf("-sim.report: %w", err)
	}
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("-sim.report: %w", err)
	}
	reporting.Lock()
	defer reporting.Unlock()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("-sim.report: %w", err)
	}
	_, err = file.Write(append(text, '\n'))
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("-sim.report: %w", err)
	}
	return nil
}
