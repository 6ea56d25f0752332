package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
	"github.com/windtunnel/windtunnel/sim/story/timeline"
	"github.com/windtunnel/windtunnel/sim/trace"
)

func TestReplayExportsItsTrace(t *testing.T) {
	folder := t.TempDir()
	lines, page := filepath.Join(folder, "t.jsonl"), filepath.Join(folder, "t.html")
	require.NoError(t, os.WriteFile(page, []byte("an earlier page"), 0o600))
	code, out, problems := windtunnel(t, "replay", quietFailure(t), "--trace", page,
		"--export", "jsonl="+lines, "--export", "shiviz="+filepath.Join(folder, "a,b.log"))
	require.Zero(t, code, "%s%s", out, problems)
	text, err := os.Open(lines)
	require.NoError(t, err)
	defer text.Close()
	events, err := trace.Read(text)
	require.NoError(t, err)
	require.NotEmpty(t, events)
	require.FileExists(t, filepath.Join(folder, "a,b.log"))
	kept, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, "an earlier page", string(kept), "what is gone has no page, and takes none away")
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, left, 3, "something unfinished is left behind")
}

func TestPictureThatCannotBeWrittenIsToldBeforeTheReplay(t *testing.T) {
	failure, folder := quietFailure(t), t.TempDir()
	nowhere := filepath.Join(folder, "no", "where")
	for want, args := range map[string][]string{
		nowhere:                      {"--trace", nowhere},
		folder + " is a folder":      {"--trace", folder},
		`no format "gif"; there are`: {"--export", "gif=x"},
		"--export chrome: want":      {"--export", "chrome"},
		nowhere + ":":                {"--trace", folder + "/x", "--export", "chrome=" + nowhere},
	} {
		code, out, problems := windtunnel(t, append([]string{"replay", failure}, args...)...)
		require.Equal(t, 2, code, "%v: %s", args, problems)
		require.Contains(t, problems, want)
		require.Empty(t, out, "nothing is replayed")
	}
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestReplayExportsAHistoryAsPorcupineDrawsIt(t *testing.T) {
	page := filepath.Join(t.TempDir(), "history.html")
	code, out, problems := windtunnel(t, "replay", quietFailure(t), "--export", "porcupine="+page)
	require.Zero(t, code, "%s%s", out, problems)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	require.True(t, bytes.Contains(text, []byte(`read after 1 -\u003e push 2`)), "no push that was read")

	folder := t.TempDir()
	wanted, err := pictures{Export: []string{"porcupine=" + filepath.Join(folder, "x")}}.begin()
	require.NoError(t, err)
	err = wanted.finish(story.Story{}, explore.File{})
	require.ErrorIs(t, err, timeline.ErrNoHistory)
	require.ErrorContains(t, err, "export: porcupine: the run judged no history")
	wanted.discard()
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestCampaignDrawsWhatItFound(t *testing.T) {
	var said bytes.Buffer
	path := filepath.Join(t.TempDir(), "once-8f3a.json")
	told := story.Story{Outcome: explore.Outcome{
		Failure: &explore.Failure{Key: "once", Message: "made up"},
		Trace:   []trace.Event{{ID: 1, Lane: "g1", Kind: trace.Node, Text: "boot"}},
	}}
	(&console{err: &said}).drawBeside(path, told, explore.File{Scenario: "everything"})
	page := path[:len(path)-len(".json")] + ".html"
	require.Equal(t, "see: "+page+"\n", said.String())
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(text), "<title>everything: once</title>")
}
