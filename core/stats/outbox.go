package stats

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core/wire"
)

// OutboxConfig says whose entries an Outbox keeps, and how many.
type OutboxConfig struct {
	Stream  Stream
	Windows Config
	// Sent bounds the entries that are sent and not durable: 1 to 1,024.
	Sent int
	// Unsent bounds those that wait to be sent, 2 to 1,024; over it the two oldest merge.
	Unsent int
	// ResendAfter is how long nothing may become durable before all is sent again: 10 ms to 1 minute.
	ResendAfter time.Duration
}

// DefaultOutboxConfig returns 64 sent, 64 unsent, resent after 2 s.
func DefaultOutboxConfig(stream Stream, windows Config) OutboxConfig {
	return OutboxConfig{Stream: stream, Windows: windows, Sent: 64, Unsent: 64, ResendAfter: 2 * time.Second}
}

// Validate names the first field that is out of its bounds.
func (c OutboxConfig) Validate() error {
	if err := c.Stream.Validate(); err != nil {
		return err
	}
	if err := c.Windows.Validate(); err != nil {
		return err
	}
	if c.Sent < 1 || c.Sent > 1024 {
		return fmt.Errorf("%w: outbox: sent is %d, must be 1 to 1024", ErrInvalid, c.Sent)
	}
	if c.Unsent < 2 || c.Unsent > 1024 {
		return fmt.Errorf("%w: outbox: unsent is %d, must be 2 to 1024", ErrInvalid, c.Unsent)
	}
	if c.ResendAfter < 10*time.Millisecond || c.ResendAfter > time.Minute {
		return fmt.Errorf("%w: outbox: resend after is %v, must be 10ms to 1m0s", ErrInvalid, c.ResendAfter)
	}
	return nil
}

// Outbox is the worker's side of one stream. Its owner does four things:
//
//  1. counts: Record, Skip or Absorb, and Advance as the schedule goes on;
//  2. cuts: Cut when a window is over (Flush also in the middle of one), and once, when the load has ended,
//     Finish, or Leave when another stream goes on with the rest of the schedule;
//  3. sends what Batch gives out, and then says how that went with Settle, before it asks for another
//     Batch;
//  4. tells it what came back: Durable, Want, Reconnected, Close.
//
// All times are steady ones, of the clock that it was given. Buffered are at most Sent + Unsent entries
// and the one that is being counted; no count is ever dropped: over the bound entries merge, which costs
// resolution in time. It is not safe for concurrent use.
type Outbox struct {
	config OutboxConfig
	clock  Clock

	k        int64 // the window that is being counted
	tally    Tally // what was counted in it since the last cut
	cut      int64 // the window of the last cut entry, when anyCut
	anyCut   bool
	total    Counts // all that was ever counted
	position uint64 // of the schedule
	cutAt    uint64 // position in the last cut entry
	finished bool
	closed   bool

	sent     []*Entry // numbered durable+1 and on, immutable
	unsent   []*Entry // waiting for their numbers
	durable  uint64
	cursor   uint64 // the number that is sent next
	batch    batch
	progress time.Duration // when something last became durable, or was sent anew
	wanted   uint64        // the last hint that was followed
	counters OutboxCounters
}

// batch is what was given out and not settled.
type batch struct {
	out   bool
	first uint64 // its lowest number
	fresh uint64 // numbers from here on were given for it
}

// OutboxCounters says what happened in an Outbox.
type OutboxCounters struct {
	EntriesCut    uint64
	EntriesMerged uint64 // cut entries that were merged into another
	EntriesResent uint64
	Returned      uint64 // entries that certainly were not delivered and lost their number again
	WantsIgnored  uint64 // hints at or below the durable mark, beyond what was sent, or repeated
	AfterFinish   uint64 // arrivals counted after Finish or Leave: they are in no entry
}

// NewOutbox starts a stream at the steady time now.
func NewOutbox(config OutboxConfig, clock Clock, now time.Duration) (*Outbox, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return &Outbox{
		config: config, clock: clock, k: config.Windows.Index(clock.At(now)), cursor: 1, progress: now,
	}, nil
}

// Statement is a worker's answer to "closed": all that its stream counted, also what was never applied.
type Statement struct {
	Stream     Stream
	Cumulative Counts
	Position   uint64
}

// Fields is the statement on the wire.
func (s *Statement) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &s.Stream)
	wire.Nested(c, 2, &s.Cumulative)
	c.Uint64(3, &s.Position)
}
