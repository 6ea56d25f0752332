package http

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
)

// nothing answers at once.
type nothing struct{}

func (nothing) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
}

// BenchmarkPacing reports by how much a second of load lags behind its plan, and how much of it was sent.
func BenchmarkPacing(b *testing.B) {
	for _, rate := range []uint64{10_000, 30_000, 100_000} {
		b.Run(fmt.Sprintf("%dk", rate/1000), func(b *testing.B) {
			e, err := New(Config{})
			require.NoError(b, err)
			e.connect = func(load.Assignment) http.RoundTripper { return nothing{} }
			var sum stats.Tally
			for b.Loop() {
				var tally load.Tally
				m := newMachine()
				a := assignment("http://target/", rate, time.Second)
				require.NoError(b, e.Run(b.Context(), m, a, &tally))
				tally.Drain(&sum)
			}
			for q, name := range map[float64]string{0.5: "lag-p50-ms", 0.99: "lag-p99-ms", 1: "lag-max-ms"} {
				b.ReportMetric(float64(sum.Measures.SendLag.Quantile(q).Microseconds())/1000, name)
			}
			b.ReportMetric(float64(sum.Counts.Sent())/float64(b.N), "sent/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

const senders = 64 // as in the figures of other load generators

// BenchmarkRate compares requests a second with a plain loop around an http.Client, 64 connections each,
// against a server in this process.
func BenchmarkRate(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}))
	defer server.Close()
	b.Run("plain", func(b *testing.B) {
		connections := &http.Transport{MaxIdleConnsPerHost: senders}
		defer connections.CloseIdleConnections()
		client := &http.Client{Transport: connections}
		loop(b, func() func(core.Instant) {
			return func(core.Instant) {
				answer, err := client.Get(server.URL)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			}
		})
	})
	b.Run("engine", func(b *testing.B) {
		a := assignment(server.URL, 1, time.Second)
		a.MaxInFlight = senders
		connections := transport(a)
		defer connections.CloseIdleConnections()
		r, err := newRequest(a.Target)
		require.NoError(b, err)
		var tally load.Tally
		loop(b, func() func(core.Instant) {
			s := newSender(b.Context(), newMachine(), connections, r, a.Target.Timeout, 1<<20, &tally, nil)
			return s.send
		})
		var all stats.Tally
		tally.Drain(&all)
		require.Zero(b, all.Counts.Failed+all.Counts.Unknown)
	})
}

// loop has all senders send, as fast as they can, b.N requests in all.
func loop(b *testing.B, join func() func(core.Instant)) {
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ReportAllocs()
	b.ResetTimer()
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			send := join()
			for left.Add(-1) >= 0 {
				send(0)
			}
		})
	}
	all.Wait()
}
