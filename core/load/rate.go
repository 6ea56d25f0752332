package load

import (
	"strconv"
	"time"

	"github.com/windtunnel/windtunnel/core/wire"
)

// MaxRate bounds every rate, in arrivals a second.
const MaxRate = 10_000_000

// Rate is how many arrivals come in how much time. It is a ratio of whole numbers, so that a schedule has no
// rounding to drift by: a third of a request a second is {1, 3 * time.Second}.
type Rate struct {
	Count uint64        // at least 1
	Per   time.Duration // 1 ms to 24 h
}

// PerSecond is the rate of count arrivals a second.
func PerSecond(count uint64) Rate { return Rate{Count: count, Per: time.Second} }

// Fields implements wire.Message.
func (r *Rate) Fields(c *wire.Coder) {
	c.Uint64(1, &r.Count)
	c.Duration(2, &r.Per)
}

// String is "200/s" or "1/3s".
func (r Rate) String() string {
	per := r.Per.String()
	if r.Per == time.Second {
		per = "s"
	}
	return strconv.FormatUint(r.Count, 10) + "/" + per
}

func (r Rate) validate() error {
	if r.Per < time.Millisecond || r.Per > 24*time.Hour {
		return invalid("rate.per", r.Per, "1ms to 24h")
	}
	most := product{uint64(r.Per), MaxRate}.over(uint64(time.Second))
	if r.Count < 1 || r.Count > most {
		return invalid("rate.count", r.Count, "1 to "+strconv.FormatUint(most, 10)+
			" in "+r.Per.String()+" (10000000/s)")
	}
	return nil
}
