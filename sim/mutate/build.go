package mutate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

var (
	errDoesNotBuild = errors.New("it does not build")
	errDoesNotVet   = errors.New("it does not vet")
)

// goTool runs the go command at the root and returns what it printed.
func (r *runner) goTool(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = r.Root
	output, err := command.CombinedOutput()
	return string(output), err
}

// build compiles a package's test binary, with an overlay or without ("").
func (r *runner) build(ctx context.Context, packagePath, overlay, binary string) error {
	args := []string{"test", "-c", "-vet=off", "-o", binary}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	output, err := r.goTool(ctx, append(args, packagePath)...)
	if err != nil {
		return fmt.Errorf("%w: %s", errDoesNotBuild, excerpt(output))
	}
	if _, err := os.Stat(binary); err != nil {
		return fmt.Errorf("%w: package %s has no tests", errDoesNotBuild, packagePath)
	}
	return nil
}

// vet runs go vet over the packages that the mutant changes: a mistake that go test reports by itself is none
// that checks have to find.
func (r *runner) vet(ctx context.Context, m Mutant, overlay string) error {
	args := []string{"vet", "-overlay", overlay}
	var folders []string
	for _, name := range m.files() {
		folders = append(folders, "./"+path.Dir(name))
	}
	slices.Sort(folders)
	output, err := r.goTool(ctx, append(args, slices.Compact(folders)...)...)
	if err != nil {
		return fmt.Errorf("%w: %s", errDoesNotVet, excerpt(output))
	}
	return nil
}

// A process is how a test binary ended.
type process struct {
	output string
	hung   bool // its time was over
	failed bool
}

// execute runs a test binary in a folder.
func (r *runner) execute(ctx context.Context, binary, folder string, args ...string) (process, error) {
	limited, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	var output bytes.Buffer
	command := exec.CommandContext(limited, binary, args...)
	command.Dir = folder
	command.Stdout, command.Stderr = &output, &output
	command.WaitDelay = time.Second // children that keep the pipes open do not keep us
	err := command.Run()
	p := process{output: output.String(), hung: limited.Err() != nil, failed: err != nil}
	if ctx.Err() != nil {
		return p, context.Cause(ctx)
	}
	var exit *exec.ExitError
	if err != nil && !p.hung && !errors.As(err, &exit) {
		return p, fmt.Errorf("run %s: %w", filepath.Base(binary), err)
	}
	return p, nil
}

// excerpt is the first lines of an output, for a message.
func excerpt(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "# ") })
	if len(lines) > 3 {
		lines = append(lines[:3], "...")
	}
	return strings.Join(lines, "\n\t")
}
