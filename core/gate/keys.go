package gate

import (
	"errors"
	"slices"

	"github.com/windtunnel/windtunnel/core"
)

// errKeyConflict says that a key already names a job with another specification.
var errKeyConflict = errors.New("the key names a job with another specification")

// keys is the idempotency memory: within it, one key names one job. A key is forgotten when its job is,
// and no earlier than Config.KeyMemory after the submission. It is guarded by the gate's lock.
type keys struct {
	byKey map[string]key
	order []string // by time of acceptance, oldest first
}

type key struct {
	job     string
	digest  uint64 // of the specification
	since   core.Instant
	dropped bool // its job is forgotten; the key waits for its time
}

func newKeys() keys { return keys{byKey: map[string]key{}} }

// find returns the job of a key, if it has one. Another specification under the same key is errKeyConflict.
func (k *keys) find(name string, digest uint64) (job string, known bool, err error) {
	entry, known := k.byKey[name]
	if known && entry.digest != digest {
		return "", true, errKeyConflict
	}
	return entry.job, known, nil
}

// add binds a key to a job.
func (k *keys) add(name string, digest uint64, job string, now core.Instant) {
	k.byKey[name] = key{job: job, digest: digest, since: now}
	k.order = append(k.order, name)
}

// drop says that a job is forgotten.
func (k *keys) drop(name string) {
	if entry, ok := k.byKey[name]; ok {
		entry.dropped = true
		k.byKey[name] = entry
	}
}

// expire forgets the keys of forgotten jobs that were accepted before the given instant.
func (k *keys) expire(before core.Instant) {
	k.order = slices.DeleteFunc(k.order, func(name string) bool {
		entry := k.byKey[name]
		gone := entry.dropped && entry.since < before
		if gone {
			delete(k.byKey, name)
		}
		return gone
	})
}
