package stats

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core/wire"
)

// Config says how a job's windows are cut and closed. Every field has to be set; start from DefaultConfig.
type Config struct {
	// Size of a window: 50 ms to 1 minute.
	Size time.Duration
	// DriftTolerance is by how much workers' clocks may differ from the owner's before their entries are
	// late: 0 to 10 s. It presumes clocks synchronised that well, as NTP in one datacenter does with 50
	// ms.
	DriftTolerance time.Duration
	// ClosingTolerance is how long after that a window stays open for entries on their way: 0 to 1 minute.
	ClosingTolerance time.Duration
	// MaximumAge is how long after its end a window can still get a revision, and how far ahead of the
	// owner's clock it may start: DriftTolerance + ClosingTolerance to 10 minutes.
	MaximumAge time.Duration
	// LiveWithin is how recently a datacenter must have been heard for its "complete through" to be
	// waited for: 1 ms to 1 minute.
	LiveWithin time.Duration
	// Held bounds the windows that a job keeps: FewestHeld, 16, to 65,536.
	Held uint32
}

// DefaultConfig returns 250 ms windows, 50 ms drift tolerance, 1 s closing tolerance, 5 s maximum age, 3
// s for datacenters, 4,096 windows.
func DefaultConfig() Config {
	return Config{
		Size:             250 * time.Millisecond,
		DriftTolerance:   50 * time.Millisecond,
		ClosingTolerance: time.Second,
		MaximumAge:       5 * time.Second,
		LiveWithin:       3 * time.Second,
		Held:             4096,
	}
}

// FewestHeld is the least that Config.Held may be.
const FewestHeld = 16

// Validate names the first field that is out of its bounds.
func (c Config) Validate() error {
	for _, f := range [...]struct {
		field             string
		value, least, top time.Duration
	}{
		{"size", c.Size, 50 * time.Millisecond, time.Minute},
		{"drift tolerance", c.DriftTolerance, 0, 10 * time.Second},
		{"closing tolerance", c.ClosingTolerance, 0, time.Minute},
		{"maximum age", c.MaximumAge, c.DriftTolerance + c.ClosingTolerance, 10 * time.Minute},
		{"live within", c.LiveWithin, time.Millisecond, time.Minute},
	} {
		if f.value < f.least || f.value > f.top {
			return fmt.Errorf("%w: windows: %s is %v, must be %v to %v",
				ErrInvalid, f.field, f.value, f.least, f.top)
		}
	}
	if c.Held < FewestHeld || c.Held > 1<<16 {
		return fmt.Errorf("%w: windows: held is %d, must be %d to %d", ErrInvalid, c.Held, FewestHeld, 1<<16)
	}
	return nil
}

// Index is the window that t lies in.
func (c Config) Index(t Time) int64 {
	k := int64(t) / int64(c.Size)
	if int64(t)%int64(c.Size) < 0 {
		k--
	}
	return k
}

// Start is when window k begins.
func (c Config) Start(k int64) Time { return Time(k * int64(c.Size)) }

// End is when window k is over and the next begins.
func (c Config) End(k int64) Time { return c.Start(k + 1) }

// Closing is when window k closes without a hint.
func (c Config) Closing(k int64) Time { return c.End(k).Add(c.DriftTolerance + c.ClosingTolerance) }

// Fields is the configuration on the wire.
func (c *Config) Fields(w *wire.Coder) {
	w.Duration(1, &c.Size)
	w.Duration(2, &c.DriftTolerance)
	w.Duration(3, &c.ClosingTolerance)
	w.Duration(4, &c.MaximumAge)
	w.Duration(5, &c.LiveWithin)
	wire.Enum(w, 6, &c.Held)
}
