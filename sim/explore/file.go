package explore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// FileFormat is the version of the failure file that this package writes and reads.
const FileFormat = 1

// File is a recorded failure: all that is needed to have it again, in a form that a person can read and a
// diff can show. Choices are kept by what they decide ("g1#0/push:stall"), not by their position in the
// run, so that a file survives edits of code that it does not concern.
type File struct {
	Format   int    `json:"format"`
	Scenario string `json:"scenario"`
	// Failure is what must come back.
	Failure FileFailure `json:"failure"`
	// TraceHash is the run's identity, 16 hexadecimal digits. It is comparable only under the same binary.
	TraceHash string `json:"trace_hash"`
	Seed      uint64 `json:"seed"`
	Strategy  string `json:"strategy"`
	Steps     uint64 `json:"steps"`
	Go        string `json:"go"`
	Arch      string `json:"arch"`
	Commit    string `json:"commit,omitempty"`
	// Config is what the run drew as its configuration. For a reader: Choices decides it.
	Config map[string]string `json:"config,omitempty"`
	// Choices holds every choice that did not get the quiet answer 0: a line a stream, "count=value" each.
	Choices Choices `json:"choices"`
	// ShrunkFrom is how many such choices the run had before it was shrunk; 0: it was not.
	ShrunkFrom int `json:"shrunk_from,omitempty"`
	// Unverified is how many of the choices are not known to be necessary, because a bound was met; of one
	// that was not shrunk this says nothing.
	Unverified int `json:"unverified,omitempty"`
	// Told says of the choices what they decided, by key. For a reader, and for when they are never asked.
	Told map[string]string `json:"told,omitempty"`
}

// FileFailure is a Failure as a file holds it.
type FileFailure struct {
	Key       string `json:"key"`
	Invariant bool   `json:"invariant"`
	Function  string `json:"function,omitempty"`
	Message   string `json:"message"`
	Who       string `json:"who,omitempty"`
	Step      uint64 `json:"step"`
	At        string `json:"at"` // virtual time, as time.Duration prints it
}

// NewFile returns the file of a failing run.
func NewFile(scenario, strategy string, seed uint64, o Outcome, choices Choices) File {
	f := o.Failure
	file := File{
		Format: FileFormat, Scenario: scenario, Strategy: strategy, Seed: seed,
		Failure: FileFailure{
			Key: f.Key, Invariant: f.Invariant, Function: f.Function, Message: f.Message,
			Who: f.Who, Step: f.Step, At: f.At.String(),
		},
		TraceHash: fmt.Sprintf("%016x", o.Hash), Steps: o.Steps,
		Choices: choices,
	}
	file.Go, file.Arch, file.Commit = build()
	for _, setting := range o.Config {
		if file.Config == nil {
			file.Config = map[string]string{}
		}
		file.Config[setting.Name] = setting.Value
	}
	return file
}

// failure is the recorded failure in the form that runs report.
func (f File) failure() *Failure {
	return &Failure{Key: f.Failure.Key, Invariant: f.Failure.Invariant, Function: f.Failure.Function}
}

// Encode returns the file's bytes. The same file always has the same bytes: keys are in order.
func (f File) Encode() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // keys hold "->" and "<"
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(f); err != nil {
		return nil, fmt.Errorf("failure file: encode: %w", err)
	}
	return b.Bytes(), nil
}

// Write stores the file in folder, made when missing, under a name made of scenario and trace hash. It
// returns the path.
func (f File) Write(folder string) (string, error) {
	data, err := f.Encode()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("failure file: write: %w", err)
	}
	path := filepath.Join(folder, f.name())
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return "", fmt.Errorf("failure file: write: %w", err)
	}
	return path, nil
}

// name is made of the scenario's last part: "TestScenarios/stale-backpressure" gives
// "stale-backpressure-8f3a.json".
func (f File) name() string {
	last := f.Scenario[strings.LastIndexByte(f.Scenario, '/')+1:]
	plain := strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, last)
	return plain + "-" + f.TraceHash[:4] + ".json"
}

// ReadFile reads and checks a failure file.
func ReadFile(path string) (File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return File{}, fmt.Errorf("failure file: %w", err)
	}
	f, err := Decode(data)
	if err != nil {
		return File{}, fmt.Errorf("failure file %s: %w", path, err)
	}
	return f, nil
}

// Decode reads a failure file strictly: an unknown field, a missing one or trailing text is an error that
// names it.
func Decode(data []byte) (File, error) {
	var f File
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return File{}, fmt.Errorf("not a failure file: %w", err)
	}
	if decoder.More() {
		return File{}, errors.New("text after the end of the failure")
	}
	if err := f.validate(); err != nil {
		return File{}, err
	}
	return f, nil
}

func (f File) validate() error {
	if f.Format != FileFormat {
		return fmt.Errorf("format is %d, this program reads %d", f.Format, FileFormat)
	}
	required := []struct{ name, value string }{
		{"scenario", f.Scenario}, {"failure.key", f.Failure.Key}, {"failure.at", f.Failure.At},
		{"trace_hash", f.TraceHash}, {"strategy", f.Strategy}, {"go", f.Go}, {"arch", f.Arch},
	}
	for _, field := range required {
		if field.value == "" {
			return fmt.Errorf("%s is missing", field.name)
		}
	}
	if _, err := f.hash(); err != nil {
		return err
	}
	if _, err := time.ParseDuration(f.Failure.At); err != nil {
		return fmt.Errorf("failure.at is %q, not a duration such as 14.2s", f.Failure.At)
	}
	if f.Choices == nil {
		return errors.New("choices is missing")
	}
	return nil
}

func (f File) hash() (uint64, error) {
	hash, err := strconv.ParseUint(f.TraceHash, 16, 64)
	if err != nil || len(f.TraceHash) != 16 {
		return 0, fmt.Errorf("trace_hash is %q, not 16 hexadecimal digits", f.TraceHash)
	}
	return hash, nil
}
