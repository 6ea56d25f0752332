package load

import (
	"net/url"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core/wire"
)

// The bounds of a target.
const (
	MaxURL     = 8 << 10 // bytes
	MaxHeaders = 64
	MaxHeader  = 8 << 10 // bytes of a name and its value
	MaxBody    = 1 << 20 // bytes
	MaxTimeout = 10 * time.Minute
)

// Target is what every request of a plan is: the same one, with nothing added to it. An engine that knows no
// HTTP heeds Timeout and ignores the rest.
type Target struct {
	Method  string // "GET"
	URL     string // absolute, http or https
	Headers []Header
	Body    []byte
	Timeout time.Duration // from the send to the last byte of the answer; 1 ms to MaxTimeout
	Provide []Provide     // what of its answers is passed on
}

// Header is one header line. A name may occur several times.
type Header struct{ Name, Value string }

// Fields implements wire.Message.
func (t *Target) Fields(c *wire.Coder) {
	c.String(1, &t.Method)
	c.String(2, &t.URL)
	wire.List(c, 3, &t.Headers)
	c.Bytes(4, &t.Body)
	c.Duration(5, &t.Timeout)
	wire.List(c, 6, &t.Provide)
}

// Fields implements wire.Message.
func (h *Header) Fields(c *wire.Coder) {
	c.String(1, &h.Name)
	c.String(2, &h.Value)
}

// Validate returns a *FieldError that names the first field out of bounds.
func (t Target) Validate() error {
	if !token(t.Method) {
		return invalid("method", quote(t.Method), "an HTTP method")
	}
	if err := validURL(t.URL); err != nil {
		return err
	}
	if len(t.Headers) > MaxHeaders {
		return invalid("headers", len(t.Headers), "at most 64")
	}
	for _, h := range t.Headers {
		if err := h.validate(); err != nil {
			return err
		}
	}
	if len(t.Body) > MaxBody {
		return invalid("body", len(t.Body), "at most 1048576 bytes")
	}
	if t.Timeout < time.Millisecond || t.Timeout > MaxTimeout {
		return invalid("timeout", t.Timeout, "1ms to 10m")
	}
	if len(t.Provide) > MaxProvides {
		return invalid("provide", len(t.Provide), "at most 64")
	}
	for i, p := range t.Provide {
		if err := p.validate(); err != nil {
			return err
		}
		for _, other := range t.Provide[:i] {
			if other.Name == p.Name {
				return invalid("provide", quote(p.Name), "each name once")
			}
		}
	}
	return nil
}

func validURL(s string) error {
	if len(s) > MaxURL {
		return invalid("url", len(s), "at most 8192 bytes")
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return invalid("url", quote(s), "http://host or https://host")
	}
	if u.User != nil {
		return invalid("url", "(with user)", "no user in it: send an Authorization header")
	}
	return nil
}

// validate refuses what would be sent as something else than what was written, or twice.
func (h Header) validate() error {
	field := "header " + quote(h.Name)
	if !token(h.Name) {
		return invalid(field, quote(h.Name), "a header name")
	}
	if len(h.Name)+len(h.Value) > MaxHeader {
		return invalid(field, len(h.Name)+len(h.Value), "at most 8192 bytes")
	}
	if strings.ContainsFunc(h.Value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return invalid(field, quote(h.Value), "a value without control characters")
	}
	for _, own := range []string{"Content-Length", "Transfer-Encoding", "Trailer", "Connection", "Upgrade"} {
		if strings.EqualFold(h.Name, own) {
			return invalid(field, quote(h.Value), "no header that the connection itself decides")
		}
	}
	return nil
}

// token tells what HTTP calls a token (RFC 9110, 5.6.2).
func token(s string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	return s != "" && len(s) <= 256 && !strings.ContainsFunc(s, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune(marks, r)
	})
}

// quote keeps what is shown of a user's value short and on one line.
func quote(s string) string {
	const shown = 64
	if len(s) > shown {
		s = s[:shown] + "..."
	}
	return strings.ToValidUTF8(`"`+strings.Map(printable, s)+`"`, "?")
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return '?'
	}
	return r
}
