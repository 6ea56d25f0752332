package timeline

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
)

//go:embed assets
var assets embed.FS

// scripts are the page's own, in the order in which they need each other.
var scripts = [...]string{
	"model.js", "history.js", "search.js", "rows.js", "lanes.js", "draw.js", "rowdraw.js", "historydraw.js",
	"overview.js", "panel.js", "operation.js", "head.js", "main.js",
}

// WritePage writes a failed run, with its whole trace, as one page. file is the failure's. An
// error says what is missing, or that w failed.
func WritePage(w io.Writer, told story.Story, file explore.File) error {
	switch {
	case told.Outcome.Failure == nil:
		return errors.New("page: the run did not fail")
	case len(told.Outcome.Trace) == 0:
		return errors.New("page: the run kept no trace")
	}
	parts, err := pageParts(told, file)
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	page, err := assets.ReadFile("assets/page.html")
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	// One pass, so that nothing that a trace says is taken for a place to fill in.
	if _, err := strings.NewReplacer(parts...).WriteString(w, string(page)); err != nil {
		return fmt.Errorf("page: write: %w", err)
	}
	return nil
}

// pageParts pairs each place of the page with what goes there.
func pageParts(told story.Story, file explore.File) ([]string, error) {
	style, err := assets.ReadFile("assets/page.css")
	if err != nil {
		return nil, err
	}
	var script strings.Builder
	for _, name := range scripts {
		text, err := assets.ReadFile("assets/" + name)
		if err != nil {
			return nil, err
		}
		script.Write(text)
	}
	drawn, err := json.Marshal(newData(told, file)) // it escapes <, so that no text ends the script
	if err != nil {
		return nil, err
	}
	return []string{
		"{{title}}", html.EscapeString(file.Scenario + ": " + told.Outcome.Failure.Key),
		"{{style}}", string(style),
		"{{told}}", html.EscapeString(told.Text()),
		"{{data}}", string(drawn),
		"{{script}}", script.String(),
	}, nil
}
