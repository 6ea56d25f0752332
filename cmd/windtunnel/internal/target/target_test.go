package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a target and returns its URL and a function that stops it and reads its report.
func start(t *testing.T, config Config) (url string, stop func() Report) {
	if config.Addr == "" {
		config.Addr = "127.0.0.1:0"
	}
	config.Report = filepath.Join(t.TempDir(), "report.json")
	ready, ended := make(chan string, 1), make(chan error, 1)
	config.Ready = func(addr string) { ready <- addr }
	ctx, cancel := context.WithCancel(context.Background())
	go func() { ended <- Run(ctx, config) }()
	select {
	case addr := <-ready:
		require.Zero(t, read(t, config.Report).Received, "there is a report before anybody can shoot")
		url = "http://" + addr
	case err := <-ended:
		require.NoError(t, err)
	}
	return url, func() Report {
		cancel()
		require.NoError(t, <-ended)
		require.NoFileExists(t, config.Report+".tmp")
		return read(t, config.Report)
	}
}

func read(t *testing.T, file string) (r Report) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &r))
	return r
}

// shooter asks with connections of its own, which are gone when the test ends.
func shooter(t *testing.T) *http.Client {
	connections := &http.Transport{}
	t.Cleanup(connections.CloseIdleConnections)
	return &http.Client{Transport: connections}
}

func get(t *testing.T, c *http.Client, url string) (status int) {
	answer, err := c.Get(url)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

// Clients open connections ahead and never use them: the end does not wait for those.
func TestEndDoesNotWaitForConnectionsThatAskedNothing(t *testing.T) {
	url, stop := start(t, Config{Drain: time.Second}) // less than net/http waits for one by itself
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	require.Equal(t, 200, get(t, shooter(t), url)) // accepted after it, so both are known to the server
	require.True(t, stop().Complete)
}

func TestReportCountsEveryRequest(t *testing.T) {
	url, stop := start(t, Config{Fail: 0.1, Latency: time.Millisecond})
	client := shooter(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	byStatus := map[int]int{}
	for g := range 10 {
		all.Go(func() {
			for range 50 {
				status := get(t, client, fmt.Sprintf("%s/p%d?q=1", url, g%2))
				mu.Lock()
				byStatus[status]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	answer, err := client.Post(url+"/p0", "text/plain", strings.NewReader(strings.Repeat("x", 1<<20)))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())

	r := stop()
	require.Equal(t, map[int]int{200: 450, 500: 50}, byStatus, "the share is exact")
	require.True(t, r.Complete)
	require.EqualValues(t, 501, r.Received)
	require.EqualValues(t, 501, r.Answered)
	require.EqualValues(t, 451, r.OK)
	require.EqualValues(t, 50, r.Failed)
	require.Equal(t, map[string]uint64{"200": 451, "500": 50}, r.ByStatus)
	require.Equal(t, map[string]uint64{"/p0": 251, "/p1": 250}, r.ByPath)
	require.False(t, r.Last.Before(r.First))
}

func TestRequestThatIsGivenUpIsReceivedButNotAnswered(t *testing.T) {
	url, stop := start(t, Config{Latency: time.Minute})
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	_, err = io.WriteString(conn, "POST /a HTTP/1.1\r\nHost: h\r\n"+
		"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(t, err)
	// The server asks for the body once the handler reads it: then the request has been received.
	_, err = conn.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	r := stop()
	require.EqualValues(t, 1, r.Received)
	require.Zero(t, r.Answered)
}

func TestShutdownLetsRequestsInFlightEnd(t *testing.T) {
	b := newBooks("", 0)
	arrived, open := make(chan struct{}), make(chan struct{})
	inner := &handler{books: b}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-open
		inner.ServeHTTP(w, r)
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	client, status := shooter(t), make(chan int, 1)
	go func() { status <- get(t, client, "http://"+l.Addr().String()) }()
	<-arrived
	server.RegisterOnShutdown(func() { close(open) })
	require.True(t, shutdown(server, time.Minute))
	require.Equal(t, 200, <-status)
	require.ErrorIs(t, <-served, http.ErrServerClosed)
	require.EqualValues(t, 1, b.report(true).Answered)
}

func TestShutdownByForceIsNotComplete(t *testing.T) {
	arrived, gone := make(chan struct{}), make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(gone)
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	client, failed := shooter(t), make(chan error, 1)
	go func() {
		_, err := client.Get("http://" + l.Addr().String())
		failed <- err
	}()
	<-arrived
	require.False(t, shutdown(server, time.Millisecond))
	<-gone
	require.Error(t, <-failed)
	require.ErrorIs(t, <-served, http.ErrServerClosed)
}

func TestReportIsReplacedWhileTheServerRuns(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.json")
	b := newBooks("a", 0)
	require.NoError(t, b.write(file, false))
	served, failure := make(chan error, 1), errors.New("broken")
	err := watch(t.Context(), served, time.Millisecond, func() {
		b.receive("/")
		require.NoError(t, b.write(file, false))
		if b.received == 3 { // there may be further ones before the failure is seen
			served <- failure
		}
	})
	require.ErrorIs(t, err, failure)
	require.GreaterOrEqual(t, read(t, file).Received, uint64(3))
	require.False(t, read(t, file).Complete)
}

func TestPathsAreBounded(t *testing.T) {
	b := newBooks("", 0)
	b.receive(strings.Repeat("x", maxPath+1))
	for i := range maxPaths + 5 {
		b.receive(fmt.Sprint("/", i))
	}
	r := b.report(true)
	require.Equal(t, maxPaths, len(r.ByPath))
	require.EqualValues(t, 7, r.ByPath[otherPath], "the place it takes is one less for others")
}

func TestShareOfFailuresIsSpreadEvenly(t *testing.T) {
	for fail, want := range map[float64]int{0: 0, 0.25: 250, 1: 1000, 0.0015: 1} {
		b := newBooks("", fail)
		failed := 0
		for range 1000 {
			if b.receive("/") == 500 {
				failed++
			}
		}
		require.Equal(t, want, failed)
	}
}

func TestGoodAnswersAreTheJSONThatIsAsked(t *testing.T) {
	url, stop := start(t, Config{JSON: `{"token": "t"}`, Fail: 0.5})
	client := shooter(t)
	for _, want := range []string{
		`200 application/json {"token": "t"}`, "500 text/plain; charset=utf-8 Internal",
	} {
		answer, err := client.Post(url+"/login", "", nil)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		answer.Body.Close()
		got := fmt.Sprintf("%d %s %s", answer.StatusCode, answer.Header.Get("Content-Type"), body)
		require.True(t, strings.HasPrefix(got, want), got)
	}
	require.EqualValues(t, 1, stop().OK)
}

func TestBadConfigurationIsRefused(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "no", "such", "folder")
	for want, c := range map[string]Config{
		"target: addr: empty":    {},
		"target: latency: -1ns":  {Addr: "x", Latency: -1},
		"target: fail: 2: must ": {Addr: "x", Fail: 2},
		"target: every: 1ns: ":   {Addr: "x", Every: 1},
		"target: drain: 1h0m0s":  {Addr: "x", Drain: time.Hour},
		"target: listen: ":       {Addr: "nowhere"},
		"target: report: ":       {Addr: "127.0.0.1:0", Report: nowhere},
	} {
		require.ErrorContains(t, Run(context.Background(), c), want)
	}
}
