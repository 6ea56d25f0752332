package campaign

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// Kept is a failure file in a folder.
type Kept struct {
	Path string
	File explore.File
}

// ReadCorpus reads the failure files of a folder, by name. One that is not there has none. The error tells
// which .json files could not be read; those that could are returned with it.
func ReadCorpus(folder string) ([]Kept, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("failure files of %s: %w", folder, err)
	}
	var (
		kept   []Kept
		unread []error
	)
	for _, path := range paths {
		file, err := explore.ReadFile(path)
		if err != nil {
			unread = append(unread, fmt.Errorf("passed over: %w", err))
			continue
		}
		kept = append(kept, Kept{Path: path, File: file})
	}
	return kept, errors.Join(unread...)
}
