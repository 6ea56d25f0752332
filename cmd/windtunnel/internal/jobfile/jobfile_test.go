package jobfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/load"
)

const good = `name: quickstart
target: builtin
datacenters: [dc-a, dc-b]
deadline: 1m
windows: {size: 500ms}
thresholds:
  unwindowed: 2%
workflows:
  - name: steady
    rate: 400/s
    duration: 10s
    cores: 2
    http:
      url: /x
      headers: {B: text/plain, A: "5"}
`

const topKeys = "name, target, datacenters, deadline, result_wait, accept_lost, " +
	"windows, thresholds, workflows"

func TestAGoodFileIsReadWithItsDefaults(t *testing.T) {
	job, err := Parse("job.yaml", []byte(good))
	require.NoError(t, err)
	require.True(t, job.Builtin)
	require.Equal(t, Thresholds{Unwindowed: 0.02, NotStarted: 0.01, Failed: 1,
		SendLagP99: 100 * time.Millisecond},
		job.Thresholds)
	spec := job.WithTarget("127.0.0.1:80")
	require.Equal(t, "quickstart", spec.Name)
	require.Equal(t, []string{"dc-a", "dc-b"}, spec.Datacenters)
	require.Equal(t, time.Minute, spec.Deadline)
	require.Zero(t, spec.ResultWait, "the gate's")
	require.Equal(t, 500*time.Millisecond, spec.Windows.Size)
	require.Equal(t, 50*time.Millisecond, spec.Windows.DriftTolerance)
	w := spec.Workflows[0]
	require.Equal(t, load.Plan{Rate: load.PerSecond(400), Duration: 10 * time.Second}, w.Plan)
	require.Equal(t, uint32(2), w.Cores)
	require.Equal(t, load.Target{
		Method: "GET", URL: "http://127.0.0.1:80/x", Body: []byte{}, Timeout: 10 * time.Second,
		Headers: []load.Header{{Name: "B", Value: "text/plain"}, {Name: "A", Value: "5"}},
	}, w.Target)
	require.Equal(t, "/x", job.Spec.Workflows[0].Target.URL, "the job itself is as it was")
}

