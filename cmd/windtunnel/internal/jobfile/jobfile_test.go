package jobfile

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
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

const topKeys = "name, target, datacenters, deadline, result_wait, accept_lost, lost_workers, priority, " +
	"share_target, extensions, extension, stuck, windows, thresholds, workflows"

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

const dependent = `name: dependent
target: builtin
priority: 7
lost_workers: degrade
share_target: true
extensions: 2
extension: 10s
stuck: 3m
workflows:
  - name: checkout
    after: [browse]
    rate: 1/s
    duration: 1s
    http:
      url: /checkout?session=${log.in.session}
      headers: {Authorization: "Bearer ${log.in.token}"}
      body: '{"token": "${log.in.token}"}'
  - {name: browse, after: [log.in], rate: 1/s, duration: 1s, http: {}}
  - name: log.in
    rate: 1/s
    duration: 1s
    http: {}
    provide: {token: {json: /user/token}, session: {header: X-Session}}
`

func TestWhatAJobSaysOfItsWholeLife(t *testing.T) {
	job, err := Parse("job.yaml", []byte(dependent))
	require.NoError(t, err)
	spec := job.Spec
	require.Equal(t, uint32(7), spec.Priority)
	require.Equal(t, protocol.LostDegrade, spec.LostWorkers)
	require.True(t, spec.ShareTarget)
	require.Equal(t, uint32(2), spec.Extensions)
	require.Equal(t, 10*time.Second, spec.Extension)
	require.Equal(t, 3*time.Minute, spec.Stuck)
	require.Equal(t, []string{"browse"}, spec.Workflows[0].After)
	require.Equal(t, []string{"log.in.session", "log.in.token"}, spec.Workflows[0].Target.Placeholders(),
		"through others, and wherever they stand in the file")
	require.Equal(t, []load.Provide{
		{Name: "session", Header: "X-Session"}, {Name: "token", Pointer: "/user/token"},
	}, spec.Workflows[2].Target.Provide)
}

