package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/worker"
)

// The silences of a hasty datacenter: short enough for several deaths and successors in one run.
const (
	hastyHeartbeat = 200 * time.Millisecond
	hastyDead      = 800 * time.Millisecond
	hastyGrace     = 400 * time.Millisecond
)

// hasty has a manager give workers up soon.
func hasty(_ *Stage, _ int, c *manager.Config) {
	c.Heartbeat, c.Suspected = hastyHeartbeat, 2*hastyHeartbeat
	c.Dead, c.Grace = hastyDead, hastyGrace
}

// hastyWorker has a worker stop itself as soon as a hasty manager may have given it up.
func hastyWorker(_ *Stage, c *worker.Config) {
	c.Heartbeat, c.Dead, c.Grace = hastyHeartbeat, hastyDead, hastyGrace
}
