package gate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
)

// values are a job's context: what its completed workflows have provided, by "workflow.name", ascending. It
// has a version, which rises with each workflow that adds to it, and is bounded by load.MaxValues. A target
// is filled in once, here, when its workflow is lined up: so all datacenters and all attempts see one.
type values struct {
	version uint64
	list    []load.Value
	bytes   int
}

// counted are the names that every completed workflow provides: how many requests went which way.
func counted(name string) bool { return name == "sent" || name == "ok" || name == "failed" }

// add adds a value, unless the name is taken. It is false for what has no place: a peer may say anything.
func (v *values) add(workflow string, value load.Value) bool {
	name := workflow + "." + value.Name
	size := len(name) + len(value.Value)
	if !load.ValidValueName(value.Name) || len(value.Value) > load.MaxValue || v.bytes+size > load.MaxValues {
		return false
	}
	i, taken := v.search(name)
	if !taken {
		v.list = slices.Insert(v.list, i, load.Value{Name: name, Value: value.Value})
		v.bytes += size
	}
	return true
}

func (v *values) lookup(name string) (string, bool) {
	i, found := v.search(name)
	if !found {
		return "", false
	}
	return v.list[i].Value, true
}

func (v *values) search(name string) (int, bool) {
	return slices.BinarySearchFunc(v.list, name, func(x load.Value, name string) int {
		return strings.Compare(x.Name, name)
	})
}

// provide adds what a workflow has provided that has completed everywhere: of each name the value of the
// first datacenter, by name, that has one. Run by the job's task.
func (j *job) provide(w *workflowState) {
	g := j.gate
	for _, x := range inOrder(w.shares) {
		for _, value := range x.statement.result.Provided {
			if counted(value.Name) || !j.values.add(w.spec.Name, value) {
				g.counters.valuesRefused.Add(1)
				g.env.Log().Warn("value not taken", "job", j.id, "workflow", w.spec.Name, "name", value.Name,
					"bytes", len(value.Value))
			}
		}
	}
	counts := j.books.of(w.spec.Name)
	for _, c := range []struct {
		name string
		n    uint64
	}{{"sent", counts.Sent()}, {"ok", counts.OK}, {"failed", counts.Failed}} {
		j.values.add(w.spec.Name, load.Value{Name: c.name, Value: strconv.FormatUint(c.n, 10)})
	}
	j.values.version++
	g.env.Note(fact.ContextMade{
		Job: j.id, Workflow: w.spec.Name, Version: j.values.version, Values: len(j.values.list),
		Digest: digest(&protocol.Result{Provided: j.values.list}),
	})
}

// fill fills the target of a workflow in. It says what is missing, or wrong.
func (j *job) fill(w *workflowState) (wrong string) {
	target, missing := w.spec.Target.Fill(j.values.lookup)
	if missing != "" {
		return "nothing was provided for ${" + missing + "}"
	}
	if err := target.Validate(); err != nil {
		return "its target with what was provided: " + err.Error()
	}
	for _, x := range w.shares {
		x.spec.Target = target
	}
	return ""
}