func TestTheExamplesAreRight(t *testing.T) {
	files, err := filepath.Glob("../../../../testdata/jobs/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		_, err := Read(file)
		require.NoError(t, err)
	}
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

// A mistake is a file, and what is said of it.
type mistake struct{ file, want string }

var ofForm = []mistake{
	{"", "f: empty: a job has at least a name and workflows"},
	{"name: [", "f:1:7: sequence end token ']' not found"},
	{"name: a\nname: b\n", `f:2:1: mapping key "name" already defined at [1:1]`},
	{good + "---\nname: b\n", "f:16:1: a second document: a file has one job"},
	{"[]", "f:1:1: must be keys and values: " + topKeys},

	{good + "nema: x\n", "f:16:1: nema: unknown key, must be one of " + topKeys},
	{"nema: x\n", "f:1:1: nema: unknown key, must be one of " + topKeys},
	{strings.Replace(good, "size", "sise", 1),
		"f:5:11: windows.sise: unknown key, must be one of size, drift_tolerance, maximum_age"},
	{strings.Replace(good, "  unwin", "  win", 1),
		"f:7:3: thresholds.windowed: unknown key, must be one of " +
			"unwindowed, not_started, failed, send_lag_p99"},
	{second("rat: 1/s"),
		"f:16:5: workflows[1].rat: unknown key, must be one of name, after, rate, duration, cores, " +
			"http, provide"},
	{second(whole + "http: {verb: GET}"), "f:19:12: workflows[1].http.verb: unknown key, must be one of " +
		"method, url, headers, body, timeout"},
}

var ofWhatIsMissing = []mistake{
	{"target: builtin\n", "f: name: missing: every job has a name"},
	{"name: a\n", "f: workflows: missing: a job has at least one"},
	{"name: a\nworkflows: []\n", "f:2:12: workflows: missing: a job has at least one"},
	{second("rate: 1/s"), "f:16:9: workflows[1].name: missing: every workflow has a name"},
	{second("name: b"), "f:16:9: workflows[1].rate: missing: so many in so much time, like 400/s"},
	{second("name: b\n    rate: 1/s"), "f:16:9: workflows[1].duration: missing: how long, like 10s"},
	{second("name: b\n    rate: 1/s\n    duration: 1s"),
		"f:16:9: workflows[1].http: missing: what to send, like {method: GET, url: /}"},
}

var ofKind = []mistake{
	{"name: {a: b}\n", "f:1:7: name: must be a text"},
	{"name: a\nworkflows: 7\n", `f:2:12: workflows: "7": must be a list`},
	{"name: a\ndatacenters: x\n", `f:2:14: datacenters: "x": must be a list`},
	{"name: a\naccept_lost: maybe\n", `f:2:14: accept_lost: "maybe": must be true or false`},
	{second("cores: -1"), `f:16:12: workflows[1].cores: "-1": must be a whole number that is not negative`},
	{second("cores: many"), `f:16:12: workflows[1].cores: "many": must be a whole number`},
	{second("http: {headers: [a]}"), "f:16:21: workflows[1].http.headers: must be names and texts, " +
		"like {Accept: text/plain}"},
}

var ofValues = []mistake{
	{strings.Replace(good, "1m", "60", 1),
		`f:4:11: deadline: "60": must be a time with its unit, like 250ms, 10s or 1m30s`},
	{strings.Replace(good, "1m", "1ms", 1), "f:4:11: deadline: 1ms: must be 1s to 744h0m0s"},
	{strings.Replace(good, "500ms", "1ms", 1), "f:5:17: windows.size: 1ms: must be 50ms to 1m0s"},
	{strings.Replace(good, "2%", "2", 1), `f:7:15: thresholds.unwindowed: "2": must be 0% to 100%`},
	{strings.Replace(good, "2%", "-2%", 1), `f:7:15: thresholds.unwindowed: "-2%": must be 0% to 100%`},
	{strings.Replace(good, "2%", "NaN%", 1), `f:7:15: thresholds.unwindowed: "NaN%": must be 0% to 100%`},
	{strings.Replace(good, "400/s", "-400/s", 1),
		`f:10:11: workflows[0].rate: "-400/s": must be so many in ` +
			`so much time, like 400/s, 5/m or 1/250ms`},
	{strings.Replace(good, "400/s", "400", 1),
		`f:10:11: workflows[0].rate: "400": must be so many in so much ` +
			`time, like 400/s, 5/m or 1/250ms`},
	{strings.Replace(good, "400/s", "20000000/s", 1),
		"f:10:11: workflows[0].rate: 20000000: must be 1 to 10000000 in 1s (10000000/s)"},
	{strings.Replace(good, "duration: 10s", "duration: 0s", 1),
		"f:11:15: workflows[0].duration: 0s: must be 1ms to 720h0m0s"},
	{strings.Replace(good, "cores: 2", "cores: 70000", 1),
		"f:12:12: workflows[0].cores: 70000: must be 1 to 65536"},
	{strings.Replace(good, "dc-b", "dc-a", 1), `f:3:21: datacenters[1]: "dc-a": a name that is there once`},
	{second("name: steady\n    rate: 1/s\n    duration: 1s\n    http: {}"),
		`f:16:11: workflows[1].name: "steady": another workflow has that name`},
	{second(whole + "http: {method: G T}"),
		`f:19:20: workflows[1].http.method: "G T": must be an HTTP method`},
	{second(whole + "http: {url: 'ftp://x'}"),
		`f:19:17: workflows[1].http.url: "ftp://x": must be http://host or https://host`},
	{second(whole + "http: {timeout: 1h}"),
		"f:19:21: workflows[1].http.timeout: 1h0m0s: must be 1ms to 10m0s"},
	{second(whole + "http: {headers: {a b: c}}"),
		`f:19:21: workflows[1].http.headers: "a b": "a b": must be a header name`},
	{second(whole + "http: {headers: {x: 5}}"),
		"f:19:21: workflows[1].http.headers: x: 5: a name and a text; quote a number"},
	{strings.Replace(good, "target: builtin\n", "", 1), `f:13:12: workflows[0].http.url: "/x": without a ` +
		`target it must be whole: http://host:port/x`},
}

var ofHowItRuns = []mistake{
	{good + "priority: 10\n", "f:16:11: priority: 10: must be 0 to 9"},
	{good + "priority: high\n", `f:16:11: priority: "high": must be a whole number`},
	{good + "extensions: 6\n", "f:16:13: extensions: 6: must be 0 to 5"},
	{good + "extension: 10ms\n", "f:16:12: extension: 10ms: must be 1s to 744h0m0s"},
	{good + "stuck: 3\n", `f:16:8: stuck: "3": must be a time with its unit, like 250ms, 10s or 1m30s`},
	{good + "share_target: 1\n", `f:16:15: share_target: "1": must be true or false`},
	{good + "lost_workers: ignore\n",
		`f:16:15: lost_workers: "ignore": must be one of redispatch, degrade, fail`},
}

var ofOrder = []mistake{
	{second(whole + "http: {}\n    after: steady"), `f:20:12: workflows[1].after: "steady": must be a list`},
	{second(whole + "http: {}\n    after: [stedy]"),
		`f:20:13: workflows[1].after[0]: "stedy": no workflow has that name`},
	{second(whole + "http: {}\n    after: [steady, steady]"),
		`f:20:21: workflows[1].after[1]: "steady": each name once`},
	{second(whole + "http: {}\n    after: [b]"),
		"f:20:12: workflows[1].after: a circle, in which none can be the first: b after b"},
	{second(whole+"http: {}\n    after: [c]") +
		"  - {name: c, rate: 1/s, duration: 1s, http: {}, after: [steady, b]}\n",
		"f:20:12: workflows[1].after: a circle, in which none can be the first: b after c after b"},
}

var ofValuesPassedOn = []mistake{
	{second(whole + "http: {}\n    provide: [a]"), "f:20:14: workflows[1].provide: must be names, " +
		"each with what it is, like {token: {json: /user/token}}"},
	{second(whole + "http: {}\n    provide: {a: /a}"),
		`f:20:18: workflows[1].provide.a: "/a": must be keys and values: json, header`},
	{second(whole + "http: {}\n    provide: {a: {jsn: /a}}"),
		"f:20:19: workflows[1].provide.a.jsn: unknown key, must be one of json, header"},
	{second(whole + "http: {}\n    provide: {a: {json: a}}"),
		`f:20:25: workflows[1].provide.a.json: "a": must be a JSON pointer, like /user/token`},
	{second(whole + "http: {}\n    provide: {a: {header: a b}}"),
		`f:20:27: workflows[1].provide.a.header: "a b": must be a header name`},
	{second(whole + "http: {}\n    provide: {a: {json: /a, header: A}}"),
		"f:20:18: workflows[1].provide.a: must be one of {json: /user/token} and {header: X-Session}"},
	{second(whole + "http: {}\n    provide: {a b: {json: /a}}"),
		`f:20:14: workflows[1].provide: "a b": must be 1 to 64 letters, digits, '_' or '-'`},
	{second(whole + "http: {url: '/${token}'}"),
		"f:19:17: workflows[1].http.url: ${token}: must be ${workflow.name}"},
	{second(whole + "http: {body: '${login.token}'}"),
		`f:19:18: workflows[1].http.body: ${login.token}: no workflow is called "login"`},
	{second(whole + "http: {headers: {A: '${steady.token}'}}"),
		`f:19:21: workflows[1].http.headers: ${steady.token}: "steady" does not come before: ` +
			`name it in after`},
	{second(whole + "after: [steady]\n    http: {url: '/${steady.token}'}"),
		`f:20:17: workflows[1].http.url: ${steady.token}: "steady" does not provide "token"`},
}

// Every mistake says where it is, and what is allowed there.
func TestEveryMistakeIsToldWithFilePlaceKeyAndWhatIsAllowed(t *testing.T) {
	for _, c := range slices.Concat(ofForm, ofWhatIsMissing, ofKind, ofValues, ofHowItRuns, ofOrder,
		ofValuesPassedOn) {
		job, err := Parse("f", []byte(c.file))
		require.Nil(t, job)
		require.EqualError(t, err, c.want, "%s", c.file)
		var told *Error
		require.True(t, errors.As(err, &told))
	}
}

func TestAFileThatIsNotThereSaysSo(t *testing.T) {
	_, err := Read(filepath.Join(t.TempDir(), "none.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add(second(whole + "http: {headers: {a b: c}}"))
	f.Add(dependent)
	f.Add("a: &x {b: *x}\n<<: *x\n")
	f.Fuzz(func(t *testing.T, file string) {
		job, err := Parse("f", []byte(file))
		if (job == nil) == (err == nil) {
			t.Fatalf("a job or an error, never both or neither: %v", err)
		}
		var told *Error
		if err != nil && !errors.As(err, &told) {
			t.Fatalf("not told as a mistake: %v", err)
		}
	})
}
