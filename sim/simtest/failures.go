package simtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
)

// tellFound writes a failure's file and returns its story. A file that cannot be written is part of the
// story: the failure matters more.
func tellFound(t *testing.T, base uint64, found explore.Found, test string) string {
	folder, err := outFolder(t)
	path := ""
	if err == nil {
		path, err = found.File.Write(folder)
	}
	if err != nil {
		return story.Of(base, found, "").Text() + fmt.Sprintf("no failure file: %v\n", err)
	}
	return story.Of(base, found, replayCommand(test, path)).Text()
}

// outFolder is where failure files go. t's own ArtifactDir is deleted after the test unless -artifacts is
// given, and a file that is gone replays nothing.
func outFolder(t *testing.T) (string, error) {
	switch {
	case *given.out != "":
		return fromRoot(*given.out)
	case flagValue("test.artifacts") == "true":
		return t.ArtifactDir(), nil
	}
	return filepath.Join(os.TempDir(), "windtunnel-failures"), nil
}

// replay runs the file of -sim.replay and fails t if it still fails, in whichever way.
func (s suite) replay(t *testing.T) {
	t.Helper()
	path, err := fromRoot(*given.replay)
	if err != nil {
		t.Fatal(err)
	}
	file, err := explore.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(s.scenarios, func(c explore.Scenario) bool { return c.Name == file.Scenario })
	if at < 0 {
		t.Fatalf("-sim.replay: %s is a failure of %s, and this is %s: choose the test with -run",
			*given.replay, file.Scenario, t.Name())
	}
	answer, err := explore.Replay(file, s.scenarios[at].Body)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(t.Output(), answer.Explain(file))
	if answer.Verdict != explore.Gone {
		told := story.OfReplay(file, answer, replayCommand(s.test(t, at), path))
		finding{wrong: []string{told.Text()}}.tell(t)
	}
}

// kept replays the failures that are kept for a scenario, tells those that are back, and the first one's
// key.
func kept(scenario explore.Scenario, test string) (back []string, key string, err error) {
	files, err := keptFiles()
	if err != nil {
		return nil, "", err
	}
	for _, path := range files {
		file, err := explore.ReadFile(path)
		if err != nil {
			return nil, "", err
		}
		if file.Scenario != scenario.Name {
			continue
		}
		answer, err := explore.Replay(file, scenario.Body)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", path, err)
		}
		if answer.Verdict != explore.Gone {
			text := story.OfReplay(file, answer, replayCommand(test, path)).Text()
			if len(back) == 0 {
				key = answer.Outcome.Failure.Key
			}
			back = append(back, "a kept failure is back: "+answer.Explain(file)+"\n"+text)
		}
	}
	return back, key, nil
}

// keptFiles lists testdata/failures of the package and of the module, each file once.
func keptFiles() ([]string, error) {
	folders := []string{"testdata/failures"}
	if root, err := moduleRoot(); err == nil {
		folders = append(folders, filepath.Join(root, "testdata", "failures"))
	}
	var files []string
	for _, folder := range folders {
		absolute, err := filepath.Abs(folder)
		if err != nil {
			return nil, err
		}
		found, err := filepath.Glob(filepath.Join(absolute, "*.json"))
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}
