// Package envtest is the contract that every core.Env passes: one suite, two worlds.
//
// A check is a script: bodies over the environments of a few nodes, and what must hold. [Run] puts every
// check to a [World], which knows how to make nodes, run bodies on them, and do what a script asks of it
// through [Control] - crash a node, cut a connection. The real world runs a script on goroutines, under
// -race, with its interleaving points perturbed; the simulated one runs it over many seeds.
//
// A world that cannot do something says so, and why; the checks that need it are then reported as declared,
// never left out in silence. A declaration that no check needs is an error, so that it cannot outlive its
// reason.
//
// The suite states no more than package core documents. Where the two worlds may differ - how long a dial
// takes, whether a Send can end with an indefinite error, how large a queue is - a check accepts both.
//
// Bodies of different nodes talk over the network, and beside it through moments, which are no part of the
// environment under test: "b listens", "a has sent all". They never sleep to let something happen.
package envtest
