package stats

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

var (
	// ErrStream matches the refusal to open, close or settle a stream that is not in a state for it.
	ErrStream = errors.New("not possible for this stream")
	// ErrEnded matches the refusal to open a stream of a job that has ended.
	ErrEnded = errors.New("job has ended")
)

// MaxStreams bounds the streams that a job opens in all its life.
const MaxStreams = 1 << 16

// Collector is the owning gate's side of one job: it takes entries, keeps windows, and has the books. It
// lives as long as the job is kept. The caller's duties:
//
//  1. Open a stream before its shard is dispatched; Close it when its worker is dead, before a successor
//     is opened. Only the gate does either.
//  2. Tell it of datacenters: Heard for any sign of life, Complete for "complete through k".
//  3. Apply what comes, and answer with the receipt.
//  4. Take closed windows (when HasPending, or at NextClosing), put the values into the push log, then
//     say so with Logged, and call Drop now and then.
//  5. At the end TakeAll and End in one step.
//
// Every now is of the job's own Clock; one that is earlier than the last is taken as the last. A
// Collector is not safe for concurrent use: it belongs to its job's task.
type Collector struct {
	job     string
	config  Config
	streams map[Stream]*stream
	shards  map[shard]*stream // the newest attempt
	ordered []*stream         // as opened
	recent  *stream           // the last one looked up
	groups  []*group          // as first opened
	centers []center          // ascending by name

	now           Time
	closedThrough int64 // every window up to here is closed, whether it exists or not
	oldest        int64 // a window before this one is too old
	farthest      int64 // a window after this one is too far ahead
	ended         bool

	held           []held    // ascending by window
	open           int       // held[open:] are the open ones
	pending        []*window // closed, with a change that nobody has taken
	droppedThrough int64

	total   Counts // all that was applied
	planned uint64 // the sum of it and of what closed streams' workers counted beyond: it fits 64 bits
	outside [UnwindowedReasons]Counts
	late    uint64
	lag     Sketch // how late the late entries were
	results [Results]uint64
	evicted uint64
	changed []*stream // whose slots nobody has taken
}

// shard is a stream without its attempt.
type shard struct {
	datacenter string
	workflow   string
	number     uint32
}

// group is what all streams of one workflow in one datacenter share.
type group struct {
	datacenter string
	workflow   string
	outside    Counts   // applied, and in no window
	measures   Measures // of what is in no held window: dropped or never windowed
}

// center is a datacenter that gives hints.
type center struct {
	name    string
	heard   Time
	said    bool
	through int64
}

// NewCollector returns the collector of a job whose clock shows now. The error is ErrInvalid.
func NewCollector(job string, config Config, now Time) (*Collector, error) {
	if job == "" || len(job) > MaxName {
		return nil, fmt.Errorf("%w: collector: job has %d bytes, must have 1 to %d",
			ErrInvalid, len(job), MaxName)
	}
	if err := config.Validate(); err != nil {
		return nil, err
	}
	c := &Collector{
		job: job, config: config, streams: map[Stream]*stream{}, shards: map[shard]*stream{},
		now: now, closedThrough: math.MinInt64, droppedThrough: math.MinInt64,
	}
	c.place(now)
	return c, nil
}

// Heard notes a sign of life of a datacenter. As long as it is live it must have given a hint before any
// hint closes a window, so tell of every datacenter when it is dispatched to.
func (c *Collector) Heard(datacenter string, now Time) {
	c.advance(now)
	c.center(datacenter).heard = c.now
}

// Complete notes a datacenter's hint that all entries of its streams for windows through k are on their
// way or here. It is a sign of life too. Hints can only bring a closing forward.
func (c *Collector) Complete(datacenter string, k int64, now Time) {
	c.advance(now)
	d := c.center(datacenter)
	d.heard = c.now
	if !d.said || k > d.through {
		d.said, d.through = true, k
	}
	c.hint()
}

// Gone forgets a datacenter: nothing is expected of it any more.
func (c *Collector) Gone(datacenter string, now Time) {
	c.advance(now)
	c.centers = slices.DeleteFunc(c.centers, func(d center) bool { return d.name == datacenter })
	c.hint()
}

func (c *Collector) center(name string) *center {
	i, found := slices.BinarySearchFunc(c.centers, name, func(d center, name string) int {
		return strings.Compare(d.name, name)
	})
	if !found {
		c.centers = slices.Insert(c.centers, i, center{name: name})
	}
	return &c.centers[i]
}

// End says that the job has ended: every window closes, and what is applied after it counts in the totals
// and in Unwindowed only. What was not taken can still be taken.
func (c *Collector) End(now Time) {
	c.advance(now)
	c.closeHeld()
	c.ended = true
}

// advance moves the job's time on, and closes the windows whose time has come.
func (c *Collector) advance(now Time) {
	if now > c.now {
		c.now = now
		c.place(now)
	}
}

// place computes where windows stand at now.
func (c *Collector) place(now Time) {
	g := c.config
	// Rounded up: a window that ends at the bound is not too old.
	c.oldest = -g.Index(-now.Add(-g.MaximumAge)) - 1
	c.farthest = g.Index(now.Add(g.MaximumAge))
	c.closeThrough(g.Index(now.Add(-g.DriftTolerance-g.ClosingTolerance)) - 1)
}

// hint closes what every live datacenter says is complete.
func (c *Collector) hint() {
	through, any := c.farthest, false
	for _, d := range c.centers {
		if c.now.Sub(d.heard) > c.config.LiveWithin {
			continue
		}
		if !d.said {
			return
		}
		through, any = min(through, d.through), true
	}
	if any {
		c.closeThrough(through)
	}
}
