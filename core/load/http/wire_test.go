package http

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
)

// listen answers every connection's first request with 204 and gives the bytes that it was asked with.
func listen(t *testing.T) (url string, asked <-chan string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	bytes := make(chan string, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		var text strings.Builder
		r, err := http.ReadRequest(bufio.NewReader(io.TeeReader(conn, &text)))
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		fmt.Fprint(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		bytes <- text.String()
	}()
	t.Cleanup(func() {
		l.Close()
		<-ended
	})
	return "http://" + l.Addr().String(), bytes
}

func TestRequestCarriesNothingExtra(t *testing.T) {
	for _, c := range []struct {
		name   string
		target load.Target
		want   string // after the request line and Host
	}{
		{"GET", load.Target{Method: "GET"}, ""},
		{"headers", load.Target{Method: "GET", Headers: []load.Header{
			{Name: "user-agent", Value: "mine"}, {Name: "X-A", Value: "1"}, {Name: "X-A", Value: "2"},
		}}, "User-Agent: mine\r\nX-A: 1\r\nX-A: 2\r\n"},
		{"body", load.Target{Method: "POST", Body: []byte("hello")}, "Content-Length: 5\r\n"},
		{"GET with body", load.Target{Method: "GET", Body: []byte("hello")}, "Content-Length: 5\r\n"},
		{"empty POST", load.Target{Method: "POST"}, "Content-Length: 0\r\n"},
		{"keyed", load.Target{Method: "PUT", Headers: []load.Header{{Name: "Idempotency-Key", Value: "k"}}},
			"Content-Length: 0\r\nidempotency-key: k\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, asked := listen(t)
			a := assignment(url, 1, time.Second)
			c.target.URL, c.target.Timeout = url+"/a?b=c", time.Minute
			a.Target = c.target
			b := &book{}
			require.NoError(t, run(t, t.Context(), a, b))
			require.Equal(t, [3]int{1, 0, 0}, b.outcomes())
			require.Equal(t, 204, b.samples[0].Status)
			want := c.target.Method + " /a?b=c HTTP/1.1\r\n" +
				"Host: " + strings.TrimPrefix(url, "http://") + "\r\n" + c.want + "\r\n" +
				string(c.target.Body)
			require.Equal(t, want, <-asked)
		})
	}
}

func TestHostHeaderReplacesTheHost(t *testing.T) {
	url, asked := listen(t)
	a := assignment(url, 1, time.Second)
	a.Target.Headers = []load.Header{{Name: "Host", Value: "shop.example"}}
	require.NoError(t, run(t, t.Context(), a, &book{}))
	require.Contains(t, <-asked, "\r\nHost: shop.example\r\n")
}

func TestRedirectIsAnAnswer(t *testing.T) {
	url, received := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	b := &book{}
	require.NoError(t, run(t, t.Context(), assignment(url, 1000, 20*time.Millisecond), b))
	require.Equal(t, [3]int{20, 0, 0}, b.outcomes())
	require.EqualValues(t, 20, received.Load())
	require.Equal(t, 302, b.samples[0].Status)
}

func TestAnswerIsReadNoFurtherThanTheBound(t *testing.T) {
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil { // without end
			if _, err := w.Write(make([]byte, 1000)); err != nil {
				return
			}
		}
	})
	e, err := New(Config{MaxAnswer: 1 << 20})
	require.NoError(t, err)
	b := &book{}
	require.NoError(t, e.Run(t.Context(), newMachine(), assignment(url, 1000, 3*time.Millisecond), b))
	require.Equal(t, [3]int{3, 0, 0}, b.outcomes())
}

func TestAnswerThatBreaksOffIsUnknownUnlessItFailed(t *testing.T) {
	for status, want := range map[int][3]int{200: {0, 0, 5}, 500: {0, 5, 0}} {
		url, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
		b := &book{}
		require.NoError(t, run(t, t.Context(), assignment(url, 1000, 5*time.Millisecond), b))
		require.Equal(t, want, b.outcomes())
		require.Equal(t, status, b.samples[0].Status)
	}
}

func TestHTTP2CarriesTheSameRequests(t *testing.T) {
	var received, h2 atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received.Add(1)
		_, err := io.Copy(io.Discard, r.Body)
		if err == nil && r.ProtoMajor == 2 {
			h2.Add(1)
		}
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	e := engine(t)
	e.connect = func(a load.Assignment) http.RoundTripper {
		connections := transport(a)
		connections.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
		return connections
	}
	a := assignment(server.URL, 1000, 100*time.Millisecond)
	a.Target.Method, a.Target.Body = "POST", []byte("hello")
	b := &book{}
	require.NoError(t, e.Run(t.Context(), newMachine(), a, b))
	require.Equal(t, [3]int{100, 0, 0}, b.outcomes())
	require.EqualValues(t, 100, received.Load())
	require.EqualValues(t, 100, h2.Load())

	a.Target.Method, a.Target.Body = "GET", nil
	b = &book{}
	require.NoError(t, e.Run(t.Context(), newMachine(), a, b))
	require.Equal(t, 100, b.outcomes()[stats.OK])
	require.EqualValues(t, 200, received.Load())
	require.EqualValues(t, 200, h2.Load())
}
