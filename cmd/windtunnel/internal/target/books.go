package target

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// Report is the content of the report's file.
type Report struct {
	Addr     string            `json:"addr"`
	Received uint64            `json:"received"`
	Answered uint64            `json:"answered"`
	OK       uint64            `json:"ok"`
	Failed   uint64            `json:"failed"`
	ByStatus map[string]uint64 `json:"by_status"` // answered
	ByPath   map[string]uint64 `json:"by_path"`   // received
	First    time.Time         `json:"first,omitzero"`
	Last     time.Time         `json:"last,omitzero"` // when the first and the last request were received
	Complete bool              `json:"complete"`      // written at the end, with nothing in flight
}

const (
	maxPaths  = 1000 // what else is asked for, and a path over maxPath bytes, counts under otherPath
	maxPath   = 512
	otherPath = "(other)"
	million   = 1_000_000
)

// books count what the handlers see.
type books struct {
	addr string
	fail uint64 // of a million

	mu       sync.Mutex
	received uint64
	byStatus map[int]uint64
	byPath   map[string]uint64
	first    time.Time
	last     time.Time
}

func newBooks(addr string, fail float64) *books {
	return &books{
		addr: addr, fail: uint64(math.Round(fail * million)),
		byStatus: map[int]uint64{}, byPath: map[string]uint64{},
	}
}

// receive counts a request and decides how it will be answered: 500 whenever the whole part of n * share
// rises.
func (b *books) receive(path string) (status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = time.Now()
	if b.received == 0 {
		b.first = b.last
	}
	before := b.received * b.fail / million
	b.received++
	if _, known := b.byPath[path]; !known && (len(b.byPath) >= maxPaths || len(path) > maxPath) {
		path = otherPath
	}
	b.byPath[path]++
	if b.received*b.fail/million > before {
		return http.StatusInternalServerError
	}
	return http.StatusOK
}

func (b *books) answer(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.byStatus[status]++
}

func (b *books) report(complete bool) Report {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := Report{
		Addr: b.addr, Received: b.received, OK: b.byStatus[http.StatusOK],
		ByStatus: map[string]uint64{}, ByPath: map[string]uint64{},
		First: b.first, Last: b.last, Complete: complete,
	}
	for status, n := range b.byStatus {
		r.ByStatus[strconv.Itoa(status)] = n
		r.Answered += n
	}
	r.Failed = r.Answered - r.OK
	for path, n := range b.byPath {
		r.ByPath[path] = n
	}
	return r
}

// write replaces the report in file, if there is one, as a whole: a reader finds the old one or the new one.
func (b *books) write(file string, complete bool) error {
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(b.report(complete), "", "  ")
	if err != nil {
		return fmt.Errorf("target: report: %w", err)
	}
	draft := file + ".tmp" // always the same, so that a kill leaves one at most
	if err := os.WriteFile(draft, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("target: report: %w", err)
	}
	if err := os.Rename(draft, file); err != nil {
		return fmt.Errorf("target: report: %w", err)
	}
	return nil
}
