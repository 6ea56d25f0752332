package transport

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// Config describes a node. Only Name is needed; a zero anywhere else means the default that is named there.
type Config struct {
	// Name is what peers see as `from`: 1 to 128 bytes, without ':', spaces and control characters.
	Name string
	// Role is told to peers, for their logs: up to 64 bytes of the same alphabet. It may be empty.
	Role string
	// Log receives the node's log records. nil discards them.
	Log *slog.Logger
	// Observe is called with every noted event, by the task that noted it, before Note returns; calls of
	// different tasks may overlap. nil: notes are debug records of Log.
	Observe func(Observation)
	// Perturb, when not 0, seeds random short delays at Yield and before locks, Send and Recv, for tests that
	// look for races. 0: those points are free.
	Perturb uint64

	// MessageLimit bounds a message's body, in bytes: 1 to 64 MiB, default core.DefaultMessageLimit.
	MessageLimit int
	// QueueMessages and QueueBytes bound what waits to be written, a class and connection; beyond it Send
	// returns core.ErrQueueFull. Defaults 16,384 messages and 16 MiB; bytes at least MessageLimit.
	QueueMessages int
	QueueBytes    int
	// Window bounds the bytes that a peer may have sent and Recv has not taken, a class and connection. A
	// message costs its body and 64 bytes. At least MessageLimit and 64 KiB, default MessageLimit and 1 MiB.
	Window int
	// Connections bounds the connections of an endpoint: 1 to 1,048,576, default 4,096.
	Connections int

	// HandshakeTimeout bounds a dial and the exchange of hellos. Default 5 s, at least 1 ms.
	HandshakeTimeout time.Duration
	// KeepAlive is how often a silent connection is asked for a sign of life; one that stays silent for four
	// times as long is given up. Default 5 s, at least 1 ms.
	KeepAlive time.Duration
	// BackoffMin and BackoffMax bound the while that an address is left alone after a failed dial; it doubles
	// and is jittered. Defaults 50 ms and 2 s.
	BackoffMin time.Duration
	BackoffMax time.Duration
	// Linger bounds how long a closing endpoint goes on writing what is queued. Default 1 s.
	Linger time.Duration
}

// Observation is a noted fact, and where and when it was noted.
type Observation struct {
	At    core.Instant // the node's steady time
	Node  string
	Event core.Event
}

const (
	mebibyte      = 1 << 20
	limitCeiling  = 64 * mebibyte
	windowSlack   = 64 << 10
	nameCeiling   = 128
	roleCeiling   = 64
	messageCost   = 64 // what a message costs of a window beside its body: bounds the number of small ones
	maxQueueCount = 1 << 24
)

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	orInt := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	orDuration := func(field *time.Duration, value time.Duration) {
		if *field == 0 {
			*field = value
		}
	}
	orInt(&c.MessageLimit, core.DefaultMessageLimit)
	orInt(&c.QueueMessages, 16384)
	orInt(&c.QueueBytes, max(16*mebibyte, c.MessageLimit))
	orInt(&c.Window, c.MessageLimit+mebibyte)
	orInt(&c.Connections, 4096)
	orDuration(&c.HandshakeTimeout, 5*time.Second)
	orDuration(&c.KeepAlive, 5*time.Second)
	orDuration(&c.BackoffMin, 50*time.Millisecond)
	orDuration(&c.BackoffMax, max(2*time.Second, c.BackoffMin))
	orDuration(&c.Linger, time.Second)
	return c
}

// validate judges a Config whose defaults are filled in.
func (c Config) validate() error {
	if err := checkName("Name", c.Name, 1, nameCeiling); err != nil {
		return err
	}
	if err := checkName("Role", c.Role, 0, roleCeiling); err != nil {
		return err
	}
	ranges := []struct {
		field           string
		value, low, top int64
	}{
		{"MessageLimit", int64(c.MessageLimit), 1, limitCeiling},
		{"QueueMessages", int64(c.QueueMessages), 1, maxQueueCount},
		{"QueueBytes", int64(c.QueueBytes), int64(c.MessageLimit), 1 << 32},
		{"Window", int64(c.Window), int64(c.MessageLimit + windowSlack), 1 << 31},
		{"Connections", int64(c.Connections), 1, 1 << 20},
		{"HandshakeTimeout", int64(c.HandshakeTimeout), int64(time.Millisecond), int64(time.Hour)},
		{"KeepAlive", int64(c.KeepAlive), int64(time.Millisecond), int64(time.Hour)},
		{"BackoffMin", int64(c.BackoffMin), int64(time.Millisecond), int64(c.BackoffMax)},
		{"BackoffMax", int64(c.BackoffMax), int64(c.BackoffMin), int64(time.Hour)},
		{"Linger", int64(c.Linger), int64(time.Millisecond), int64(time.Hour)},
	}
	for _, r := range ranges {
		if r.value < r.low || r.value > r.top {
			return fmt.Errorf("transport: config: %s is %d, must be %d to %d", r.field, r.value, r.low, r.top)
		}
	}
	return nil
}

// grantSize is how many bytes Recv takes before the peer is granted as many anew: seldom, yet soon enough
// that a message of any size fits into what the peer still has.
func (c Config) grantSize() int { return min(c.Window/4, c.Window-c.MessageLimit-messageCost) }

// checkName keeps names apart from addresses (no ':') and log lines readable.
func checkName(field, value string, low, top int) error {
	if len(value) < low || len(value) > top {
		return fmt.Errorf("transport: config: %s is %d bytes, must be %d to %d", field, len(value), low, top)
	}
	bad := strings.IndexFunc(value, func(r rune) bool { return r == ':' || r <= ' ' || r >= 0x7f })
	if bad >= 0 {
		return fmt.Errorf("transport: config: %s %q holds %q, must be printable ASCII without ':' and spaces",
			field, value, value[bad])
	}
	return nil
}
