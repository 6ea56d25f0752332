package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

// loadConfig reads a node's --config FILE: flags by name, each a scalar. A flag on the command line, or in
// the environment, comes first. It is strict: a name that is no flag of the command is an error.
func loadConfig(r io.Reader) (kong.Resolver, error) {
	var values map[string]any
	if err := yaml.NewDecoder(r, yaml.Strict()).Decode(&values); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("config file: %w", err)
	}
	return &configFile{values: values}, nil
}

// configFile answers kong's questions for the values of flags.
type configFile struct {
	values map[string]any
}

// Validate is asked once for the whole command line, before which command runs is known.
func (c *configFile) Validate(app *kong.Application) error {
	var known []string
	for _, command := range app.Leaves(true) {
		for _, flag := range command.Flags {
			known = append(known, flag.Name)
		}
	}
	for name := range c.values {
		if !slices.Contains(known, name) {
			return fmt.Errorf("config file: %s: no command has such a flag", name)
		}
	}
	return nil
}

// Resolve returns a flag's value, or nil when the file does not give one.
func (c *configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, ok := c.values[flag.Name]
	for _, name := range flag.Envs {
		_, set := os.LookupEnv(name)
		ok = ok && !set // the environment comes first, although kong would ask it last
	}
	if !ok {
		return nil, nil
	}
	switch value.(type) {
	case map[string]any, []any:
		return nil, fmt.Errorf("config file: %s: must be one value", flag.Name)
	}
	return fmt.Sprint(value), nil
}
