package http

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/windtunnel/windtunnel/core/load"
)

// mostProviding is the longest body, in bytes, in which a JSON pointer is looked for.
const mostProviding = 64 << 10

// provider takes values out of answers, each once in an attempt, and tells them. nil takes none.
type provider struct {
	tell func(load.Value)
	over atomic.Bool // every value was found: answers are not looked at any more

	mu      sync.Mutex
	missing []load.Provide
}

func newProvider(a load.Assignment) *provider {
	if len(a.Target.Provide) == 0 || a.Provided == nil {
		return nil
	}
	return &provider{tell: a.Provided, missing: slices.Clone(a.Target.Provide)}
}

// looks says that an answer's body is to be kept for take.
func (p *provider) looks() bool { return p != nil && !p.over.Load() }

// keep reads as much of a body as is looked at, and returns it; nil when it is longer than that.
func keep(body io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, mostProviding+1))
	if len(text) > mostProviding {
		return nil, err
	}
	return text, err
}

// take looks for what is still missing in an answer that is OK.
func (p *provider) take(header http.Header, body []byte) {
	p.mu.Lock()
	var found []load.Value
	document := document{body: body}
	p.missing = slices.DeleteFunc(p.missing, func(wanted load.Provide) bool {
		value, ok := "", false
		if wanted.Header != "" {
			if values := header.Values(wanted.Header); len(values) > 0 {
				value, ok = values[0], true
			}
		} else {
			value, ok = document.at(wanted.Pointer)
		}
		if !ok || len(value) > load.MaxValue || !utf8.ValidString(value) {
			return false
		}
		found = append(found, load.Value{Name: wanted.Name, Value: value})
		return true
	})
	p.over.Store(len(p.missing) == 0)
	p.mu.Unlock()
	for _, v := range found {
		p.tell(v)
	}
}

// document is a JSON body, decoded when it is first asked for.
type document struct {
	body    []byte
	decoded bool
	root    any
}

// at is the string, number or boolean at a JSON pointer (RFC 6901). A number is as it is written.
func (d *document) at(pointer string) (string, bool) {
	if !d.decoded {
		d.decoded = true
		decoder := json.NewDecoder(bytes.NewReader(d.body))
		decoder.UseNumber()
		if decoder.Decode(&d.root) != nil || decoder.Decode(new(any)) != io.EOF {
			d.root = nil // no JSON, or more than one
		}
	}
	node := d.root
	for _, token := range strings.Split(pointer, "/")[1:] {
		node = step(node, unescape.Replace(token))
	}
	switch value := node.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// step goes into an object or array; nil when there is nothing. An index is written without leading zeros.
func step(node any, token string) any {
	switch inside := node.(type) {
	case map[string]any:
		return inside[token]
	case []any:
		i, err := strconv.ParseUint(token, 10, 31)
		if err != nil || i >= uint64(len(inside)) || strconv.FormatUint(i, 10) != token {
			return nil
		}
		return inside[i]
	}
	return nil
}
