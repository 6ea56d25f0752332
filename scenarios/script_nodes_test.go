package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cockroachdb/datadriven"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/sim"
)

// node is the one that a command names.
func (s *script) node(d *datadriven.TestData) (*sim.Node, error) {
	name := words(d)
	node := s.World.Node(name)
	if node == nil || name == clientName(0) {
		return nil, fmt.Errorf("%s is no node that a script may disturb", name)
	}
	return node, nil
}

// then has f do something to the node that a command names.
func (s *script) then(d *datadriven.TestData, f func(*sim.Node)) (string, error) {
	node, err := s.node(d)
	if err == nil {
		f(node)
	}
	return "", err
}

func (s *script) crash(d *datadriven.TestData) (string, error) { return s.then(d, (*sim.Node).Crash) }

func (s *script) restart(d *datadriven.TestData) (string, error) {
	return s.then(d, (*sim.Node).Restart)
}

func (s *script) stop(d *datadriven.TestData) (string, error) { return s.then(d, (*sim.Node).Stop) }

func (s *script) pause(d *datadriven.TestData) (string, error) { return s.then(d, (*sim.Node).Pause) }

func (s *script) resume(d *datadriven.TestData) (string, error) { return s.then(d, (*sim.Node).Resume) }

// twin boots another process under a worker's name: "twin w-a1".
func (s *script) twin(d *datadriven.TestData) (string, error) {
	return s.then(d, func(node *sim.Node) {
		dc, other := int(node.Name()[len("w-")]-'a'), node.Name()+"-twin"
		s.Host.Boot(other, func(env core.Env) { s.runWorkerAs(env, dc, other, node.Name()) })
	})
}

// partition keeps two lists of nodes from each other: "partition a,b c".
func (s *script) partition(d *datadriven.TestData) (string, error) {
	var sides [][]string
	for _, arg := range d.CmdArgs {
		side := strings.Split(arg.String(), ",")
		for _, name := range side {
			if s.World.Node(name) == nil {
				return "", fmt.Errorf("there is no node %s", name)
			}
		}
		sides = append(sides, side)
	}
	if len(sides) != 2 {
		return "", fmt.Errorf("a partition has two sides")
	}
	s.World.Partition(sides[0], sides[1])
	s.cut = true
	return "", nil
}

func (s *script) heal(*datadriven.TestData) (string, error) {
	s.World.Heal()
	s.cut = false
	return "", nil
}

// press puts a manager under a pressure that makes for a level: "pressure m-a REJECT".
func (s *script) press(d *datadriven.TestData) (string, error) {
	fills := map[string]float64{
		backpressure.None.String(): 0, backpressure.Throttle.String(): 0.75,
		backpressure.Batch.String(): 0.9, backpressure.Reject.String(): 1,
	}
	name, level, _ := strings.Cut(words(d), " ")
	fill, known := fills[level]
	isManager := slices.ContainsFunc(s.World.Nodes(), func(n *sim.Node) bool {
		return n.Name() == name && strings.HasPrefix(name, "m-")
	})
	if !known || !isManager {
		return "", fmt.Errorf("pressure is on a manager, and to a level")
	}
	s.fills[name] = fill
	return "", nil
}
