package scenarios

import (
	"github.com/windtunnel/windtunnel/sim"
)

// partitions are the scenarios of datacenters that do not reach the gate.
func partitions() []*Scenario { return []*Scenario{datacenterCutOff()} }

func datacenterCutOff() *Scenario {
	return &Scenario{
		ID: "datacenter-cut-off", Family: "partitions",
		Line: "a datacenter is cut off, both ways or one way, and healed; its workers run on, " +
			"and what they did is told",
		Shape: Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2},
		Faults: []sim.FaultKind{
			sim.FaultPartition, sim.FaultPartitionOneWay, sim.FaultPartitionPartial, sim.FaultHalfOpen,
		},
		Aim:        func(f *sim.Faults) { befall(f, managerName(0), managerName(1)) },
		Invariants: []string{conserves, appliesOnce, straysNot, lives},
		Sometimes:  []string{"an entry came twice", "a job was COMPLETED"},
		Body:       twoRounds,
	}
}
