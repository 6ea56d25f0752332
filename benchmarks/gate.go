package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/transport"
)

const (
	relayWorkers = 9
	relayShards  = 90 // of all workers: each relay has an entry of each
	relaysOut    = 8  // relays under way whose marks have not come
)

// measureGate floods a real gate over loopback TCP with relays of a manager that makes its entries up,
// while a client takes the pushes. An entry counts once its durable mark is back. Gate, sender and client
// share this machine's cores, so the gate alone takes more.
func measureGate(s settings) ([]figure, error) {
	var figures []figure
	for _, sketched := range []int{0, bins} {
		f, err := newFlood(sketched)
		if err != nil {
			return nil, err
		}
		results, err := takeTurns(s, contestant{name: "flood", run: f.pour})
		f.close()
		if err != nil {
			return nil, err
		}
		what := "entries a second that one gate takes, without sketches"
		if sketched > 0 {
			what = fmt.Sprintf("the same with three sketches of %d buckets", sketched)
		}
		figures = append(figures, rate(what, results[0], goal{}))
	}
	return figures, nil
}

// flood is a gate, a client with one running job, and a manager that has nothing behind it.
type flood struct {
	gate    core.Address
	manager *fakeManager
	stops   []func()
}

func newFlood(sketched int) (*flood, error) {
	f := &flood{}
	if err := f.start(sketched); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *flood) start(sketched int) error {
	env, err := f.node("gate")
	if err != nil {
		return err
	}
	config := gate.DefaultConfig()
	config.Listen = "127.0.0.1:0"
	g, err := gate.New(env, config)
	if err != nil {
		return err
	}
	f.gate = g.Addr()
	env.Go("gate", func() { _ = g.Run() })
	if env, err = f.node("manager"); err != nil {
		return err
	}
	if f.manager, err = newFakeManager(env, f.gate); err != nil {
		return err
	}
	if env, err = f.node("client"); err != nil {
		return err
	}
	if err := submitFlooded(env, f.gate); err != nil {
		return err
	}
	job := <-f.manager.opened
	f.manager.prepare(job, sketched)
	return nil
}

func (f *flood) node(name string) (core.Env, error) {
	process, err := transport.New(transport.Config{Name: name, Role: name})
	if err != nil {
		return nil, err
	}
	f.stops = append(f.stops, func() { _ = process.Stop(context.Background()) })
	return process.Env(), nil
}

func (f *flood) close() {
	for _, stop := range f.stops {
		stop()
	}
}

// submitFlooded submits a job of one datacenter whose load nobody sends, and follows it.
func submitFlooded(env core.Env, to core.Address) error {
	config := client.DefaultConfig()
	config.Gate = to
	c, err := client.New(env, config)
	if err != nil {
		return err
	}
	env.Go("client", func() { _ = c.Run() })
	job, err := c.Submit(env.Context(), "flood", protocol.JobSpec{
		Name: "flood", Datacenters: []string{datacenter},
		Workflows: []protocol.WorkflowSpec{{
			Name: "wf", Engine: "scripted", Cores: relayShards,
			Plan:   load.Plan{Rate: load.PerSecond(1000), Duration: time.Hour},
			Target: load.Target{Method: "GET", URL: "http://target/", Timeout: time.Second},
		}},
	})
	if err != nil {
		return err
	}
	_, err = c.Follow(job).Subscribe("log", client.Callbacks{})
	return err
}

// pour sends relays until n more entries, rounded up to whole relays, are durable at the gate.
func (f *flood) pour(n int) (time.Duration, error) {
	m := f.manager
	whole := (n + relayShards - 1) / relayShards
	began := time.Now()
	for sent, back := 0, 0; back < whole; {
		if sent < whole && sent-back < relaysOut {
			if err := m.relay(); err != nil {
				return 0, err
			}
			sent++
			continue
		}
		select {
		case <-m.durable:
			back++
		case <-time.After(10 * time.Second):
			return 0, errors.New("no marks from the gate: " + strconv.Itoa(sent-back) + " relays under way")
		}
	}
	return time.Duration(float64(time.Since(began)) * float64(n) / float64(whole*relayShards)), nil
}
