// Package jobfile reads job files: strict YAML, in which every mistake is told with file, line, column and
// what is allowed.
//
//	name: quickstart
//	target: builtin              # a server of windtunnel's own; or http://host:port
//	datacenters: [dc-a, dc-b]
//	deadline: 1m                 # optional, as all that follows
//	result_wait: 30s
//	accept_lost: false
//	lost_workers: redispatch     # or degrade, fail: what becomes of the load of a worker that is lost
//	priority: 5                  # 0 (as when not given) to 9; the higher one starts first
//	share_target: false          # with other jobs that say so, too
//	extensions: 2                # how often a deadline that comes while there is progress is put off,
//	extension: 30s               # the first time by this, then by half as much each
//	stuck: 3m                    # without progress that is due, a workflow is given up
//	windows: {size: 250ms, drift_tolerance: 50ms, maximum_age: 5s}
//	thresholds: {unwindowed: 1%, not_started: 0.1%, failed: 100%, send_lag_p99: 100ms}
//	workflows:
//	  - name: login
//	    rate: 1/s
//	    duration: 1s
//	    http: {method: POST, url: /login}
//	    provide:                 # by the first OK answer that has it
//	      token: {json: /user/token}
//	      session: {header: X-Session}
//	  - name: steady
//	    after: [login]           # it starts when they have completed, everywhere
//	    rate: 400/s              # or 5/m, 1/250ms: so many in so much time, over all datacenters
//	    duration: 10s
//	    cores: 2                 # in each datacenter
//	    http: {method: GET, url: /, headers: {X-Token: "${login.token}"}, body: "", timeout: 2s}
//
// An unknown key, a missing field, a wrong unit, a value out of bounds: nothing is started.
package jobfile

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core/protocol"
)

// Builtin is the target that windtunnel starts itself.
const Builtin = "builtin"

// Job is a job file that is right.
type Job struct {
	Spec       protocol.JobSpec
	Builtin    bool // the workflows' URLs have no host yet: WithTarget fills it in
	Thresholds Thresholds
}

// Thresholds fail a run whose numbers are worse. Shares are of the planned arrivals, 0 to 1.
type Thresholds struct {
	Unwindowed float64       // in no window; default 1 %
	NotStarted float64       // not sent because the generator was saturated; default 1 %
	Failed     float64       // failed or without an answer; default 100 %: never
	SendLagP99 time.Duration // between plan and send; default 100 ms
}

// Place is where something stands in a file, both counted from 1; zero when it is the whole file's.
type Place struct{ Line, Column int }

// Error is a mistake in a job file: where it is and what is allowed there.
type Error struct {
	File string
	Place
	Key  string
	Text string
}

func (e *Error) Error() string {
	where := e.File
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	if e.Key == "" {
		return where + ": " + e.Text
	}
	return where + ": " + e.Key + ": " + e.Text
}

// Read reads a job file. The error is an *Error, or says why the file cannot be read.
func Read(path string) (*Job, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("job file: %w", err)
	}
	return Parse(path, data)
}

// WithTarget puts the address of the built-in target in front of the workflows' URLs.
func (j *Job) WithTarget(address string) protocol.JobSpec {
	spec := j.Spec
	spec.Workflows = append([]protocol.WorkflowSpec(nil), spec.Workflows...)
	for i := range spec.Workflows {
		t := &spec.Workflows[i].Target
		if strings.HasPrefix(t.URL, "/") {
			t.URL = "http://" + address + t.URL
		}
	}
	return spec
}
