package envtest

import (
	"testing"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// World runs scripts.
type World interface {
	// Cannot names what this world is unable to do, and why.
	Cannot() map[Ability]string
	// Run runs one check, as often as it likes. Each time it calls script, makes the nodes that this returns,
	// runs every body as a task of its node, and returns when all bodies have ended: returned, or died with
	// their node. Other tasks of the nodes may be left then; Run ends them. What r is told fails t.
	Run(t *testing.T, script Script)
}

// Ability is something that not every world can do to its nodes.
type Ability string

// What checks need.
const (
	CanStop     Ability = "stop a node in order"
	CanCrash    Ability = "crash a node"
	CanCut      Ability = "cut connections"
	CanStall    Ability = "stall connections"
	CanJumpWall Ability = "set a wall clock"
)

func abilities() []Ability { return []Ability{CanStop, CanCrash, CanCut, CanStall, CanJumpWall} }

// Script makes the bodies of one run of a check, with fresh state. They report to r.
type Script func(r Reporter, control Control) []Node

// Node is a node of a check. Its boot function does nothing; Body is the one task that the world starts on
// it.
type Node struct {
	Name string
	Body func(env core.Env)
}

// Reporter is told what does not hold. *testing.T would be one, but that its FailNow serves one goroutine
// only.
type Reporter interface {
	Helper()
	Errorf(format string, args ...any)
	// FailNow ends the calling body, and the run: every other body is ended too.
	FailNow()
}

// Control is what a body may ask of its world. Each method may wait in env, the caller's own environment, and
// returns when the thing is done. A world is never asked for what it cannot do.
type Control interface {
	// MessageLimit is the longest message that an endpoint takes, in bytes.
	MessageLimit() int
	// Via returns the address at which node from reaches node to, which listens at addr. A world that can do
	// what it has to without standing in between returns addr.
	Via(from, to string, addr core.Address) core.Address

	// Stop asks a node to stop, gives its tasks a bounded while to return, and ends those that did not.
	Stop(env core.Env, node string)
	// Crash ends a node. When it returns the node's tasks have ended, deferred calls included.
	Crash(env core.Env, node string)
	// Cut breaks every connection between two nodes. Later ones work.
	Cut(env core.Env, a, b string)
	// Stall lets nothing pass between two nodes, either way, until Release. Connections stay.
	Stall(env core.Env, a, b string)
	Release(env core.Env, a, b string)
	// JumpWall sets a node's wall clock on, or back, by d.
	JumpWall(env core.Env, node string, d time.Duration)
}
