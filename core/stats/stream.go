package stats

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/windtunnel/windtunnel/core/wire"
)

// ErrInvalid matches every error about a value that breaks this package's rules.
var ErrInvalid = errors.New("invalid")

// MaxName bounds the bytes of a job's, datacenter's and workflow's name.
const MaxName = 256

// Stream names who speaks: one attempt of one shard of a workflow in a datacenter. Attempts count from 1.
type Stream struct {
	Job        string
	Datacenter string
	Workflow   string
	Shard      uint32
	Attempt    uint32
}

// Compare orders streams by job, datacenter, workflow, shard and attempt.
func (s Stream) Compare(t Stream) int {
	return cmp.Or(
		cmp.Compare(s.Job, t.Job),
		cmp.Compare(s.Datacenter, t.Datacenter),
		cmp.Compare(s.Workflow, t.Workflow),
		cmp.Compare(s.Shard, t.Shard),
		cmp.Compare(s.Attempt, t.Attempt),
	)
}

// String is for people: job/datacenter/workflow/shard#attempt.
func (s Stream) String() string {
	return fmt.Sprintf("%s/%s/%s/%d#%d", s.Job, s.Datacenter, s.Workflow, s.Shard, s.Attempt)
}

// Validate refuses a stream without names, with too long ones, or with attempt 0.
func (s Stream) Validate() error {
	for _, name := range [...]struct{ field, value string }{
		{"job", s.Job}, {"datacenter", s.Datacenter}, {"workflow", s.Workflow},
	} {
		if name.value == "" || len(name.value) > MaxName {
			return fmt.Errorf("%w: stream: %s has %d bytes, must have 1 to %d",
				ErrInvalid, name.field, len(name.value), MaxName)
		}
	}
	if s.Attempt == 0 {
		return fmt.Errorf("%w: stream: attempt is 0, must be 1 or more", ErrInvalid)
	}
	return nil
}

// Fields is the stream on the wire.
func (s *Stream) Fields(c *wire.Coder) {
	c.String(1, &s.Job)
	c.String(2, &s.Datacenter)
	c.String(3, &s.Workflow)
	wire.Enum(c, 4, &s.Shard)
	wire.Enum(c, 5, &s.Attempt)
}
