package main

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// bubble is the same program in a testing/synctest bubble: goroutines that sleep n times together on its
// fake clock.
func bubble(t *testing.T, tasks int) contestant {
	name := fmt.Sprintf("bubble of %d goroutines", tasks)
	run := func(n int) (time.Duration, error) {
		each := n/tasks + 1
		program := func(*testing.T) {
			for i := range tasks {
				go func() {
					sleeps := naps(i)
					for range each {
						time.Sleep(sleeps.next())
					}
				}()
			}
			// The bubble's clock would stop when this goroutine ended.
			time.Sleep(time.Duration(each+1) * time.Millisecond)
		}
		began := time.Now()
		synctest.Test(t, program)
		took := time.Since(began)
		return time.Duration(float64(took) * float64(n) / float64(each*tasks)), nil
	}
	return contestant{name: name, run: run, least: 20 * tasks}
}
