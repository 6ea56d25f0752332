// Package excused carries exceptions, good and bad.
package excused

import (
	"sync"
	"time"
)

type box struct {
	mu sync.Mutex //simvet:allow leaf lock: nothing waits under it
}

func (b *box) use() {
	b.mu.Lock()
	defer b.mu.Unlock()
}

func above() {
	//simvet:allow the watchdog looks at the real clock, outside every World
	time.Sleep(1)

	//simvet:allow a reason may take
	// more than one line
	time.Sleep(2)

	time.Sleep(3) // want `time.Sleep: use env.Sleep`
	time.Sleep(4) //simvet:allow it covers its own line
	time.Sleep(5) // want `time.Sleep: use env.Sleep`
}

func bad() {
	time.Sleep(1)   /* want `an exception without its reason: write //simvet:allow and why` */ //simvet:allow
	_ = time.Second /* want `an exception that excuses nothing: remove it` */                  //simvet:allow nothing to excuse here
}
