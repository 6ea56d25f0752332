package scenarios

import (
	"strconv"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/worker"
)

// The names of a cluster's nodes: gate "g1", managers "m-a" and "m-b", workers "w-a1", clients "c1".
const gateName = "g1"

func datacenterName(i int) string { return "dc-" + string(rune('a'+i)) }
func managerName(dc int) string   { return "m-" + string(rune('a'+dc)) }
func clientName(i int) string     { return "c" + strconv.Itoa(i+1) }

func workerName(dc, i int) string { return "w-" + string(rune('a'+dc)) + strconv.Itoa(i+1) }

// managerOf names the manager of a datacenter.
func managerOf(datacenter string) string { return "m-" + strings.TrimPrefix(datacenter, "dc-") }

// retention is how long a simulated cluster keeps what has ended, so that a run sees it go.
const retention = 2 * time.Second

// boot starts the gate, the managers and the workers. Clients are the workload's.
func (s *Stage) boot() {
	s.Host.Boot(gateName, func(env core.Env) {
		config := s.gateConfig()
		config.Listen = s.Host.Address(gateName)
		s.serve(env, gateName, func() (role, error) { return gate.New(env, config) })
	})
	for dc := range s.Shape.Datacenters {
		s.Host.Boot(managerName(dc), func(env core.Env) { s.runManager(env, dc) })
		for i := range s.Shape.Workers {
			s.Host.Boot(workerName(dc, i), func(env core.Env) { s.runWorker(env, dc, i) })
		}
	}
}

func (s *Stage) runManager(env core.Env, dc int) { s.runManagerAt(env, dc, managerName(dc)) }

// runManagerAt runs a manager of a datacenter on a node.
func (s *Stage) runManagerAt(env core.Env, dc int, node string) {
	config := manager.DefaultConfig()
	config.Datacenter = datacenterName(dc)
	config.Listen, config.Gate = s.Host.Address(node), core.Address(s.Host.Address(gateName))
	config.Retention = retention
	if s.Shape.Manager != nil {
		s.Shape.Manager(s, dc, &config)
	}
	s.serve(env, node, func() (role, error) { return manager.New(env, config) })
}

func (s *Stage) runWorker(env core.Env, dc, i int) {
	s.runWorkerAs(env, dc, workerName(dc, i), workerName(dc, i))
}

// runWorkerAs runs a worker of a datacenter on a node, under a name.
func (s *Stage) runWorkerAs(env core.Env, dc int, node, name string) {
	config := worker.DefaultConfig()
	config.Name, config.Cores = name, s.Shape.Cores
	config.Listen, config.Manager = s.Host.Address(node), core.Address(s.Host.Address(managerName(dc)))
	// What a gap or a lost mark held up is sent again well before it is let go of.
	config.Retention, config.Resend = retention, retention/4
	tap := s.newTap(node)
	for _, e := range append([]Engine{{"scripted", s.Shape.Script}}, s.Shape.Engines...) {
		engine, err := load.NewScripted(load.ScriptedConfig{Script: e.Script, Tap: tap})
		if err != nil {
			s.Run.Errorf("%s: %v", config.Name, err)
			return
		}
		config.Engines = append(config.Engines, worker.Engine{Name: e.Name, Engine: engine})
	}
	if s.Shape.Worker != nil {
		s.Shape.Worker(s, &config)
	}
	tap.silence = config.Dead + config.Grace
	s.silent(tap.silence)
	s.serve(env, node, func() (role, error) { return worker.New(env, config) })
}

// silent notes for how long a worker may be silent.
func (s *Stage) silent(silence time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silence = max(s.silence, silence)
}

// givenUpAfter is how long after it was last answered the last worker is given up.
func (s *Stage) givenUpAfter() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.silence + s.silence*time.Duration(manager.DefaultConfig().Margin)/100
}

// role is what every node of a cluster runs.
type role interface{ Run() error }

// serve makes a role and runs it until the node stops.
func (s *Stage) serve(env core.Env, node string, make func() (role, error)) {
	r, err := make()
	if err == nil {
		s.remember(node, r)
		err = r.Run()
	}
	if err != nil {
		env.Log().Error("node ended", "error", err)
	}
}

// newClient makes a client on its node and serves it in a task.
func (s *Stage) newClient(env core.Env, name string) (*client.Client, error) {
	config := client.DefaultConfig()
	config.Listen, config.Gate = s.Host.Address(name), core.Address(s.Host.Address(gateName))
	if s.Shape.Client != nil {
		s.Shape.Client(&config)
	}
	c, err := client.New(env, config)
	if err != nil {
		return nil, err
	}
	s.remember(name, c)
	env.Go("client", func() {
		if err := c.Run(); err != nil {
			env.Log().Error("client ended", "error", err)
		}
	})
	return c, nil
}
