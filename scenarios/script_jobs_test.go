package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
)

// scriptJob is a job by the name that its script gave it.
type scriptJob struct {
	name, id string
	session  *client.Session
}

// named puts jobs' names where their ids stand.
func (s *script) named(text string) string {
	for _, j := range s.jobs {
		text = strings.ReplaceAll(text, j.id, j.name)
	}
	return text
}

func (s *script) job(d *datadriven.TestData) (scriptJob, error) {
	at := slices.IndexFunc(s.jobs, func(j scriptJob) bool { return j.name == words(d) })
	if at < 0 {
		return scriptJob{}, fmt.Errorf("%q was not submitted", words(d))
	}
	return s.jobs[at], nil
}

// submits submits a job of one workflow, wf, or of those that stand below the command, a line each:
//
//	submit NAME rate=20 for=2s [cores=N] [target=URL] [datacenters=(dc-a,dc-b)] [priority=N] [policy=P]
//	       [share] [deadline=D] [wait=D] [stuck=D] [extensions=N] [extension=D]
//	WORKFLOW [rate=N] [for=D] [cores=N] [target=URL] [after=(W,W)]
func (s *script) submits(d *datadriven.TestData) (string, error) {
	if len(d.CmdArgs) == 0 {
		return "", fmt.Errorf("a job has a name")
	}
	name := d.CmdArgs[0].Key
	spec := s.Stage.job(name, 20, time.Second)
	if err := options(d.CmdArgs[1:], &spec, &spec.Workflows[0]); err != nil {
		return "", err
	}
	if d.Input != "" {
		workflows, err := workflowLines(d.Input, spec)
		if err != nil {
			return "", err
		}
		spec.Workflows = workflows
	}
	session, err := s.submit(s.env, s.client, spec)
	if err != nil {
		return "", err
	}
	s.jobs = append(s.jobs, scriptJob{name, session.Job(), session})
	return "", nil
}

func workflowLines(input string, spec protocol.JobSpec) (all []protocol.WorkflowSpec, err error) {
	for _, line := range strings.Split(input, "\n") {
		name, args, err := datadriven.ParseLine(line)
		if err != nil {
			return nil, err
		}
		workflow := spec.Workflows[0]
		workflow.Name = name
		if err := options(args, nil, &workflow); err != nil {
			return nil, err
		}
		all = append(all, workflow)
	}
	return all, nil
}

// options sets what a job, if there is one, and its workflow are to be.
func options(args []datadriven.CmdArg, spec *protocol.JobSpec, w *protocol.WorkflowSpec) error {
	for _, arg := range args {
		value := strings.Join(arg.Vals, ",")
		known, err := workflowOption(w, arg.Key, value, arg.Vals)
		if !known && spec != nil {
			known, err = jobOption(spec, arg.Key, value, arg.Vals)
		}
		if !known {
			err = fmt.Errorf("there is no option of that name")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", arg.String(), err)
		}
	}
	return nil
}

func workflowOption(w *protocol.WorkflowSpec, key, value string, values []string) (known bool, err error) {
	switch key {
	case "rate":
		rate, err := strconv.ParseUint(value, 10, 64)
		w.Plan.Rate = load.PerSecond(rate)
		return true, err
	case "for":
		w.Plan.Duration, err = time.ParseDuration(value)
	case "cores":
		w.Cores, err = number32(value)
	case "target":
		w.Target.URL = value
	case "after":
		w.After = values
	default:
		return false, nil
	}
	return true, err
}

func jobOption(spec *protocol.JobSpec, key, value string, values []string) (known bool, err error) {
	switch key {
	case "datacenters":
		spec.Datacenters = values
	case "priority":
		spec.Priority, err = number32(value)
	case "policy":
		return true, policyOption(spec, value)
	case "share":
		spec.ShareTarget = true
	case "extensions":
		spec.Extensions, err = number32(value)
	case "deadline":
		spec.Deadline, err = time.ParseDuration(value)
	case "wait":
		spec.ResultWait, err = time.ParseDuration(value)
	case "stuck":
		spec.Stuck, err = time.ParseDuration(value)
	case "extension":
		spec.Extension, err = time.ParseDuration(value)
	default:
		return false, nil
	}
	return true, err
}

func policyOption(spec *protocol.JobSpec, value string) error {
	for p := protocol.LostPolicy(0); p.Known(); p++ {
		if p.String() == value {
			spec.LostWorkers = p
			return nil
		}
	}
	return fmt.Errorf("there is no such policy")
}

func number32(text string) (uint32, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(n), err
}

// cancels asks the gate to end a job.
func (s *script) cancels(d *datadriven.TestData) (string, error) {
	j, err := s.job(d)
	if err != nil {
		return "", err
	}
	told, err := s.cancel(s.env, s.client, j.id, "the script says so")
	if err != nil {
		return "", err
	}
	if told.Accepted {
		return fmt.Sprintf("accepted, it was %v", told.State), nil
	}
	return fmt.Sprintf("too late, it was %v", told.State), nil
}

// asks asks the gate how a job is.
func (s *script) asks(d *datadriven.TestData) (string, error) {
	j, err := s.job(d)
	if err != nil {
		return "", err
	}
	status, err := s.status(s.env, s.client, j.id)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("%v, %d of %d arrivals", status.State, status.Totals.Planned(), status.Planned)
	if status.Place > 0 {
		text += fmt.Sprintf(", place %d", status.Place)
	}
	for _, said := range append(status.Degraded, status.Message) {
		if said != "" {
			text += "\n" + said
		}
	}
	for _, w := range status.Workflows {
		text += strings.TrimRight(fmt.Sprintf("\n%s %v %s", w.Name, w.State, w.Message), " ")
	}
	return text, nil
}

// books shows a job's result as its client has it.
func (s *script) books(d *datadriven.TestData) (string, error) {
	j, err := s.job(d)
	if err != nil {
		return "", err
	}
	final := j.session.Books().Final
	if final == nil {
		return "no result yet", nil
	}
	sum := final.Books.Sum
	text := fmt.Sprintf("revision %d %v\n", final.Revision, final.State)
	text += fmt.Sprintf("planned %d = applied %d + refused %d", final.Planned, sum.Applied.Planned(),
		sum.Refused.Planned())
	text += fmt.Sprintf(" + lost %d + not run %d + unknown %d + missing %d", sum.WorkerLost, sum.NotRun,
		sum.Unknown, sum.Missing)
	return text, nil
}
