package main

import (
	"runtime"
	"runtime/debug"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/sim/simvet"
)

// vetCommand checks packages against the determinism rules.
type vetCommand struct {
	Packages []string `arg:"" optional:"" help:"Packages, as the go command takes them; all if none."`
	Tags     string   `help:"Build tags, as the go command takes them." placeholder:"TAGS"`
}

// Run executes the command.
func (v *vetCommand) Run(c *console) error {
	findings, err := simvet.Packages(simvet.Config{Dir: ".", Patterns: v.Packages, Tags: v.Tags})
	for _, finding := range findings {
		c.printf("%s\n", finding)
	}
	if err != nil {
		return &exit{outcome.Usage, err}
	}
	if len(findings) > 0 {
		return &exit{code: outcome.Failed}
	}
	return nil
}

// versionCommand prints the version.
type versionCommand struct{}

// Run executes the command.
func (versionCommand) Run(c *console) error {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			version = info.Main.Version
		}
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				version += " " + setting.Value
			}
		}
	}
	c.printf("windtunnel %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
