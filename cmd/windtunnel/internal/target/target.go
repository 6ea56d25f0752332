package target

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Config says how the target behaves.
type Config struct {
	Addr    string        // "host:port" to listen on; port 0: any free one
	Latency time.Duration // from the request to its answer: 0 to 1 m
	// Fail is the share of requests that are answered with 500: 0 to 1, exact to a millionth. They are
	// spread evenly, so that n requests have n * Fail failures, rounded down.
	Fail   float64
	JSON   string        // the body of every answer that does not fail; empty: the status in words
	Report string        // file of the report; empty: none
	Every  time.Duration // how often the report is replaced: 10 ms to 1 m; 0: 1 s
	Drain  time.Duration // how long requests in flight are waited for at the end: up to 1 m; 0: 5 s
	// Ready is called once, when the server listens and the first report is written. nil: nobody is told.
	Ready func(addr string)
}

func (c Config) validate() error {
	switch {
	case c.Addr == "":
		return fmt.Errorf("target: addr: empty: must be host:port")
	case c.Latency < 0 || c.Latency > time.Minute:
		return fmt.Errorf("target: latency: %v: must be 0 to 1m", c.Latency)
	case !(c.Fail >= 0 && c.Fail <= 1):
		return fmt.Errorf("target: fail: %v: must be 0 to 1", c.Fail)
	case c.JSON != "" && !json.Valid([]byte(c.JSON)):
		return fmt.Errorf("target: json: %q: must be JSON", c.JSON)
	case c.Every != 0 && (c.Every < 10*time.Millisecond || c.Every > time.Minute):
		return fmt.Errorf("target: every: %v: must be 0 (1s), or 10ms to 1m", c.Every)
	case c.Drain < 0 || c.Drain > time.Minute:
		return fmt.Errorf("target: drain: %v: must be 0 (5s) to 1m", c.Drain)
	}
	return nil
}

// Run serves until ctx ends and then returns nil, after the last report is written. Any other return is an
// error: a value out of bounds, an address that cannot be listened on, or a report that cannot be written.
func Run(ctx context.Context, config Config) error {
	if err := config.validate(); err != nil {
		return err
	}
	if config.Every == 0 {
		config.Every = time.Second
	}
	if config.Drain == 0 {
		config.Drain = 5 * time.Second
	}
	listener, err := net.Listen("tcp", config.Addr)
	if err != nil {
		return fmt.Errorf("target: listen: %w", err)
	}
	books := newBooks(listener.Addr().String(), config.Fail)
	if err := books.write(config.Report, false); err != nil {
		listener.Close()
		return err
	}
	var ahead unused
	server := &http.Server{
		ConnState:         ahead.watch,
		Handler:           &handler{books: books, latency: config.Latency, json: config.JSON},
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // a client that hangs up is no news to a target
	}
	server.RegisterOnShutdown(ahead.close)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if config.Ready != nil {
		config.Ready(books.addr)
	}
	// One that cannot be written now may be writable the next time: only the last one has to be.
	failed := watch(ctx, served, config.Every, func() { _ = books.write(config.Report, false) })
	idle := shutdown(server, config.Drain)
	if err := books.write(config.Report, idle); failed == nil {
		failed = err
	}
	return failed
}

// watch calls save from time to time, until ctx ends or the server fails.
func watch(ctx context.Context, served <-chan error, every time.Duration, save func()) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-served:
			return fmt.Errorf("target: serve: %w", err)
		case <-ticker.C:
			save()
		}
	}
}

// shutdown ends the server, by force after drain. It tells whether nothing was in flight any more.
func shutdown(server *http.Server, drain time.Duration) (idle bool) {
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close() // its time is over; Serve says why it ended
		return false
	}
	return true
}
