package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/load"
	loadhttp "github.com/windtunnel/windtunnel/core/load/http"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/worker"
)

// Local says what a cluster in this process is made of.
type Local struct {
	GateListen  string // "host:port"
	Datacenters []string
	Workers     int           // in each datacenter: 1 to 100
	Cores       uint32        // of each worker
	StopWithin  time.Duration // of each node
	Log         *slog.Logger
}

// Start starts the cluster and returns the gate's address. After an error nothing is left running.
func (l Local) Start() (group *Group, address core.Address, err error) {
	group = &Group{}
	defer func() {
		if err != nil {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_ = group.Stop(ctx) // at once: it has told what matters
		}
	}()
	config := gate.DefaultConfig()
	config.Listen, config.StopWithin = l.GateListen, l.StopWithin
	n, address, err := StartGate("gate", config, l.Log)
	if err != nil {
		return nil, "", err
	}
	group.Add(n)
	for _, dc := range l.Datacenters {
		if err := l.startDatacenter(group, dc, address); err != nil {
			return nil, "", err
		}
	}
	return group, address, nil
}

func (l Local) startDatacenter(group *Group, dc string, gate core.Address) error {
	config := manager.DefaultConfig()
	config.Datacenter, config.Gate, config.StopWithin = dc, gate, l.StopWithin
	n, address, err := StartManager("manager-"+dc, config, l.Log)
	if err != nil {
		return err
	}
	group.Add(n)
	for i := range l.Workers {
		config := worker.DefaultConfig()
		config.Name, config.Manager, config.Cores = fmt.Sprintf("worker-%s-%d", dc, i+1), address, l.Cores
		config.StopWithin = l.StopWithin
		n, err := StartWorker(config, l.Log)
		if err != nil {
			return err
		}
		group.Add(n)
	}
	return nil
}

// StartGate starts a gate and returns the address that it listens on.
func StartGate(name string, config gate.Config, log *slog.Logger) (n *Node, address core.Address, err error) {
	n, err = Start(name, "gate", log, func(env core.Env) (Role, error) {
		g, err := gate.New(env, config)
		if err == nil {
			address = g.Addr()
		}
		return g, err
	})
	return n, address, err
}

// StartManager starts a manager and returns the address that it listens on.
func StartManager(name string, config manager.Config, log *slog.Logger) (
	n *Node, address core.Address, err error,
) {
	n, err = Start(name, "manager", log, func(env core.Env) (Role, error) {
		m, err := manager.New(env, config)
		if err == nil {
			address = m.Addr()
		}
		return m, err
	})
	return n, address, err
}

// StartWorker starts a worker with the engine that sends HTTP.
func StartWorker(config worker.Config, log *slog.Logger) (*Node, error) {
	engine, err := loadhttp.New(loadhttp.Config{})
	if err != nil {
		return nil, err
	}
	config.Engines = []worker.Engine{{Name: "http", Engine: load.Engine(engine)}}
	return Start(config.Name, "worker", log, func(env core.Env) (Role, error) {
		return worker.New(env, config)
	})
}
