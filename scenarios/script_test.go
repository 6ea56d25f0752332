package scenarios

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// TestScripts plays the interactions of testdata/scripts, each on one World in which nothing is late and
// nothing fails but what the script says, with every invariant on. -rewrite writes what happened into them.
// A script's first command is cluster; the verbs are methods in script_*_test.go.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "../testdata/scripts", func(t *testing.T, path string) {
		p := &play{verbs: verbs}
		defer func() {
			if f := p.end(); f != nil {
				t.Errorf("%s: %s (step %d, +%v)", f.Key, f.Message, f.Step, f.At)
			}
		}()
		datadriven.RunTest(t, path, p.do)
	})
}

// A script whose text is right fails all the same when an invariant is broken in it.
func TestScriptIsHeldToTheInvariants(t *testing.T) {
	for name, twice := range map[string]bool{"honest": false, "lies": true} {
		t.Run(name, func(t *testing.T) {
			move := fact.WorkflowMoved{
				Job: "j", From: protocol.WorkflowPending, To: protocol.WorkflowCancelled,
			}
			moves := func(s *script, _ *datadriven.TestData) (string, error) {
				if s.env.Note(move); twice {
					s.env.Note(move)
				}
				return "", nil
			}
			p := &play{verbs: map[string]verb{"move": moves}}
			require.Equal(t, "ok\n", p.do(t, &datadriven.TestData{Cmd: "cluster"}))
			p.do(t, &datadriven.TestData{Cmd: "move"})
			if f := p.end(); twice {
				require.Equal(t, startsAfter, f.Key)
			} else {
				require.Nil(t, f)
			}
		})
	}
}

// script is a script that is being played. Its commands run in a task of the client's node c1, one after
// another; while they wait for the next, the World stands still.
type script struct {
	*Stage
	env    core.Env
	client *client.Client
	jobs   []scriptJob
	fills  map[string]float64 // by manager: what presses on it
	facts  facts
	cut    bool // some nodes cannot reach others
}

// verb is a command. It returns what it has to show; nothing is shown as ok.
type verb func(*script, *datadriven.TestData) (string, error)

// verbs are the commands, by name.
var verbs = map[string]verb{
	"submit": (*script).submits, "cancel": (*script).cancels, "status": (*script).asks,
	"books": (*script).books, "run-for": (*script).runFor, "run-until": (*script).runUntil,
	"events":    (*script).events,
	"partition": (*script).partition, "heal": (*script).heal, "pressure": (*script).press,
	"crash": (*script).crash, "restart": (*script).restart, "stop": (*script).stop,
	"twin":  (*script).twin,
	"pause": (*script).pause, "resume": (*script).resume,
}

// play is the two sides of a script: the test that reads it, and the World that it is played in.
type play struct {
	verbs    map[string]verb
	commands chan *datadriven.TestData
	answers  chan string
	over     chan struct{} // outcome is set
	outcome  explore.Outcome
}

// do has the World do a command.
func (p *play) do(t *testing.T, d *datadriven.TestData) string {
	if d.Cmd == "cluster" {
		return p.cluster(t, d)
	}
	if p.commands == nil {
		d.Fatalf(t, "the first command must be cluster")
	}
	select {
	case p.commands <- d:
	case <-p.over:
	}
	return p.answer()
}

// answer waits for what the World has to say.
func (p *play) answer() string {
	select {
	case answer := <-p.answers:
		return answer
	case <-p.over:
		return "the run is over\n"
	}
}

// end lets the run end, and returns what was wrong with it.
func (p *play) end() *explore.Failure {
	if p.commands == nil {
		return nil // it never began
	}
	close(p.commands)
	<-p.over
	return p.outcome.Failure
}

// cluster starts the World.
func (p *play) cluster(t *testing.T, d *datadriven.TestData) string {
	if p.commands != nil {
		d.Fatalf(t, "a script has one cluster")
	}
	gates, cores := 1, 2
	s := &script{fills: map[string]float64{}}
	shape := Shape{Datacenters: 1, Workers: 1, Clients: 1}
	for _, arg := range d.CmdArgs {
		n, known := map[string]*int{
			"gates": &gates, "datacenters": &shape.Datacenters, "workers": &shape.Workers, "cores": &cores,
		}[arg.Key]
		if !known {
			d.Fatalf(t, "cluster: %s is nothing that a cluster has", arg.Key)
		}
		arg.Scan(t, 0, n)
	}
	if gates != 1 {
		d.Fatalf(t, "cluster: gates is %d, must be 1", gates)
	}
	shape.Cores = uint32(cores)
	shape.Manager = func(_ *Stage, dc int, c *manager.Config) {
		c.ExtraFill = func() float64 { return s.fills[managerName(dc)] }
	}
	p.commands, p.answers, p.over = make(chan *datadriven.TestData), make(chan string), make(chan struct{})
	scenario := &Scenario{ID: d.Pos, Shape: shape, Body: func(stage *Stage) { p.play(s, stage) }}
	go func() {
		defer close(p.over)
		quiet := choice.NewReplayer(nil, nil)
		p.outcome = check.Execute(check.Settings{Name: d.Pos, Chooser: quiet}, scenario.Play)
	}()
	return p.answer()
}

// play is the scenario's body.
func (p *play) play(s *script, stage *Stage) {
	s.Stage = stage
	stage.World.Observe(s.observe)
	stage.Client(0, func(env core.Env, c *client.Client) {
		s.env, s.client, s.facts.bell = env, c, env.NewSignal()
		p.answers <- "ok\n"
		for d := range p.commands {
			p.answers <- s.run(p.verbs[d.Cmd], d)
			s.disturb()
		}
	})
}

func (s *script) run(do verb, d *datadriven.TestData) string {
	if do == nil {
		return fmt.Sprintf("there is no command %s\n", d.Cmd)
	}
	s.facts.begin()
	shown, err := do(s, d)
	switch {
	case err != nil:
		return fmt.Sprintf("error: %s\n", s.named(err.Error()))
	case shown == "":
		return "ok\n"
	}
	return strings.TrimRight(s.named(shown), "\n") + "\n"
}

// disturb tells invariants about durations whether everybody is there and reaches everybody.
func (s *script) disturb() {
	disturbed := s.cut
	for _, node := range s.World.Nodes() {
		disturbed = disturbed || !node.Up() || node.Paused()
	}
	if disturbed {
		s.disturbed = muchLater
	} else if s.disturbed == muchLater {
		s.disturbed = s.World.Now()
	}
}

const muchLater = 1000 * time.Hour

// words are the arguments of a command, as they stand there.
func words(d *datadriven.TestData) string {
	var all []string
	for _, arg := range d.CmdArgs {
		all = append(all, arg.String())
	}
	return strings.Join(all, " ")
}
