package windtunnel_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The README's test stands in a file of its own, which fails on purpose: it has a bug to find.
const readmeExample = "sim/simtest/testdata/deposits"

func TestReadmeShowsATestThatFindsItsBug(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	file, err := os.ReadFile(readmeExample + "/deposits_test.go")
	require.NoError(t, err)
	_, test, ok := strings.Cut(string(file), "func TestDepositsAreNotLost")
	require.True(t, ok)
	require.Contains(t, string(readme), strings.TrimSpace(test), "README.md does not show the test as it is")

	out, err := exec.Command("go", "test", "./"+readmeExample, "-sim.out="+t.TempDir()).CombinedOutput()
	require.Error(t, err, "the bug was not found")
	for _, line := range []string{"expected: 20", "actual  : 10", "strategy random", "-sim.replay="} {
		require.Contains(t, string(out), line)
		require.Contains(t, string(readme), line, "README.md does not show what is printed")
	}
}
