package load_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/load"
)

func TestTargetOutOfBoundsNamesItsField(t *testing.T) {
	long := strings.Repeat("x", load.MaxURL)
	for _, c := range []struct {
		field string
		spoil func(*load.Target)
	}{
		{"", func(*load.Target) {}},
		{"", func(g *load.Target) { g.URL = "https://[::1]:8443/a?b=c" }},
		{"", func(g *load.Target) { g.Headers = []load.Header{{"X-A", "tab\tand ünïcode"}, {"X-A", ""}} }},
		{"method", func(g *load.Target) { g.Method = "" }},
		{"method", func(g *load.Target) { g.Method = "GET /" }},
		{"url", func(g *load.Target) { g.URL = "" }},
		{"url", func(g *load.Target) { g.URL = "/path" }},
		{"url", func(g *load.Target) { g.URL = "ftp://h/" }},
		{"url", func(g *load.Target) { g.URL = "http://:80/" }},
		{"url", func(g *load.Target) { g.URL = "http://h/%zz" }},
		{"url", func(g *load.Target) { g.URL = "http://user:secret@h/" }},
		{"url", func(g *load.Target) { g.URL = "http://h/" + long }},
		{"headers", func(g *load.Target) { g.Headers = make([]load.Header, load.MaxHeaders+1) }},
		{`header "A b"`, func(g *load.Target) { g.Headers = []load.Header{{"A b", ""}} }},
		{`header "A"`, func(g *load.Target) { g.Headers = []load.Header{{"A", "1\r\nB: 2"}} }},
		{`header "A"`, func(g *load.Target) { g.Headers = []load.Header{{"A", long}} }},
		{`header "content-length"`, func(g *load.Target) {
			g.Headers = []load.Header{{"content-length", "3"}}
		}},
		{"body", func(g *load.Target) { g.Body = make([]byte, load.MaxBody+1) }},
		{"timeout", func(g *load.Target) { g.Timeout = 0 }},
		{"timeout", func(g *load.Target) { g.Timeout = load.MaxTimeout + 1 }},
	} {
		target := load.Target{Method: "GET", URL: "http://h/", Timeout: time.Second}
		c.spoil(&target)
		err := target.Validate()
		if c.field == "" {
			require.NoError(t, err)
			continue
		}
		var wrong *load.FieldError
		require.ErrorAs(t, err, &wrong, c.field)
		require.Equal(t, c.field, wrong.Field)
		require.NotContains(t, err.Error(), "secret")
		require.NotContains(t, err.Error(), "\n")
		require.Less(t, len(err.Error()), 300, "an error shows a user's value, not all of it")
	}
}
