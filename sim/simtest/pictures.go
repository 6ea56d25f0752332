package simtest

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
	"github.com/windtunnel/windtunnel/sim/story/timeline"
)

// checkPictures finds out whether what -sim.trace and -sim.export ask for can be drawn at all.
func checkPictures() error {
	if *given.export == "" {
		return nil
	}
	format, path, _ := strings.Cut(*given.export, "=")
	if err := timeline.CheckFormat(format); err != nil {
		return fmt.Errorf("-sim.export: %w", err)
	}
	if path == "" {
		return fmt.Errorf("-sim.export is %q: want FORMAT=FILE", *given.export)
	}
	return nil
}

// draw draws a failure as the flags ask, and says where, or why not: the failure matters more.
func draw(told story.Story, file explore.File) string {
	var said strings.Builder
	picture := func(path string, write func(*bytes.Buffer) error) {
		var text bytes.Buffer
		err := write(&text)
		if err == nil {
			path, err = fromRoot(path)
		}
		if err == nil {
			err = os.WriteFile(path, text.Bytes(), 0o644)
		}
		if err != nil {
			fmt.Fprintf(&said, "no picture: %v\n", err)
			return
		}
		if root, err := moduleRoot(); err == nil {
			path = fromHere(root, path)
		}
		fmt.Fprintf(&said, "see: %s\n", path)
	}
	if *given.trace != "" {
		picture(*given.trace, func(w *bytes.Buffer) error { return timeline.WritePage(w, told, file) })
	}
	if format, path, asked := strings.Cut(*given.export, "="); asked {
		picture(path, func(w *bytes.Buffer) error { return timeline.Export(w, format, told.Outcome) })
	}
	return said.String()
}
