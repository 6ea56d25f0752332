package sim

import (
	"errors"
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// NetworkConfig is what all links and connections of a World share.
type NetworkConfig struct {
	Link         LinkConfig    // that SetLink does not name; a zero Latency means 0.5 to 1.5 ms, uniform
	MessageLimit int           // bytes of a message's body; 0 means core.DefaultMessageLimit
	DialTimeout  time.Duration // a dial that nobody answers fails after this; 0 means 3 s
	KeepAlive    time.Duration // a connection whose peer is silent is given up after this; 0 means 5 s
	// Describe says in a few words what a message says ("pressure REJECT"), for traces that are kept; nil
	// tells its size. It must not keep or change the body.
	Describe func(core.Message) string
}

const (
	defaultDialTimeout = 3 * time.Second
	defaultKeepAlive   = 5 * time.Second
)

func (c NetworkConfig) withDefaults() NetworkConfig {
	if c.Link.Latency == (Latency{}) {
		c.Link.Latency = UniformLatency(500*time.Microsecond, 1500*time.Microsecond)
	}
	c.Link = c.Link.withDefaults()
	if c.MessageLimit == 0 {
		c.MessageLimit = core.DefaultMessageLimit
	}
	if c.DialTimeout == 0 {
		c.DialTimeout = defaultDialTimeout
	}
	if c.KeepAlive == 0 {
		c.KeepAlive = defaultKeepAlive
	}
	return c
}

func (c NetworkConfig) validate() error {
	if c.MessageLimit < 0 || c.MessageLimit > 1<<30 {
		return fmt.Errorf("sim: config: Network.MessageLimit is %d: want 0 (4 MiB) to 1 GiB", c.MessageLimit)
	}
	if c.DialTimeout < 0 || c.DialTimeout > longestLatency {
		return fmt.Errorf("sim: config: Network.DialTimeout is %v: want 0 (3 s) to %v",
			c.DialTimeout, longestLatency)
	}
	if c.KeepAlive < 0 || c.KeepAlive > longestLatency {
		return fmt.Errorf("sim: config: Network.KeepAlive is %v: want 0 (5 s) to %v",
			c.KeepAlive, longestLatency)
	}
	return c.Link.validate("Network.Link")
}

// network is the part of a World that carries messages: an address book, the links between nodes with what is
// on its way, and what disturbs them. It runs on the World's one thread.
//
//	endpoint   what a node listens and sends with
//	end        one side of a connection; a connection is two ends
//	link       one direction between two nodes, shared by all connections and datagrams between them
//	effect     what a fault, or a scenario's script, does to links as long as it lasts
type network struct {
	world   *World
	config  NetworkConfig
	links   map[Link]*link
	inOrder []*link // links as they were first used: what is done to all of them has an order
	book    addressBook
	effects []*effect
	rules   []*Rule
	nemeses []*nemesis
	gone    map[string]bool // nodes that crashed for good
	memory  bodyMemory
	free    *packet   // packets to use again
	weights [3]uint32 // scratch for one weighted question
	silent  bool      // a node that crashes now takes its machine with it: see nodeDown
	stats   NetworkStats
}

func newNetwork(w *World, config NetworkConfig) *network {
	return &network{
		world:  w,
		config: config.withDefaults(),
	}
}

// NetworkStats counts packets since the World began.
type NetworkStats struct {
	Sent       uint64 // handed to the network by Send
	Duplicated uint64 // datagrams that a link sent a second time
	Delivered  uint64 // put where the receiver's Recv finds it
	Unread     uint64 // of those delivered: lost in the inbox of an endpoint that closed
	Dropped    [DropCauses]uint64
}

// Drops adds up the packets that were dropped, whatever the cause.
func (s NetworkStats) Drops() uint64 {
	var sum uint64
	for _, n := range s.Dropped {
		sum += n
	}
	return sum
}

// DropCause says why a packet was dropped.
type DropCause uint8

// The causes.
const (
	DropLoss      DropCause = iota // a lossy link, "udp" only
	DropRule                       // a rule said so
	DropPartition                  // a partition, "udp" only: a connection waits, or breaks
	DropBroken                     // sent into a connection that was broken already
	DropTail                       // the lost tail of a connection that broke
	DropUnheard                    // nobody listens there, or no longer
	DropInboxFull                  // the receiver has too many waiting, "udp" only
	DropCauses                     // how many there are
)

func (c DropCause) String() string {
	names := [...]string{
		"loss", "rule", "partition", "broken connection", "lost tail", "nobody listens", "inbox full",
	}
	if int(c) < len(names) {
		return names[c]
	}
	return "drop?"
}

// NetworkStats tells what the network did so far.
func (w *World) NetworkStats() NetworkStats { return w.net.stats }

var (
	errNoConnection = fmt.Errorf("no connection to that node: %w", core.ErrUnreachable)
	errRefused      = fmt.Errorf("connection refused: %w", core.ErrUnreachable)
	errDialTimeout  = fmt.Errorf("no answer: %w", core.ErrUnreachable)
	errReset        = errors.New("connection reset by peer")
	errClass        = errors.New("unknown message class")
)