func TestRatesAndURLs(t *testing.T) {
	for text, want := range map[string]load.Rate{
		"400/s": {Count: 400, Per: time.Second}, "5/m": {Count: 5, Per: time.Minute},
		"1 / 250ms": {Count: 1, Per: 250 * time.Millisecond}, "7/ms": {Count: 7, Per: time.Millisecond},
	} {
		got, err := rate(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	job, err := Parse("f", []byte(strings.Replace(good, "builtin", "http://host:1/", 1)))
	require.NoError(t, err)
	require.False(t, job.Builtin)
	require.Equal(t, "http://host:1/x", job.Spec.Workflows[0].Target.URL)
}

// second is good with another workflow, which begins on line 16.
func second(lines string) string { return good + "  - " + lines + "\n" }

const whole = "name: b\n    rate: 1/s\n    duration: 1s\n    "

// mistakes are files, and what is said of each.
var mistakes = []struct{ file, want string }{
	{"", "f: empty: a job has at least a name and workflows"},
	{"name: [", "f:1: sequence end token ']' not found"},
	{"name: a\nname: b\n", `f:2: mapping key "name" already defined at [1:1]`},
	{good + "---\nname: b\n", "f:16: a second document: a file has one job"},
	{"[]", "f:1: must be keys and values: " + topKeys},

	{good + "nema: x\n", "f:16: nema: unknown key, must be one of " + topKeys},
	{"nema: x\n", "f:1: nema: unknown key, must be one of " + topKeys},
	{strings.Replace(good, "size", "sise", 1),
		"f:5: windows.sise: unknown key, must be one of size, drift_tolerance, maximum_age"},
	{strings.Replace(good, "  unwin", "  win", 1),
		"f:7: thresholds.windowed: unknown key, must be one of " +
			"unwindowed, not_started, failed, send_lag_p99"},
	{second("rat: 1/s"),
		"f:16: workflows[1].rat: unknown key, must be one of name, rate, duration, cores, http"},
	{second(whole + "http: {verb: GET}"), "f:19: workflows[1].http.verb: unknown key, must be one of " +
		"method, url, headers, body, timeout"},

	{"target: builtin\n", "f: name: missing: every job has a name"},
	{"name: a\n", "f: workflows: missing: a job has at least one"},
	{"name: a\nworkflows: []\n", "f:2: workflows: missing: a job has at least one"},
	{second("rate: 1/s"), "f:16: workflows[1].name: missing: every workflow has a name"},
	{second("name: b"), "f:16: workflows[1].rate: missing: so many in so much time, like 400/s"},
	{second("name: b\n    rate: 1/s"), "f:16: workflows[1].duration: missing: how long, like 10s"},
	{second("name: b\n    rate: 1/s\n    duration: 1s"),
		"f:16: workflows[1].http: missing: what to send, like {method: GET, url: /}"},

	{"name: {a: b}\n", "f:1: name: must be a text"},
	{"name: a\nworkflows: 7\n", `f:2: workflows: "7": must be a list`},
	{"name: a\ndatacenters: x\n", `f:2: datacenters: "x": must be a list`},
	{"name: a\naccept_lost: maybe\n", `f:2: accept_lost: "maybe": must be true or false`},
	{second("cores: -1"), `f:16: workflows[1].cores: "-1": must be a whole number that is not negative`},
	{second("cores: many"), `f:16: workflows[1].cores: "many": must be a whole number`},
	{second("http: {headers: [a]}"), "f:16: workflows[1].http.headers: must be names and texts, " +
		"like {Accept: text/plain}"},

	{strings.Replace(good, "1m", "60", 1),
		`f:4: deadline: "60": must be a time with its unit, like 250ms, 10s or 1m30s`},
	{strings.Replace(good, "1m", "1ms", 1), "f:4: deadline: 1ms: must be 1s to 744h0m0s"},
	{strings.Replace(good, "500ms", "1ms", 1), "f:5: windows.size: 1ms: must be 50ms to 1m0s"},
	{strings.Replace(good, "2%", "2", 1), `f:7: thresholds.unwindowed: "2": must be 0% to 100%`},
	{strings.Replace(good, "2%", "-2%", 1), `f:7: thresholds.unwindowed: "-2%": must be 0% to 100%`},
	{strings.Replace(good, "2%", "NaN%", 1), `f:7: thresholds.unwindowed: "NaN%": must be 0% to 100%`},
	{strings.Replace(good, "400/s", "-400/s", 1),
		`f:10: workflows[0].rate: "-400/s": must be so many in ` +
			`so much time, like 400/s, 5/m or 1/250ms`},
	{strings.Replace(good, "400/s", "400", 1),
		`f:10: workflows[0].rate: "400": must be so many in so much ` +
			`time, like 400/s, 5/m or 1/250ms`},
	{strings.Replace(good, "400/s", "20000000/s", 1),
		"f:10: workflows[0].rate: 20000000: must be 1 to 10000000 in 1s (10000000/s)"},
	{strings.Replace(good, "duration: 10s", "duration: 0s", 1),
		"f:11: workflows[0].duration: 0s: must be 1ms to 720h0m0s"},
	{strings.Replace(good, "cores: 2", "cores: 70000", 1),
		"f:12: workflows[0].cores: 70000: must be 1 to 65536"},
	{strings.Replace(good, "dc-b", "dc-a", 1), `f:3: datacenters[1]: "dc-a": a name that is there once`},
	{second("name: steady\n    rate: 1/s\n    duration: 1s\n    http: {}"),
		`f:16: workflows[1].name: "steady": another workflow has that name`},
	{second(whole + "http: {method: G T}"),
		`f:19: workflows[1].http.method: "G T": must be an HTTP method`},
	{second(whole + "http: {url: 'ftp://x'}"),
		`f:19: workflows[1].http.url: "ftp://x": must be http://host or https://host`},
	{second(whole + "http: {timeout: 1h}"),
		"f:19: workflows[1].http.timeout: 1h0m0s: must be 1ms to 10m0s"},
	{second(whole + "http: {headers: {a b: c}}"),
		`f:19: workflows[1].http.headers: "a b": "a b": must be a header name`},
	{second(whole + "http: {headers: {x: 5}}"),
		"f:19: workflows[1].http.headers: x: 5: a name and a text; quote a number"},
	{strings.Replace(good, "target: builtin\n", "", 1), `f:13: workflows[0].http.url: "/x": without a ` +
		`target it must be whole: http://host:port/x`},
}

// Every mistake says where it is, and what is allowed there.
func TestEveryMistakeIsToldWithFileLineKeyAndWhatIsAllowed(t *testing.T) {
	for _, c := range mistakes {
		job, err := Parse("f", []byte(c.file))
		require.Nil(t, job)
		require.EqualError(t, err, c.want, "%s", c.file)
		var mistake *Error
		require.True(t, errors.As(err, &mistake))
	}
}

func TestAFileThatIsNotThereSaysSo(t *testing.T) {
	_, err := Read(filepath.Join(t.TempDir(), "none.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add(second(whole + "http: {headers: {a b: c}}"))
	f.Add("a: &x {b: *x}\n<<: *x\n")
	f.Fuzz(func(t *testing.T, file string) {
		job, err := Parse("f", []byte(file))
		if (job == nil) == (err == nil) {
			t.Fatalf("a job or an error, never both or neither: %v", err)
		}
		var mistake *Error
		if err != nil && !errors.As(err, &mistake) {
			t.Fatalf("not told as a mistake: %v", err)
		}
	})
}
