package load_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/load"
)

func TestATargetIsFilledInWhereItSaysSo(t *testing.T) {
	target := load.Target{
		Method: "POST", URL: "http://t/${a.x}/${a.y}?q=${a.x}", Timeout: time.Second,
		Headers: []load.Header{{Name: "Authorization", Value: "Bearer ${a.x}"}},
		Body:    []byte(`{"id": "${b.z}", "price": "$5", "open": "${"}`),
	}
	require.NoError(t, target.Validate())
	require.Equal(t, []string{"a.x", "a.y", "b.z"}, target.Placeholders())
	values := map[string]string{"a.x": "1", "a.y": "${a.x}", "b.z": "3"}
	filled, missing := target.Fill(func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	})
	require.Empty(t, missing)
	require.Equal(t, "http://t/1/${a.x}?q=1", filled.URL, "a value is not filled in itself")
	require.Equal(t, "Bearer 1", filled.Headers[0].Value)
	require.Equal(t, `{"id": "3", "price": "$5", "open": "${"}`, string(filled.Body))
	require.Equal(t, "Bearer ${a.x}", target.Headers[0].Value, "the template stays")
	delete(values, "a.y")
	_, missing = target.Fill(func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	})
	require.Equal(t, "a.y", missing)
}

func TestWhatATargetProvidesIsChecked(t *testing.T) {
	for want, provide := range map[string][]load.Provide{
		"provide.name":        {{Name: "a b", Header: "X"}},
		"1 to 64 letters":     {{Name: strings.Repeat("x", 65), Header: "X"}},
		"either a header":     {{Name: "a"}},
		"or a JSON pointer":   {{Name: "a", Header: "X", Pointer: "/x"}},
		"a header name":       {{Name: "a", Header: "X Y"}},
		"such as /user/token": {{Name: "a", Pointer: "x"}},
		"each name once":      {{Name: "a", Header: "X"}, {Name: "a", Header: "Y"}},
		"provide: 65":         make([]load.Provide, 65),
	} {
		target := load.Target{Method: "GET", URL: "http://t/", Timeout: time.Second, Provide: provide}
		require.ErrorContains(t, target.Validate(), want)
	}
}
