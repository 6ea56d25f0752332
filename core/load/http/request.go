package http

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/windtunnel/windtunnel/core/load"
)

// request makes the requests of a target, one after the other, all alike.
type request struct {
	template *http.Request // shared: its header is only read
	body     []byte
	isEmpty  bool // no body, and the protocol wants no length for none
}

func newRequest(t load.Target) (*request, error) {
	template, err := http.NewRequest(t.Method, t.URL, nil)
	if err != nil {
		return nil, fmt.Errorf("http: make request: %w", err)
	}
	template.Header = http.Header{"User-Agent": {""}} // none, rather than net/http's
	seen := false
	for _, h := range t.Headers {
		switch name := http.CanonicalHeaderKey(h.Name); name {
		case "Host":
			template.Host = h.Value
		case "User-Agent":
			if !seen {
				template.Header[name] = nil
			}
			seen = true
			template.Header.Add(name, h.Value)
		case "Idempotency-Key", "X-Idempotency-Key":
			// In this spelling net/http does not take it as leave to send the request twice.
			name = strings.ToLower(name)
			template.Header[name] = append(template.Header[name], h.Value)
		default:
			template.Header.Add(name, h.Value)
		}
	}
	r := &request{template: template, body: t.Body}
	switch t.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
	default:
		r.isEmpty = len(t.Body) == 0
	}
	if r.isEmpty {
		template.TransferEncoding = []string{"identity"}
	}
	return r, nil
}

// under returns one request. net/http sends a GET without a body again, unasked, when a kept connection
// breaks before its answer, so that one arrival can hit the target twice. It does not when there is a body
// that it cannot rewind: hence an empty one, with the encoding that keeps it from being announced.
func (r *request) under(ctx context.Context) *http.Request {
	req := r.template.WithContext(ctx)
	switch {
	case len(r.body) > 0:
		req.ContentLength = int64(len(r.body))
		req.Body = io.NopCloser(bytes.NewReader(r.body))
	case r.isEmpty:
		req.Body = io.NopCloser(bytes.NewReader(nil))
	}
	return req
}

// transport is net/http's, for many connections to one host and nothing in between.
func transport(a load.Assignment) *http.Transport {
	dialer := &net.Dialer{Timeout: a.Target.Timeout}
	return &http.Transport{
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: a.Target.Timeout,
		MaxIdleConnsPerHost: a.InFlight(),
		DisableCompression:  true,
		ForceAttemptHTTP2:   true,
	}
}
