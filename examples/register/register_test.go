package register_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
	"github.com/windtunnel/windtunnel/examples/register"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/check/model"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

const linearizable = "linearizable register"

// The faults end at faultsEnd; what is asked then is answered within patience.
const (
	faultsEnd = 4 * time.Second
	// A slow link may have kept a packet for 25 s, each way, and all that is behind it.
	patience = time.Minute
)

// flash is a simulated disk: it keeps what was synced, for whatever node is booted with it next.
type flash struct {
	env   core.Env
	sync  time.Duration       // the longest that a Save takes
	fails func(time.Duration) // perhaps power does, so much later
	kept  *register.State
}

func (f flash) Load() (register.State, error) { return *f.kept, nil }

func (f flash) Save(ctx context.Context, state register.State) error {
	if f.env.Rand().IntN(2) == 0 { // what is written may survive a crash, or not, until Save has returned
		*f.kept = state
	}
	takes := time.Duration(f.env.Rand().Int64N(int64(f.sync)))
	f.fails(takes / 2)
	err := f.env.Sleep(ctx, takes)
	if err == nil {
		*f.kept = state
	}
	return err
}

// offer makes a server that speaks to its like through peers, and whatever it takes for clients to reach it.
func offer(env core.Env, name string, peers core.Endpoint, clients string, members []register.Member,
	disk register.Disk) (*register.Server, core.Address, error) {
	server, err := register.NewServer(env, name, members, peers, disk)
	if err != nil {
		return nil, "", err
	}
	calls, err := listen(env, clients, server.Offer)
	if err != nil {
		return nil, "", err
	}
	env.Go("rpc", func() { _ = calls.Serve(env.Context()) })
	return server, calls.Addr(), nil
}

func listen(env core.Env, address string, offer func(*rpc.Node)) (*rpc.Node, error) {
	endpoint, err := env.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	node, err := rpc.New(env, endpoint, rpc.Config{Timeout: 2 * time.Second})
	if err == nil {
		offer(node)
	}
	return node, err
}

// asked is a client as a history sees it.
type asked struct {
	*register.Client
	env     core.Env
	history *check.History
	number  int
}

// said is what a client notes of its operations, for who reads a trace.
type said string

func (s said) AppendText(b []byte) []byte { return append(b, s...) }

func (c asked) read(server string) error {
	op := c.history.Call(c.number, model.Read{})
	c.env.Note(said("reads"))
	value, err := c.Client.Read(c.env.Context(), core.Address(server+":2"))
	if err != nil {
		op.Refuse() // a read that nobody saw the answer of has no effect
		return err
	}
	op.Return(value)
	c.env.Note(said("has read " + value))
	return nil
}

func (c asked) write(server string, value string) error {
	op := c.history.Call(c.number, model.Write[string]{Value: value})
	c.env.Note(said("writes " + value))
	err := c.Client.Write(c.env.Context(), core.Address(server+":2"), value)
	switch {
	case err == nil:
		op.Return(nil)
		c.env.Note(said("has written " + value))
	case errors.Is(err, core.ErrDefinite):
		op.Refuse()
	}
	return err
}

const operations = 16 // of each client

// readsAndWrites has clients read and write through replicas, whatever befalls these.
func readsAndWrites(faults sim.Faults) func(r *check.Run) {
	return func(r *check.Run) {
		network := check.Draw(r, "network", "udp", "tcp")
		names := check.Draw(r, "replicas", []string{"a", "b", "c"}, []string{"a", "b", "c", "d", "e"})
		sync := check.Draw(r, "sync", time.Millisecond, 20*time.Millisecond, 200*time.Millisecond)
		loss := check.Draw(r, "datagrams lost in a thousand", 0, 200, 400)
		risk := check.Draw[uint32](r, "power failures in a hundred saves", 0, 10, 30)
		between := sim.UniformLatency(time.Millisecond, 20*time.Millisecond)
		w := r.World(sim.Config{Network: sim.NetworkConfig{
			Link: sim.LinkConfig{Latency: between, Loss: loss}, Describe: describe,
		}})
		var members []register.Member
		for _, name := range names {
			members = append(members, register.Member{Name: name, Address: core.Address(name + ":1")})
		}
		for _, name := range names {
			kept := new(register.State)
			w.AddNode(name, func(env core.Env) {
				fails := func(after time.Duration) { powerFails(w, w.Node(name), after, risk) }
				peers, err := env.Listen(network, name+":1")
				require.NoError(r, err)
				server, _, err := offer(env, name, peers, name+":2", members, flash{env, sync, fails, kept})
				require.NoError(r, err)
				err = server.Run(env.Context())
				require.Error(r, env.Context().Err(), "%s: %v", name, err)
			})
		}
		history := r.NewHistory()
		for number, name := range []string{"ann", "bob", "cem"} {
			w.Workload(w.AddNode(name, nil), "client", func(env core.Env) {
				node, err := listen(env, name+":1", func(*rpc.Node) {})
				require.NoError(r, err)
				env.Go("rpc", func() { _ = node.Serve(env.Context()) })
				client := asked{register.NewClient(node), env, history, number}
				client.live(r, w, names)
			})
		}
		faults := faults
		faults.Until = faultsEnd
		faults.Nodes = map[sim.FaultKind][]string{
			sim.FaultCrash: names, sim.FaultStop: names,
			sim.FaultCrashForGood: names[:(len(names)-1)/2], // a majority comes back
		}
		require.NoError(r, w.Inject(faults))
		w.Run()
		r.Linearizable(linearizable, model.Register(""), history, time.Minute)
	}
}

// powerFails ends a node in the middle of a Save, in risk of a hundred, and boots it again a little later.
func powerFails(w *sim.World, node *sim.Node, after time.Duration, risk uint32) {
	if w.Now() > faultsEnd || !w.Chance(choice.Fault, "power fails at "+node.Name(), risk, 100) {
		return
	}
	w.After(after, "power fails at "+node.Name(), node.Crash)
	w.After(after+50*time.Millisecond, "power is back at "+node.Name(), node.Restart)
}

// live asks a few things while there are faults, and then every server that is up until it answers.
func (c asked) live(r *check.Run, w *sim.World, servers []string) {
	ctx, draw := c.env.Context(), c.env.Rand()
	for i := range operations {
		server := servers[draw.IntN(len(servers))]
		if draw.IntN(2) == 0 {
			_ = c.read(server)
		} else {
			_ = c.write(server, fmt.Sprintf("%d.%d", c.number, i))
		}
		_ = c.env.Sleep(ctx, time.Duration(draw.IntN(200))*time.Millisecond)
	}
	_ = c.env.Sleep(ctx, faultsEnd-w.Now())
	for deadline := faultsEnd + patience; len(servers) > 0; {
		if !w.Node(servers[0]).Up() || c.read(servers[0]) == nil {
			servers = servers[1:]
			continue
		}
		require.Less(r, w.Now(), deadline, "%s does not answer", servers[0])
	}
}

func describe(m core.Message) string {
	if m.Class != core.High {
		return rpc.Describe(m)
	}
	var said register.Message
	if err := wire.Unmarshal(m.Body, &said); err != nil {
		return err.Error()
	}
	return said.String()
}

func TestRegisterIsLinearizableWhateverBefallsIt(t *testing.T) {
	simtest.CheckWith(t, simtest.Options{Seeds: 400}, readsAndWrites(sim.Faults{Intensity: 10}))
}
