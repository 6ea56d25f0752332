package register_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/examples/register"
	"github.com/windtunnel/windtunnel/transport"
)

// file is a real disk: a file that is replaced as a whole.
type file string

func (f file) Load() (state register.State, err error) {
	text, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return state, nil
	}
	if err != nil {
		return state, err
	}
	return state, json.Unmarshal(text, &state)
}

func (f file) Save(_ context.Context, state register.State) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	next, err := os.Create(string(f) + ".next")
	if err != nil {
		return err
	}
	_, err = next.Write(text)
	if err = errors.Join(err, next.Sync(), next.Close()); err != nil {
		return err
	}
	return os.Rename(next.Name(), string(f)) // a machine that may lose power also syncs the folder
}

func realEndpoint(t *testing.T, name, address string) (*transport.Node, core.Endpoint) {
	t.Helper()
	node, err := transport.New(transport.Config{Name: name})
	require.NoError(t, err)
	endpoint, err := node.Env().Listen("tcp", address)
	require.NoError(t, err)
	return node, endpoint
}

func TestRegisterOverLoopbackOutlivesItsProcesses(t *testing.T) {
	ctx, folder, names := context.Background(), t.TempDir(), []string{"a", "b", "c"}
	nodes, endpoints := make([]*transport.Node, len(names)), make([]core.Endpoint, len(names))
	members, clients := make([]register.Member, len(names)), make([]core.Address, len(names))
	for i, name := range names {
		nodes[i], endpoints[i] = realEndpoint(t, name, "127.0.0.1:0")
		members[i] = register.Member{Name: name, Address: endpoints[i].Addr()}
	}
	runAll := func() {
		for i, name := range names {
			env, disk := nodes[i].Env(), file(filepath.Join(folder, name))
			server, address, err := offer(env, name, endpoints[i], "127.0.0.1:0", members, disk)
			require.NoError(t, err)
			clients[i] = address
			env.Go("drive", func() { _ = server.Run(env.Context()) })
		}
	}
	stopAll := func() {
		for _, node := range nodes {
			require.NoError(t, node.Stop(ctx))
		}
	}
	ann, err := transport.New(transport.Config{Name: "ann"})
	require.NoError(t, err)
	calls, err := listen(ann.Env(), "127.0.0.1:0", func(*rpc.Node) {})
	require.NoError(t, err)
	ann.Env().Go("rpc", func() { _ = calls.Serve(ann.Env().Context()) })
	client := register.NewClient(calls)

	runAll()
	insist(func() error { return client.Write(ctx, clients[0], "kept") })
	stopAll()
	for i, name := range names {
		nodes[i], endpoints[i] = realEndpoint(t, name, string(members[i].Address))
	}
	runAll()
	require.NoError(t, nodes[0].Stop(ctx)) // a majority is enough
	for _, server := range clients[1:] {
		insist(func() error {
			value, err := client.Read(ctx, server)
			if err == nil {
				require.Equal(t, "kept", value)
			}
			return err
		})
	}
	stopAll()
	require.NoError(t, ann.Stop(ctx))
}

// insist tries again until f succeeds: on a busy machine anything may take longer than it is waited for.
func insist(f func() error) {
	for f() != nil {
		continue
	}
}
