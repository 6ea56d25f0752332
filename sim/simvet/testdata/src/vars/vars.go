// Package vars declares package variables of every kind that is told apart.
package vars

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"sync/atomic"
	"time"
)

// Sentinels and assertions stay.
var (
	ErrGone = errors.New("gone")
	errWrap = fmt.Errorf("wrapped: %w", ErrGone)

	_ io.Reader = (*reader)(nil)
)

// Tables stay: nobody writes them.
var (
	names   = [...]string{"a", "b"}
	sizes   = []int{1, 2, 3}
	byName  = map[string]int{"a": 1}
	pattern = regexp.MustCompile("a+")
	start   = time.Unix(0, 0)
	points  = []struct{ x, y int }{{1, 2}}
)

// These can change, or can be changed by others.
var (
	Exported  = 3             // want `package variable Exported: use a field, a constant or a function: it is shared by every World`
	counter   int             // want `package variable counter`
	assigned  = "x"           // want `package variable assigned`
	addressed = [2]int{}      // want `package variable addressed`
	handedOut = []int{1}      // want `package variable handedOut`
	written   = map[int]int{} // want `package variable written`
	sliced    = []int{1}      // want `package variable sliced`
	pointer   = &reader{}     // want `package variable pointer`
	deep      = [][]int{{1}}  // want `package variable deep`
	hook      = func() {}     // want `package variable hook`
	hits      atomic.Int64    // want `package variable hits`
	anything  any             // want `package variable anything`
	a, b      = pair()        // want `package variable a` `package variable b`
)

type reader struct{ n int }

func (*reader) Read([]byte) (int, error) { return 0, nil }

func pair() (*int, *int) { return nil, nil }

func use() (int, []int) {
	counter++
	hits.Add(1)
	assigned = "y"
	_ = &addressed
	written[1] = 2
	_ = sliced[:1]
	hook()
	n := len(sizes) + sizes[1] + byName["a"] + points[0].x + len(names[0])
	for _, s := range sizes {
		n += s
	}
	_ = pattern.MatchString("a")
	_ = start.Add(1)
	_, _, _, _, _, _, _ = pointer, deep, anything, a, b, Exported, errWrap
	return n, handedOut
}
