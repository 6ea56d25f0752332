// Package cluster starts the control plane's roles as nodes of this process, over real TCP.
//
// A Node is one role on one transport node. Start gives one that listens, so that its address is known before
// others are told to dial it; Stop ends it in order. Local starts a whole cluster: one gate, and for each
// datacenter a manager and its workers.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/transport"
)

// Role is what a node runs.
type Role interface{ Run() error }

// Node is one running role.
type Node struct {
	name string
	node *transport.Node
	over chan struct{}
	err  error // of the role, once over is closed
}

// Start makes a node and its role. The error is what the role's configuration or address lacks; nothing is
// left running then.
func Start(name, role string, log *slog.Logger, build func(core.Env) (Role, error)) (*Node, error) {
	t, err := transport.New(transport.Config{Name: name, Role: role, Log: log})
	if err != nil {
		return nil, err
	}
	r, err := build(t.Env())
	if err != nil {
		t.Kill()
		return nil, err
	}
	n := &Node{name: name, node: t, over: make(chan struct{})}
	t.Start(func(core.Env) {
		defer close(n.over)
		n.err = r.Run()
	})
	return n, nil
}

// Wait returns when the role has ended, by itself or with its node, and why.
func (n *Node) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-n.node.Down():
		return n.node.Err()
	case <-n.over:
		return n.err
	}
}

// Stop ends the node in order, or, when ctx ends before that, as a crash would; the error says that it did.
func (n *Node) Stop(ctx context.Context) error {
	if err := n.node.Stop(ctx); err != nil {
		return fmt.Errorf("%s: stop: %w", n.name, err)
	}
	return nil
}

// Group is several nodes that are stopped together, the last one started first.
type Group struct{ nodes []*Node }

// Add has the group stop a node.
func (g *Group) Add(n *Node) { g.nodes = append(g.nodes, n) }

// Stop stops all nodes, as Node.Stop does.
func (g *Group) Stop(ctx context.Context) error {
	var errs []error
	for i := len(g.nodes) - 1; i >= 0; i-- {
		errs = append(errs, g.nodes[i].Stop(ctx))
	}
	return errors.Join(errs...)
}
