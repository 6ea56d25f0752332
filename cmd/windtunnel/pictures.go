package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
	"github.com/windtunnel/windtunnel/sim/story/timeline"
)

// pictures is what a replay is to be shown as.
type pictures struct {
	Trace  string   `help:"Write the failure as one page, a space-time diagram." placeholder:"FILE.html"`
	Export []string `help:"As chrome, shiviz, jsonl or porcupine." placeholder:"FORMAT=FILE" sep:"none"`
}

func (p pictures) wanted() bool { return p.Trace != "" || len(p.Export) > 0 }

// sketch is a picture that is not yet in its place. It takes it only when it is whole, so that a replay that
// comes to nothing spoils no earlier picture.
type sketch struct {
	path   string
	format string // of an export; empty is the page
	file   *os.File
}

// begin finds out whether all that is asked for can be written. discard must be called.
func (p pictures) begin() (sketches, error) {
	var wanted sketches
	if p.Trace != "" {
		wanted = append(wanted, sketch{path: p.Trace})
	}
	for _, flag := range p.Export {
		format, path, _ := strings.Cut(flag, "=")
		if err := timeline.CheckFormat(format); err != nil {
			return nil, err
		}
		if path == "" {
			return nil, fmt.Errorf("--export %s: want FORMAT=FILE", flag)
		}
		wanted = append(wanted, sketch{path: path, format: format})
	}
	for i := range wanted {
		if err := wanted[i].open(); err != nil {
			wanted.discard()
			return nil, err
		}
	}
	return wanted, nil
}

func (s *sketch) open() error {
	if info, err := os.Stat(s.path); err == nil && info.IsDir() {
		return fmt.Errorf("picture: %s is a folder", s.path)
	}
	file, err := os.CreateTemp(filepath.Dir(s.path), "."+filepath.Base(s.path)+"-")
	if err != nil {
		return fmt.Errorf("picture: %s: %w", s.path, err)
	}
	s.file = file
	return nil
}

type sketches []sketch

// finish draws everything and puts it into its place. A run that held has no page, but can be exported.
func (all sketches) finish(told story.Story, file explore.File) error {
	var problems []error
	for i := range all {
		s := &all[i]
		if s.format == "" && told.Outcome.Failure == nil {
			continue
		}
		if err := s.finish(told, file); err != nil {
			problems = append(problems, fmt.Errorf("picture: %s: %w", s.path, err))
		}
	}
	return errors.Join(problems...)
}

func (s *sketch) finish(told story.Story, file explore.File) error {
	var err error
	if s.format == "" {
		err = timeline.WritePage(s.file, told, file)
	} else {
		err = timeline.Export(s.file, s.format, told.Outcome)
	}
	if err == nil {
		err = s.file.Chmod(0o644)
	}
	if err := errors.Join(err, s.file.Close()); err != nil {
		return err
	}
	return os.Rename(s.file.Name(), s.path)
}

// discard removes what did not come into its place.
func (all sketches) discard() {
	for _, s := range all {
		if s.file != nil {
			s.file.Close()
			os.Remove(s.file.Name())
		}
	}
}

// drawBeside puts a failure's page beside its file, and says where.
func (c *console) drawBeside(path string, told story.Story, file explore.File) {
	drawn, err := pictures{Trace: strings.TrimSuffix(path, ".json") + ".html"}.begin()
	if err == nil {
		defer drawn.discard()
		err = drawn.finish(told, file)
	}
	if err != nil {
		c.problem(err)
		return
	}
	fmt.Fprintf(c.err, "see: %s\n", drawn[0].path)
}
