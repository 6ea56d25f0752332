package sim

import "time"

// How hard node faults hit, by strength. Steady clocks of two nodes drift apart by less than a tenth even at
// the hardest (1.045 to 0.955): protocols may rely on a margin of 10 %.
var (
	wallSkews = [strengths]time.Duration{
		10 * time.Millisecond, 100 * time.Millisecond, time.Second, 30 * time.Second,
	}
	wallJumps = [strengths]time.Duration{
		100 * time.Millisecond, time.Second, 10 * time.Second, 5 * time.Minute,
	}
	wallDrifts   = [strengths]int64{50, 500, 5000, 50_000} // parts in a million
	steadyDrifts = [strengths]int64{500, 5000, 20_000, 45_000}
)

func (n *nemesis) applyToNode(e *episode) {
	node, sign := n.world.Node(e.from), 1
	if e.side%2 == 1 {
		sign = -1
	}
	var touched uint64
	if node.Up() {
		touched = 1
	}
	e.touched = func() uint64 { return touched }
	switch e.kind {
	case FaultCrash:
		n.crash(e, node)
	case FaultCrashForGood:
		n.crashForGood(e, node)
	case FaultStop:
		n.stop(e, node)
	case FaultPause:
		touched = 0
		node.Pause()
		e.undo = func() {
			touched = uint64(len(node.ready)) // tasks that would have run
			node.Resume()
		}
	case FaultSlowCPU:
		before := node.stalled
		node.Slow(true)
		e.undo = func() { node.Slow(false) }
		e.touched = func() uint64 { return node.stalled - before }
	case FaultWallSkew:
		skew := wallSkews[e.strength] * time.Duration(sign)
		node.JumpWall(skew)
		e.undo = func() { node.JumpWall(-skew) }
	case FaultWallJump:
		node.JumpWall(wallJumps[e.strength] * time.Duration(sign))
	case FaultWallDrift:
		before := node.wall.drift
		node.DriftWall(wallDrifts[e.strength] * int64(sign))
		e.undo = func() { node.DriftWall(before) }
	case FaultSteadyDrift:
		before := node.steady
		node.DriftSteady(steadyDrifts[e.strength] * int64(sign))
		e.undo = func() { node.DriftSteady(before) }
	}
}

// crash takes a node down until the episode ends. One of four is a machine's: the peers get no word of it.
func (n *nemesis) crash(e *episode, node *Node) {
	net := n.world.net
	net.silent = e.side == sides-1
	node.Crash()
	net.silent = false
	e.undo = func() {
		if !node.Up() && !net.gone[node.name] {
			node.Restart()
		}
	}
}

func (n *nemesis) crashForGood(e *episode, node *Node) {
	net := n.world.net
	if net.gone == nil {
		net.gone = make(map[string]bool)
	}
	net.gone[node.name] = true
	n.crash(e, node)
}

// stop asks a node to stop. It boots again when its process and the episode are over, unless it crashed
// meanwhile: then that is the crash's affair.
func (n *nemesis) stop(e *episode, node *Node) {
	life, exited := node.env, false
	if life == nil {
		return
	}
	boot := func() {
		if exited && node.incarnation == life.incarnation && !n.world.net.gone[node.name] {
			node.Restart()
		}
	}
	node.Stop()
	life.onReturn(func() {
		exited = true
		node.exit()
		if e.leaving != nil {
			e.leaving, e.end = nil, n.world.now
			boot()
		}
	})
	e.undo = func() {
		if boot(); node.env == life {
			e.leaving = life
		}
	}
}
