package jobfile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core/load"
)

// field is a duration in the file: where it stands, what is written, where it goes and what it may be.
type field struct {
	key, text  string
	to         *time.Duration
	least, top time.Duration
}

// durations reads fields; one that is not there keeps its default.
func durations(src *source, fields []field) error {
	for _, f := range fields {
		if f.text == "" {
			continue
		}
		d, err := time.ParseDuration(f.text)
		if err != nil {
			return src.wrong(f.key, "%q: must be a time with its unit, like 250ms, 10s or 1m30s", f.text)
		}
		if d < f.least || d > f.top {
			return src.wrong(f.key, "%v: must be %v to %v", d, f.least, f.top)
		}
		*f.to = d
	}
	return nil
}

// shares reads the thresholds that are a part of the whole.
func shares(src *source, d documentThresholds, to *Thresholds) error {
	for _, f := range []struct {
		key, text string
		to        *float64
	}{
		{"thresholds.unwindowed", d.Unwindowed, &to.Unwindowed},
		{"thresholds.not_started", d.NotStarted, &to.NotStarted},
		{"thresholds.failed", d.Failed, &to.Failed},
	} {
		if f.text == "" {
			continue
		}
		number, percent := strings.CutSuffix(f.text, "%")
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !percent || !(v >= 0 && v <= 100) {
			return src.wrong(f.key, "%q: must be 0%% to 100%%", f.text)
		}
		*f.to = v / 100
	}
	return nil
}

var errRate = errors.New("must be so many in so much time, like 400/s, 5/m or 1/250ms")

// rate reads "400/s".
func rate(text string) (load.Rate, error) {
	count, per, ok := strings.Cut(text, "/")
	if !ok {
		return load.Rate{}, fmt.Errorf("%q: %w", text, errRate)
	}
	n, err := strconv.ParseUint(strings.TrimSpace(count), 10, 64)
	if err != nil || n == 0 {
		return load.Rate{}, fmt.Errorf("%q: %w", text, errRate)
	}
	per = strings.TrimSpace(per)
	if per == "s" || per == "m" || per == "h" || per == "ms" {
		per = "1" + per
	}
	d, err := time.ParseDuration(per)
	if err != nil || d <= 0 {
		return load.Rate{}, fmt.Errorf("%q: %w", text, errRate)
	}
	return load.Rate{Count: n, Per: d}, nil
}

// request reads what to send. A url that begins with a slash extends the job's target.
func request(src *source, at string, d *documentHTTP, target string) (load.Target, error) {
	t := load.Target{Method: d.Method, URL: d.URL, Body: []byte(d.Body), Timeout: 10 * time.Second}
	if t.Method == "" {
		t.Method = "GET"
	}
	if t.URL == "" {
		t.URL = "/"
	}
	err := durations(src, []field{
		{at + ".timeout", d.Timeout, &t.Timeout, time.Millisecond, load.MaxTimeout},
	})
	if err != nil {
		return t, err
	}
	for _, h := range d.Headers {
		name, named := h.Key.(string)
		value, valued := h.Value.(string)
		if !named || !valued {
			return t, src.wrong(at+".headers", "%v: %v: a name and a text; quote a number", h.Key, h.Value)
		}
		t.Headers = append(t.Headers, load.Header{Name: name, Value: value})
	}
	whole := t
	if strings.HasPrefix(t.URL, "/") {
		switch target {
		case "":
			return t, src.wrong(at+".url", "%q: without a target it must be whole: http://host:port%s",
				t.URL, t.URL)
		case Builtin:
			whole.URL = "http://builtin" + t.URL
		default:
			whole.URL = strings.TrimSuffix(target, "/") + t.URL
			t.URL = whole.URL
		}
	}
	if err := whole.Validate(); err != nil {
		return t, src.told(at, err)
	}
	return t, nil
}
