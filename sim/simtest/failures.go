package simtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
)

// tellFound shrinks a failure, writes its file and returns its story. A file that cannot be written is part
// of the story: the failure matters more.
func tellFound(t *testing.T, body explore.Body, base uint64, found explore.Found, test string) (
	text string, shrinking reportShrinking,
) {
	file, told := found.File, story.Of(base, found, "")
	if *given.shrink > 0 && !fuzzing() {
		began := time.Now()
		file, told = story.Reduce(t.Context(), explore.Shrinking{For: *given.shrink}, body, base, found)
		shrinking = reportShrinking{
			Before: len(found.File.Choices), After: len(file.Choices), Unverified: file.Unverified,
			Runs: told.Runs, Milliseconds: time.Since(began).Milliseconds(),
		}
	}
	folder, err := outFolder(t)
	path := ""
	if err == nil {
		path, err = file.Write(folder)
	}
	if err != nil {
		return told.Text() + fmt.Sprintf("no failure file: %v\n", err), shrinking
	}
	told.Replay = replayCommand(test, path)
	return told.Text() + draw(told, file), shrinking
}

// fuzzing tells whether go test's fuzzer is at work: it makes failing inputs small by itself, and runs
// hundreds of them.
func fuzzing() bool { return flagValue("test.fuzz") != "" || flagValue("test.fuzzworker") == "true" }

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

// How many schedules next to a recorded one are tried before its failure is gone: of a file that somebody
// asks for, and of each that is kept and stays gone in every run of the suite.
const (
	nearbyAsked = 200
	nearbyKept  = 20
)

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
	answer, err := explore.ReplayNearby(t.Context(), file, s.scenarios[at].Body, nearbyAsked)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(t.Output(), answer.Explain(file))
	if answer.Verdict != explore.Gone {
		told := story.OfReplay(file, answer, replayCommand(s.test(t, at), path))
		finding{wrong: []string{told.Text() + draw(told, file)}}.tell(t)
	}
}

// kept replays the failures that are kept for a scenario, tells those that are back, and the first one's
// key.
func kept(ctx context.Context, scenario explore.Scenario, test string) (
	back []string, key string, err error,
) {
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
		answer, err := explore.ReplayNearby(ctx, file, scenario.Body, nearbyKept)
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
