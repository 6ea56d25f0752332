package explore_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/sim/explore"
)

func sample() explore.File {
	o := explore.Outcome{
		Hash: 0x8f3a000000000001, Steps: 1300,
		Config: []explore.Setting{{Name: "workers", Value: "2"}},
		Failure: &explore.Failure{
			Key: "no push under REJECT", Invariant: true, Message: "pushed 2 windows", Who: "g1/push",
			Step: 1204, At: 14200 * time.Millisecond,
		},
	}
	choices := explore.Choices{"stall g1#0/push 12": 3, "stall g1#0/push 2": 1, "delay m1 -> g1 7": 40}
	f := explore.NewFile("TestScenarios/stale-backpressure", "random", 17, o, choices)
	f.Go, f.Arch, f.Commit = "go1.26.0", "linux/amd64", ""
	return f
}

const sampleText = `{
  "format": 1,
  "scenario": "TestScenarios/stale-backpressure",
  "failure": {
    "key": "no push under REJECT",
    "invariant": true,
    "message": "pushed 2 windows",
    "who": "g1/push",
    "step": 1204,
    "at": "14.2s"
  },
  "trace_hash": "8f3a000000000001",
  "seed": 17,
  "strategy": "random",
  "steps": 1300,
  "go": "go1.26.0",
  "arch": "linux/amd64",
  "config": {
    "workers": "2"
  },
  "choices": {
    "delay m1 -> g1": "7=40",
    "stall g1#0/push": "2=1 12=3"
  }
}
`

func TestFileIsReadableAndStable(t *testing.T) {
	data, err := sample().Encode()
	require.NoError(t, err)
	assert.Equal(t, sampleText, string(data))
	back, err := explore.Decode(data)
	require.NoError(t, err)
	assert.Equal(t, sample(), back)
}

func TestFileIsWrittenUnderTheNameOfItsScenario(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "made")
	path, err := sample().Write(folder)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(folder, "stale-backpressure-8f3a.json"), path)
	back, err := explore.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, sample(), back)
}

func TestWrongFileIsRefusedWithTheReason(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"format": 1`, `"format": 9`, "format is 9, this program reads 1"},
		{`"scenario": "TestScenarios/stale-backpressure",`, ``, "scenario is missing"},
		{`"key": "no push under REJECT",`, ``, "failure.key is missing"},
		{`"at": "14.2s"`, `"at": "soon"`, `failure.at is "soon", not a duration such as 14.2s`},
		{`8f3a000000000001`, `8f3a`, `trace_hash is "8f3a", not 16 hexadecimal digits`},
		{`"seed": 17`, `"seed": -1`, "seed"},
		{`"seed"`, `"sead"`, `unknown field "sead"`},
		{`7=40`, `7:40`, `choices["delay m1 -> g1"]: "7:40" is not number=answer`},
		{`7=40`, `7=-4`, `choices["delay m1 -> g1"]: "7=-4" is not number=answer`},
		{`7=40`, `7=40 7=41`, `choices["delay m1 -> g1"]: 7 is there twice`},
		{"}\n}\n", "}\n} x", "text after the end"},
		{sampleText, "", "not a failure file"},
		{sampleText, "[]", "not a failure file"},
	} {
		text := strings.Replace(sampleText, c.old, c.new, 1)
		require.NotEqual(t, sampleText, text)
		_, err := explore.Decode([]byte(text))
		assert.ErrorContains(t, err, c.want)
	}
	_, err := explore.ReadFile(filepath.Join(t.TempDir(), "none.json"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestChoicesSurviveTheFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := sample()
		f.Choices = rapid.MapOf(
			rapid.StringMatching(`(pick|stall|fault) [a-z#/<>" ]{1,12} (0|[1-9][0-9]{0,5})`),
			rapid.IntRange(1, 1<<20),
		).Draw(t, "choices")
		data, err := f.Encode()
		require.NoError(t, err)
		back, err := explore.Decode(data)
		require.NoError(t, err)
		assert.Equal(t, f, back)
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(sampleText))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := explore.Decode(data)
		if err != nil {
			return
		}
		text, err := file.Encode()
		require.NoError(t, err)
		again, err := explore.Decode(text)
		require.NoError(t, err)
		assert.Equal(t, file.Choices, again.Choices)
	})
}
