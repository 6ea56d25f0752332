package simtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// moduleRoot is the nearest folder at or above the working one that has a go.mod.
func moduleRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("module root: %w", err)
	}
	for folder := start; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		} else if !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("module root: %w", err)
		}
		if folder == filepath.Dir(folder) {
			return "", fmt.Errorf("module root: no go.mod at or above %s", start)
		}
	}
}

// replayCommand is what a person types, at the module's root, to have a recorded failure again.
func replayCommand(test, file string) string {
	folder, shown := ".", file
	if root, err := moduleRoot(); err == nil {
		folder, shown = packageFolder(root), fromHere(root, file)
	}
	return fmt.Sprintf("go test %s -run '%s' -sim.replay=%s", folder, runPattern(test), shellWord(shown))
}

// packageFolder is the tested package as go test takes it: go test starts tests in their package's folder.
func packageFolder(root string) string {
	here, err := os.Getwd()
	if err != nil {
		return "."
	}
	relative, err := filepath.Rel(root, here)
	if err != nil || relative == "." {
		return "."
	}
	return "./" + filepath.ToSlash(relative)
}

// fromHere shortens a path below the root to one that begins there.
func fromHere(root, file string) string {
	relative, err := filepath.Rel(root, file)
	if err != nil || strings.HasPrefix(relative, "..") {
		return file
	}
	return filepath.ToSlash(relative)
}

// runPattern matches this test and no other: -run takes a regular expression for each part of a name.
func runPattern(test string) string {
	parts := strings.Split(test, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

func shellWord(s string) string {
	if strings.ContainsAny(s, " '\"$&;()*?<>|\\`") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}
