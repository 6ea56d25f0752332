package timeline

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// Formats lists what Export can write.
func Formats() []string { return []string{"chrome", "jsonl", "porcupine", "shiviz"} }

// CheckFormat returns an error that lists the formats there are, if name is none of them.
func CheckFormat(name string) error {
	if slices.Contains(Formats(), name) {
		return nil
	}
	return fmt.Errorf("export: no format %q; there are: %s", name, strings.Join(Formats(), ", "))
}

// Export writes the trace of a run for another tool:
//
//	chrome     for ui.perfetto.dev and chrome://tracing: a process a node, a thread a task, a flow a message
//	shiviz     for bestchai.bitbucket.io/shiviz, whose default expression reads it: a host a node
//	jsonl      the events as they are, one a line; trace.Read reads them
//	porcupine  not the trace but a history, as porcupine's own page: the first judged that has no order, or
//	           else the longest; ErrNoHistory if the run judged none
//
// Choices are no events: only chrome shows them. For its page porcupine looks for orders again, for ten
// seconds at most.
func Export(w io.Writer, format string, run explore.Outcome) error {
	if err := CheckFormat(format); err != nil {
		return err
	}
	var err error
	switch format {
	case "chrome":
		err = writeChrome(w, newScene(newRows(run.Trace, run.Choices), ""))
	case "porcupine":
		err = writePorcupine(w, run.Judged)
	case "shiviz":
		err = writeShiViz(w, newScene(newRows(run.Trace, nil), ""))
	default:
		err = trace.Write(w, run.Trace)
	}
	if err != nil {
		return fmt.Errorf("export: %s: %w", format, err)
	}
	return nil
}
