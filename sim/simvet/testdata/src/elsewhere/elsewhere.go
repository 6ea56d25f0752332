// Package elsewhere is not held, and has a lock that others can reach.
package elsewhere

import "sync"

// Guarded has a lock.
type Guarded struct{ Mu sync.Mutex }

// Embedded is a lock.
type Embedded struct{ sync.Mutex }
