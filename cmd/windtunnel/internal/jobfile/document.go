package jobfile

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// document is a job file as it is written. Scalars stay text here: what they mean, and where, is scalar.go's.
type document struct {
	Name        string             `yaml:"name"`
	Target      string             `yaml:"target"`
	Datacenters []string           `yaml:"datacenters"`
	Deadline    string             `yaml:"deadline"`
	ResultWait  string             `yaml:"result_wait"`
	AcceptLost  bool               `yaml:"accept_lost"`
	LostWorkers string             `yaml:"lost_workers"`
	Priority    uint32             `yaml:"priority"`
	ShareTarget bool               `yaml:"share_target"`
	Extensions  uint32             `yaml:"extensions"`
	Extension   string             `yaml:"extension"`
	Stuck       string             `yaml:"stuck"`
	Windows     documentWindows    `yaml:"windows"`
	Thresholds  documentThresholds `yaml:"thresholds"`
	Workflows   []documentWorkflow `yaml:"workflows"`
}

type documentWindows struct {
	Size           string `yaml:"size"`
	DriftTolerance string `yaml:"drift_tolerance"`
	MaximumAge     string `yaml:"maximum_age"`
}

type documentThresholds struct {
	Unwindowed string `yaml:"unwindowed"`
	NotStarted string `yaml:"not_started"`
	Failed     string `yaml:"failed"`
	SendLagP99 string `yaml:"send_lag_p99"`
}

type documentWorkflow struct {
	Name     string                     `yaml:"name"`
	After    []string                   `yaml:"after"`
	Rate     string                     `yaml:"rate"`
	Duration string                     `yaml:"duration"`
	Cores    *uint32                    `yaml:"cores"`
	HTTP     *documentHTTP              `yaml:"http"`
	Provide  map[string]documentProvide `yaml:"provide"`
}

type documentProvide struct {
	JSON   string `yaml:"json"`
	Header string `yaml:"header"`
}

type documentHTTP struct {
	Method  string        `yaml:"method"`
	URL     string        `yaml:"url"`
	Headers yaml.MapSlice `yaml:"headers"` // in the order of the file
	Body    string        `yaml:"body"`
	Timeout string        `yaml:"timeout"`
}

// source finds the line on which a key stands, for errors that decoding does not see.
type source struct {
	file string
	tree *ast.File
}

// decode reads the YAML strictly: an unknown or repeated key is an error.
func decode(file string, data []byte) (*document, *source, error) {
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, nil, syntaxError(file, err)
	}
	src := &source{file: file, tree: tree}
	switch {
	case len(tree.Docs) == 0 || tree.Docs[0].Body == nil:
		return nil, nil, &Error{File: file, Text: "empty: a job has at least a name and workflows"}
	case len(tree.Docs) > 1:
		at := placeOf(tree.Docs[1].Start)
		return nil, nil, &Error{File: file, Place: at, Text: "a second document: a file has one job"}
	}
	if err := src.check(tree.Docs[0].Body, reflect.TypeFor[document](), ""); err != nil {
		return nil, nil, err
	}
	var d document
	err = yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.DisallowUnknownField()).Decode(&d)
	if err != nil {
		return nil, nil, syntaxError(file, err)
	}
	return &d, src, nil
}

// syntaxError takes line and text out of the YAML library's error.
func syntaxError(file string, err error) error {
	mistake := &Error{File: file, Text: err.Error()}
	var told yaml.Error
	if errors.As(err, &told) {
		if t := told.GetToken(); t != nil && t.Position != nil {
			mistake.Place = placeOf(t)
		}
		mistake.Text = told.GetMessage()
	}
	return mistake
}

// wrong is a mistake at a key, given as a path: "workflows[0].rate".
func (s *source) wrong(key, format string, args ...any) error {
	return &Error{File: s.file, Place: s.place(key), Key: key, Text: fmt.Sprintf(format, args...)}
}

// place is where the value of a key stands, or of the nearest key around it that is there; zero when none is.
func (s *source) place(key string) Place {
	for key != "" {
		path, err := yaml.PathString("$." + key)
		if err == nil {
			if node, err := path.FilterFile(s.tree); err == nil && node != nil {
				if t := node.GetToken(); t != nil {
					return placeOf(t)
				}
			}
		}
		cut := strings.LastIndexAny(key, ".[")
		key = key[:max(cut, 0)]
	}
	return Place{}
}

func placeOf(t *token.Token) Place { return Place{t.Position.Line, t.Position.Column} }
