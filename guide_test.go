package windtunnel_test

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const guide = "docs/testing-your-own-system.md"

// The guide is played word for word in an empty module. This checkout is the latest version of ours there,
// the module cache has all others, and nothing else can be asked.
func TestTheGuideRunsAsItIsWritten(t *testing.T) {
	t.Parallel() // it builds a lot
	text, err := os.ReadFile(guide)
	require.NoError(t, err)
	folder, environment := t.TempDir(), outside(t)
	commands := 0
	for _, block := range blocks(string(text)) {
		if name, isFile := strings.CutPrefix(block.info, "go "); isFile {
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(block.text), 0o600))
			continue
		}
		require.Equal(t, "console", block.info, "a block of the guide that nobody plays")
		for _, command := range strings.Split("\n"+block.text, "\n$ ")[1:] {
			command, shown, _ := strings.Cut(command, "\n")
			run := exec.Command("sh", "-c", command)
			run.Dir, run.Env = folder, environment
			printed, _ := run.CombinedOutput() // a command may fail; what it prints says so
			t.Logf("$ %s\n%s", command, printed)
			require.Regexp(t, printedLike(shown), steady(string(printed)), "$ %s", command)
			commands++
		}
	}
	require.NotZero(t, commands)
}

// block is a fenced part of a page: "go NAME" is a file, "console" are commands and what they print.
type block struct{ info, text string }

func blocks(page string) []block {
	var found []block
	for _, m := range regexp.MustCompile("(?ms)^```(\\S[^\n]*)\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		found = append(found, block{m[1], m[2]})
	}
	return found
}

// printedLike is what output a page allows: "..." is any text, and as a line of its own any lines.
func printedLike(shown string) string {
	var pattern strings.Builder
	for line := range strings.Lines(strings.TrimSpace(steady(shown)) + "\n") {
		line = strings.TrimSuffix(line, "\n")
		if line == "..." {
			pattern.WriteString(`(?s:.*)`)
			continue
		}
		pattern.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), `\.\.\.`, `.*`) + `\n`)
	}
	return `^` + strings.TrimPrefix(pattern.String(), `\n`) + `$`
}

// steady takes real durations out of what go test prints, and trailing spaces.
func steady(output string) string {
	output = regexp.MustCompile(`\(\d+\.\d+s\)`).ReplaceAllString(output, "(0.00s)")
	return regexp.MustCompile(`(?m)(?:\s+\d+\.\d+s)?[ \t]*$`).ReplaceAllString(output, "")
}

// outside is the environment of a user's go command: no workspace, no settings of ours, no network.
func outside(t *testing.T) []string {
	t.Helper()
	// The command needs modules that this package's test does not: what go test has fetched is not all.
	fetched, err := exec.Command("go", "mod", "download").CombinedOutput()
	require.NoError(t, err, "go mod download: %s", fetched)
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	require.NoError(t, err)
	cache := filepath.ToSlash(strings.TrimSpace(string(out))) + "/cache/download"
	proxy := filepath.ToSlash(t.TempDir())
	serveCheckout(t, proxy)
	return append(os.Environ(),
		"GOPROXY=file://"+proxy+",file://"+cache, "GOMODCACHE="+t.TempDir(), "GOSUMDB=off", "GOENV=off",
		"GOFLAGS=-modcacherw", "GOWORK=off", "GOTOOLCHAIN=local")
}

// serveCheckout lays this module out as the go command wants it from a proxy, as its one version.
func serveCheckout(t *testing.T, proxy string) {
	t.Helper()
	const version = "v0.0.1"
	folder := filepath.Join(proxy, filepath.FromSlash(module), "@v")
	require.NoError(t, os.MkdirAll(folder, 0o750))
	requirements, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	for name, text := range map[string]string{
		"list": version + "\n", version + ".mod": string(requirements),
		version + ".info": fmt.Sprintf(`{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, version),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	archive, err := os.Create(filepath.Join(folder, version+".zip"))
	require.NoError(t, err)
	packed := zip.NewWriter(archive)
	for _, name := range files() {
		source, err := os.Open(name)
		require.NoError(t, err)
		entry, err := packed.Create(module + "@" + version + "/" + name)
		require.NoError(t, err)
		_, err = io.Copy(entry, source)
		require.NoError(t, err)
		require.NoError(t, source.Close())
	}
	require.NoError(t, packed.Close())
	require.NoError(t, archive.Close())
}
