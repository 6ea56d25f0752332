package load

import (
	"strings"

	"github.com/windtunnel/windtunnel/core/wire"
)

// The bounds of what answers provide.
const (
	MaxProvides  = 64       // values of one target
	MaxValueName = 64       // bytes
	MaxValue     = 4 << 10  // bytes
	MaxValues    = 16 << 10 // bytes of names and values that a job passes on, all together
)

// Value is something that the answers of a target provided, for the targets of later workflows.
type Value struct{ Name, Value string }

// Fields implements wire.Message.
func (v *Value) Fields(c *wire.Coder) {
	c.String(1, &v.Name)
	c.String(2, &v.Value)
}

// Provide says what of an answer is passed on under a name: a header, or a place in a JSON body. It is taken
// from the first answer of an attempt that has it, and is OK.
type Provide struct {
	Name    string // letters, digits, '_' and '-'
	Header  string // a header's name; or
	Pointer string // a JSON pointer (RFC 6901) to a string, number or boolean: "/user/token"
}

// Fields implements wire.Message.
func (p *Provide) Fields(c *wire.Coder) {
	c.String(1, &p.Name)
	c.String(2, &p.Header)
	c.String(3, &p.Pointer)
}

func (p Provide) validate() error {
	if !ValidValueName(p.Name) {
		return invalid("provide.name", quote(p.Name), "1 to 64 letters, digits, '_' or '-'")
	}
	if (p.Header == "") == (p.Pointer == "") {
		return invalid("provide "+quote(p.Name), quote(p.Header+p.Pointer),
			"either a header or a JSON pointer")
	}
	if p.Header != "" && !token(p.Header) {
		return invalid("provide "+quote(p.Name), quote(p.Header), "a header name")
	}
	if p.Pointer != "" && (p.Pointer[0] != '/' || len(p.Pointer) > MaxHeader) {
		return invalid("provide "+quote(p.Name), quote(p.Pointer), "a JSON pointer, such as /user/token")
	}
	return nil
}

// ValidValueName tells whether a value may have this name.
func ValidValueName(s string) bool {
	return s != "" && len(s) <= MaxValueName && !strings.ContainsFunc(s, notInName)
}

func notInName(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !letter && r != '_' && r != '-'
}

// Placeholders lists the names that stand as "${name}" in the target's URL, header values and body, each
// once, in the order in which they occur.
func (t Target) Placeholders() (names []string) {
	t.Fill(func(name string) (string, bool) {
		for _, n := range names {
			if n == name {
				return "", false
			}
		}
		names = append(names, name)
		return "", false
	})
	return names
}

// Fill returns the target with "${name}" replaced by what lookup has for it, and the first name for which
// it has nothing; those stay as they are. A name has letters, digits, '_', '-' and '.'.
func (t Target) Fill(lookup func(name string) (string, bool)) (filled Target, missing string) {
	replace := func(name string) string {
		value, ok := lookup(name)
		if !ok && missing == "" {
			missing = name
		}
		if !ok {
			return "${" + name + "}"
		}
		return value
	}
	filled = t
	filled.URL = fill(t.URL, replace)
	filled.Headers = make([]Header, len(t.Headers))
	for i, h := range t.Headers {
		filled.Headers[i] = Header{h.Name, fill(h.Value, replace)}
	}
	if len(t.Body) > 0 {
		filled.Body = []byte(fill(string(t.Body), replace))
	}
	return filled, missing
}

func fill(s string, replace func(name string) string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "${")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.ContainsFunc(name, func(r rune) bool {
			return r != '.' && notInName(r)
		}) {
			out.WriteString("${")
			s = rest
			continue
		}
		out.WriteString(replace(name))
		s = after
	}
}
