package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/alecthomas/kong"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/cluster"
	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/worker"
)

// gateCommand runs one gate.
type gateCommand struct {
	Name      string        `help:"The node's name, unique in the cluster." default:"gate"`
	Listen    string        `help:"Address, host:port." default:"127.0.0.1:7400"`
	Retention time.Duration `help:"How long a finished job is kept." default:"10m"`
	nodeFlags
}

// nodeFlags are the flags of every node that is a process of its own.
type nodeFlags struct {
	StopWithin time.Duration `help:"Asked to stop: how long what it runs may take to end." default:"30s"`

	Verbose bool            `short:"v" help:"Show the node's whole log."`
	Config  kong.ConfigFlag `help:"File with flags: YAML, name: value." placeholder:"FILE"`
}

// Run executes the command.
func (g *gateCommand) Run(c *console) error {
	warnIfOpen(c, g.Listen)
	config := gate.DefaultConfig()
	config.Listen, config.Retention, config.StopWithin = g.Listen, g.Retention, g.StopWithin
	n, address, err := cluster.StartGate(g.Name, config, nodeLogger(c, g.Verbose))
	if err != nil {
		return &exit{outcome.NotStarted, err}
	}
	c.printf("gate %s listens on %s\n", g.Name, address)
	return serve(c, n, g.StopWithin)
}

// managerCommand runs one datacenter's manager.
type managerCommand struct {
	Datacenter string `help:"The datacenter that it manages." required:""`
	Name       string `help:"The node's name; manager-DATACENTER when not given."`
	Listen     string `help:"Address, host:port." default:"127.0.0.1:7410"`
	Gate       string `help:"The gate's address." default:"127.0.0.1:7400"`
	nodeFlags
	silence
}

// silence says how long a worker may be silent: the same for a manager and its workers.
type silence struct {
	Heartbeat time.Duration `help:"Between heartbeats; the same for a manager and its workers." default:"1s"`
	Dead      time.Duration `help:"Without an answered heartbeat, a worker is dead; ditto." default:"10s"`
	Grace     time.Duration `help:"More, before its load counts as stopped; ditto." default:"5s"`
}

// Run executes the command.
func (m *managerCommand) Run(c *console) error {
	warnIfOpen(c, m.Listen)
	if m.Name == "" {
		m.Name = "manager-" + m.Datacenter
	}
	config := manager.DefaultConfig()
	config.Datacenter, config.Listen, config.Gate = m.Datacenter, m.Listen, core.Address(m.Gate)
	config.Heartbeat, config.Dead, config.Grace = m.Heartbeat, m.Dead, m.Grace
	config.Suspected, config.StopWithin = min(config.Suspected, m.Dead), m.StopWithin
	n, address, err := cluster.StartManager(m.Name, config, nodeLogger(c, m.Verbose))
	if err != nil {
		return &exit{outcome.NotStarted, err}
	}
	c.printf("manager %s of %s listens on %s, gate %s\n", m.Name, m.Datacenter, address, m.Gate)
	return serve(c, n, m.StopWithin)
}

// workerCommand runs one worker.
type workerCommand struct {
	Name    string `help:"The node's name, unique in the cluster." required:""`
	Listen  string `help:"Address, host:port; port 0 for any." default:"127.0.0.1:0"`
	Manager string `help:"The manager's address." default:"127.0.0.1:7410"`
	Cores   uint32 `help:"Cores that it offers, 1 to 65536." default:"1"`
	nodeFlags
	silence
}

// Run executes the command.
func (w *workerCommand) Run(c *console) error {
	warnIfOpen(c, w.Listen)
	config := worker.DefaultConfig()
	config.Name, config.Listen, config.Cores = w.Name, w.Listen, w.Cores
	config.Manager, config.StopWithin = core.Address(w.Manager), w.StopWithin
	config.Heartbeat, config.Dead, config.Grace = w.Heartbeat, w.Dead, w.Grace
	n, err := cluster.StartWorker(config, nodeLogger(c, w.Verbose))
	if err != nil {
		return &exit{outcome.NotStarted, err}
	}
	c.printf("worker %s offers %d cores, manager %s\n", w.Name, w.Cores, w.Manager)
	return serve(c, n, w.StopWithin)
}

// upCommand runs a local cluster.
type upCommand struct {
	Listen      string        `help:"The gate's address, host:port." default:"127.0.0.1:7400"`
	Datacenters []string      `help:"Names of the datacenters." default:"dc-a,dc-b"`
	Workers     int           `help:"Workers in each datacenter." default:"2"`
	Cores       uint32        `help:"Cores that each worker offers." default:"4"`
	StopWithin  time.Duration `help:"Asked to stop: how long running jobs may take to end." default:"30s"`
	Verbose     bool          `short:"v" help:"Show the nodes' logs."`
}

// Run executes the command.
func (u *upCommand) Run(c *console) error {
	if u.Workers < 1 || u.Workers > 100 {
		return &exit{outcome.Usage, fmt.Errorf("--workers is %d, must be 1 to 100", u.Workers)}
	}
	warnIfOpen(c, u.Listen)
	group, address, err := cluster.Local{
		GateListen: u.Listen, Datacenters: u.Datacenters, Workers: u.Workers, Cores: u.Cores,
		StopWithin: u.StopWithin, Log: nodeLogger(c, u.Verbose),
	}.Start()
	if err != nil {
		return &exit{outcome.NotStarted, err}
	}
	c.printf("cluster is up: windtunnel run JOB.yaml --gate %s; Ctrl-C ends it\n", address)
	<-c.ctx.Done()
	return stopping(c, u.StopWithin, group.Stop)
}

// serve waits until the node ends or is asked to stop.
func serve(c *console, n *cluster.Node, within time.Duration) error {
	if err := n.Wait(c.ctx); err != nil {
		ctx, cancel := context.WithTimeout(c.again, closing)
		defer cancel()
		_ = n.Stop(ctx) // why it ended says more
		return &exit{outcome.NotStarted, err}
	}
	return stopping(c, within, n.Stop)
}

// closing is how long nodes may take beyond what their work needs: to write what is queued, and close.
const closing = 5 * time.Second

// stopping stops what was asked to stop. A node says in its log what it waits for.
func stopping(c *console, within time.Duration, stop func(context.Context) error) error {
	if within > 0 {
		c.printf("stopping, within %v; interrupt again to stop at once\n", within)
	}
	ctx, cancel := context.WithTimeout(c.again, within+closing)
	defer cancel()
	switch err := stop(ctx); {
	case c.again.Err() != nil:
		return &exit{outcome.Cancelled, errors.New("stopped at once")}
	case err != nil:
		return &exit{outcome.Failed, err}
	}
	return nil
}

// warnIfOpen says that an address is reachable by others, who need no permission: there is no TLS yet.
func warnIfOpen(c *console, listen string) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return // listening on it will say what is wrong
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return
	}
	fmt.Fprintf(c.err, "windtunnel: warning: %s is open to everybody who can reach it: "+
		"no TLS, no authentication\n", listen)
}
