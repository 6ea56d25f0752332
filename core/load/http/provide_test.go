package http

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/load"
)

// provided runs a short load of several at once and returns what it provided, in the order of the names.
func provided(t *testing.T, url string, provides ...load.Provide) map[string]string {
	t.Helper()
	var (
		mu    sync.Mutex
		found = map[string]string{}
	)
	a := assignment(url, 2000, 50*time.Millisecond)
	a.Target.Provide = provides
	a.Provided = func(v load.Value) {
		mu.Lock()
		defer mu.Unlock()
		require.NotContains(t, found, v.Name, "told twice")
		found[v.Name] = v.Value
	}
	b := &book{}
	require.NoError(t, run(t, t.Context(), a, b))
	require.Len(t, b.samples, 100)
	return found
}

func TestWhatAJSONPointerFindsIsProvided(t *testing.T) {
	const body = `{"user": {"token": "t0k", "id": 12345678901234567890, "a/b": {"~": "odd"}},
		"list": ["zero", {"on": true}], "none": null, "": "empty", "rate": 1.50}`
	url, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
	for pointer, want := range map[string]string{
		"/user/token": "t0k", "/user/id": "12345678901234567890", "/user/a~1b/~0": "odd", "/list/0": "zero",
		"/list/1/on": "true", "/": "empty", "/rate": "1.50",
	} {
		require.Equal(t, map[string]string{"v": want},
			provided(t, url, load.Provide{Name: "v", Pointer: pointer}),
			pointer)
	}
	for _, pointer := range []string{
		"/user", "/list", "/none", "/list/2", "/list/00", "/list/-", "/list/-1", "/user/token/x", "/nobody",
	} {
		require.Empty(t, provided(t, url, load.Provide{Name: "v", Pointer: pointer}), pointer)
	}
}

func TestTheFirstAnswerThatHasAValueProvidesIt(t *testing.T) {
	var count atomic.Int64
	url, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		switch n := count.Add(1); {
		case n <= 20: // has it, but is not OK
			w.Header().Set("X-Session", "refused")
			w.WriteHeader(http.StatusForbidden)
		case n <= 40: // is OK, but has no header, and a body that is no JSON
			_, _ = io.WriteString(w, `{"token": "broken`)
		default:
			w.Header().Set("X-Session", "s1")
			w.Header().Set("X-Bytes", "\xff")
			_, _ = io.WriteString(w, `{"token": "t1"}`)
		}
	})
	require.Equal(t, map[string]string{"session": "s1", "token": "t1"}, provided(t, url,
		load.Provide{Name: "session", Header: "x-session"}, load.Provide{Name: "token", Pointer: "/token"},
		load.Provide{Name: "other", Header: "X-Other"}, load.Provide{Name: "bytes", Header: "X-Bytes"}))
}

func TestWhatIsTooLongIsNotProvided(t *testing.T) {
	for name, c := range map[string]struct {
		token, after string
		want         map[string]string
	}{
		"longest value": {strings.Repeat("x", load.MaxValue), "", map[string]string{
			"v": strings.Repeat("x", load.MaxValue), "h": "there",
		}},
		"value":         {strings.Repeat("x", load.MaxValue+1), "", map[string]string{"h": "there"}},
		"body":          {"x", strings.Repeat(" ", mostProviding), map[string]string{"h": "there"}},
		"two values":    {"x", "{}", map[string]string{"h": "there"}},
		"no JSON after": {"x", "\xff", map[string]string{"h": "there"}},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-There", "there")
				_, _ = fmt.Fprintf(w, `{"token": %q}%s`, c.token, c.after)
			})
			require.Equal(t, c.want, provided(t, url,
				load.Provide{Name: "v", Pointer: "/token"}, load.Provide{Name: "h", Header: "X-There"}))
		})
	}
}
