package campaign_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/campaign"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// mixed is a campaign in which one scenario held, one failed twice and one was not deterministic.
func mixed() campaign.Result {
	books := explore.Failure{Key: "books balance", Invariant: true, Message: "2 < 3 & \"lost\"\x00\n50% gone"}
	line := explore.Failure{Key: "core/gate/push,1.go:27", Message: "expected: 20"}
	return campaign.Result{
		Base: 7, Strategy: "random", Took: 2 * time.Second,
		Scenarios: []campaign.Scenario{{
			Report: explore.Report{
				Scenario: "stale-level", Runs: 53, Virtual: time.Minute,
				Reached: []explore.Count{{Name: "level rose", Times: 3}},
				Faults:  []explore.Fault{{Kind: "loss", Injected: 9, Biting: 4}, {Kind: "cut", Injected: 2}},
				Watermarks: []explore.Highest{
					{Watermark: explore.Watermark{Name: "lateness, ms", Value: 40}, Seed: 9, Index: 3},
					{Watermark: explore.Watermark{Name: "queued", Value: 2}, Seed: 7},
				},
			},
			Demands: explore.Demands{
				Sometimes: []string{"level rose", "level | fell"}, Faults: []string{"cut"},
			},
		}, {
			Report: explore.Report{Scenario: "everything", Runs: 40},
			Failures: []campaign.Failure{
				{Cause: books, Times: 5, Known: true, File: "out/a.json", Story: "told\n```\nfenced\n```\n"},
				{Cause: line, Times: 1, File: "out/b.json", Story: "--- of a line\n"},
			},
		}, {
			Report: explore.Report{
				Scenario: "odd", Runs: 1, Diverged: &explore.Divergence{Event: -1, Seed: 9},
			},
		}},
	}
}

func TestJUnitHasACaseForEveryCause(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, campaign.JUnit(&b, mixed()))
	var read struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Cases    []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
					Text    string `xml:",chardata"`
				} `xml:"failure"`
				Error *struct {
					Text string `xml:",chardata"`
				} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal(b.Bytes(), &read), b.String())
	require.Len(t, read.Suites, 1)
	suite := read.Suites[0]
	require.Equal(t, []int{4, 2, 1}, []int{suite.Tests, suite.Failures, suite.Errors})
	require.Equal(t, "stale-level", suite.Cases[0].Name)
	require.Nil(t, suite.Cases[0].Failure)
	require.Equal(t, "everything: books balance", suite.Cases[1].Name)
	require.Equal(t, "2 < 3 & \"lost\"\ufffd\n50% gone", suite.Cases[1].Failure.Message)
	require.Equal(t, "--- of a line\n", suite.Cases[2].Failure.Text)
	require.Contains(t, suite.Cases[3].Error.Text, "seed 9")
}

func TestAnnotationsAreReadAsGitHubReadsThem(t *testing.T) {
	var b bytes.Buffer
	campaign.Annotations(&b, mixed())
	command := regexp.MustCompile(`^::error ([^:]*)::(.*)$`)
	decode := func(text string) string {
		return strings.NewReplacer("%0A", "\n", "%0D", "\r", "%3A", ":", "%2C", ",", "%25", "%").Replace(text)
	}
	var read []map[string]string
	for line := range strings.Lines(b.String()) {
		parts := command.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		require.NotNil(t, parts, line)
		properties := map[string]string{"text": decode(parts[2])}
		for _, property := range strings.Split(parts[1], ",") {
			name, value, ok := strings.Cut(property, "=")
			require.True(t, ok, line)
			properties[name] = decode(value)
		}
		read = append(read, properties)
	}
	require.Len(t, read, 3)
	require.Equal(t, map[string]string{
		"title": "everything: books balance",
		"text":  "2 < 3 & \"lost\"\x00\n50% gone\nreplay: windtunnel replay out/a.json",
	}, read[0], "an invariant has no position")
	require.Equal(t, map[string]string{
		"file": "core/gate/push,1.go", "line": "27", "title": "everything: core/gate/push,1.go:27",
		"text": "expected: 20\nreplay: windtunnel replay out/b.json",
	}, read[1])
	require.Equal(t, "odd: not deterministic", read[2]["title"])
}

func TestMarkdownTellsWhatRanWhatFailedAndWhatWasNotReached(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, campaign.Markdown(&b, mixed()))
	page := b.String()
	require.Contains(t, page, "# windtunnel sim: FAILED\n")
	var rows [][]string // of the table, its head first
	for line := range strings.Lines(page) {
		if cells, ok := strings.CutPrefix(strings.TrimSpace(line), "| "); ok {
			rows = append(rows, strings.Split(strings.TrimSuffix(cells, " |"), " | "))
		}
	}
	require.Len(t, rows, 5)
	for _, row := range rows {
		require.Len(t, row, len(rows[0]), "%v", row)
	}
	require.Equal(t, []string{"stale-level", "53", "1.0", "1 of 2", "11", "4", "0"}, rows[2])
	require.Equal(t, []string{"everything", "40", "0.0", "0 of 0", "0", "0", "2"}, rows[3])
	require.Contains(t, page,
		"### everything: books balance (known, 5 runs)\n\n````\ntold\n```\nfenced\n```\n````\n")
	require.Contains(t, page,
		"### everything: core/gate/push,1.go:27 (new, 1 runs)\n\n```\n--- of a line\n```\n")
	require.Contains(t, page, "## What never occurred\n\n- stale-level: \"level | fell\" was never reached\n")
	require.Contains(t, page, " in stale-level: 53 runs, the median of ")
}

func TestTableNamesWhatNeverHappened(t *testing.T) {
	var b bytes.Buffer
	campaign.Table(&b, mixed())
	require.Regexp(t, `(?m)^ *stale-level +53 +1\.0 +1 of 2 +11 +4 +0$`, b.String())
	require.Contains(t, b.String(), "stale-level: \"level | fell\" was never reached\n")
	require.Contains(t, b.String(),
		"stale-level: fault \"cut\" never did anything: injected 2 times, bit 0\n")
	require.Contains(t, b.String(), "stale-level, 53 runs\n  reached       level rose 3\n")
	require.Contains(t, b.String(), "\n  injected/bit  loss 9/4, cut 2/0\n")
	require.Contains(t, b.String(),
		"highest lateness, ms: 40 in stale-level (seed 9)\nhighest queued: 2 in stale-level (seed 7)\n")
	require.Contains(t, b.String(), "failures: 3\n")
}

func TestTableAndPageTellInHowManyRunsRareBranchesWereTaken(t *testing.T) {
	r := mixed()
	r.Scenarios[0].Rare = []explore.Branch{
		{Point: "n/short", Asked: 53, Taken: 6}, {Point: "n/small", Asked: 9},
	}
	r.Scenarios[1].Rare = []explore.Branch{{Point: "n/short", Asked: 40, Taken: 4}}
	r.Rare = []string{"n/gone", "n/short", "n/small"}
	var table, page bytes.Buffer
	campaign.Table(&table, r)
	require.Contains(t, table.String(), "rare branches, in runs that took them of those that asked\n"+
		"  taken         n/gone in 0 of 0, n/short in 10 of 93, n/small in 0 of 9\n")
	require.Contains(t, table.String(), "\nrare branch \"n/gone\" was never asked for\n")
	require.NoError(t, campaign.Markdown(&page, r))
	require.Contains(t, page.String(), "\n- rare branch \"n/small\" was never taken: asked for in 9 runs\n")
}

func TestCausesAreKeysAndFunctionsNotMessages(t *testing.T) {
	found := func(index int, f explore.Failure) explore.Found {
		return explore.Found{Index: index, Outcome: explore.Outcome{Failure: &f}}
	}
	causes := campaign.Causes([]explore.Found{
		found(0, explore.Failure{Key: "a.go:1", Function: "f", Message: "x"}),
		found(1, explore.Failure{Key: "once", Invariant: true, Message: "of j1"}),
		found(2, explore.Failure{Key: "a.go:9", Function: "f", Message: "y"}),
		found(3, explore.Failure{Key: "once", Invariant: true, Message: "of j2"}),
		found(4, explore.Failure{Key: "a.go:20", Function: "g", Message: "x"}),
	})
	var indices [][]int
	for _, same := range causes {
		var of []int
		for _, f := range same {
			of = append(of, f.Index)
		}
		indices = append(indices, of)
	}
	require.Equal(t, [][]int{{0, 2}, {1, 3}, {4}}, indices)
}

func TestCorpusPassesOverWhatIsNoFailureFile(t *testing.T) {
	kept, err := campaign.ReadCorpus(t.TempDir() + "/none")
	require.NoError(t, err)
	require.Empty(t, kept)

	folder := t.TempDir()
	failure := &explore.Failure{Key: "once", Invariant: true}
	file := explore.NewFile("everything", "random", 1, explore.Outcome{Failure: failure}, explore.Choices{})
	path, err := file.Write(folder)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(folder+"/results.json", []byte(`{"job": 1}`), 0o600))
	kept, err = campaign.ReadCorpus(folder)
	require.ErrorContains(t, err, "results.json")
	require.Len(t, kept, 1)
	require.Equal(t, path, kept[0].Path)
}

func TestWatchRewritesItsLineOnATerminalOnly(t *testing.T) {
	begun := time.Unix(0, 0)
	ran := func(failure *explore.Failure, states ...string) explore.Ran {
		o := explore.Outcome{Virtual: 365.25 * 24 * time.Hour, Failure: failure}
		for _, name := range states {
			o.Reached = append(o.Reached, explore.Count{Name: name, Times: 1})
		}
		return explore.Ran{Scenario: "s", Outcome: o}
	}
	show := func(terminal bool) string {
		var b bytes.Buffer
		demands := map[string]explore.Demands{"s": {Sometimes: []string{"x", "y"}}}
		w := campaign.NewWatch(&b, terminal, demands, begun)
		w.Saw(ran(&explore.Failure{Key: "k", Message: "a"}, "x", "nobody named this"), begun)
		w.Saw(ran(&explore.Failure{Key: "k", Message: "b"}, "x"), begun.Add(time.Second))
		w.Saw(ran(nil), begun.Add(20*time.Second))
		w.End()
		return b.String()
	}
	require.Equal(t, "\r\x1b[K2 runs, 2/s, 2.0000 virtual years, states 1 of 2, failures 1"+
		"\r\x1b[K3 runs, 0/s, 3.0000 virtual years, states 1 of 2, failures 1\r\x1b[K", show(true))
	require.Equal(t, "3 runs, 0/s, 3.0000 virtual years, states 1 of 2, failures 1\n", show(false))
}

func TestWatchOfAGuidedCampaignHasTheNewCoverage(t *testing.T) {
	begun := time.Unix(0, 0)
	var b bytes.Buffer
	w := campaign.NewWatch(&b, false, nil, begun)
	for i, ran := range []explore.Ran{
		{Scenario: "s", Orders: 40}, {Scenario: "s", Orders: 30}, {Scenario: "t", Orders: 2},
		{Scenario: "s", Orders: 49},
	} {
		w.Saw(ran, begun.Add(time.Duration(i)*16*time.Second))
	}
	lines := strings.Split(b.String(), "\n")
	require.Contains(t, lines[0], "0.0000 years, states 0 of 0, orders 0+40, failures 0")
	require.Contains(t, lines[1], "orders 40+2, ")
	require.Contains(t, lines[2], "orders 42+9, ")
}

func TestTableSaysWhatGuidanceCameTo(t *testing.T) {
	var b bytes.Buffer
	guidance := &explore.Guidance{
		Fresh: 60, Mutated: 40, Orders: 512, Again: 2, Kept: make([]explore.Plan, 9),
		FreshNews:   explore.News{Runs: 7, States: 5, Watermarks: 1, Orders: 500},
		MutatedNews: explore.News{Runs: 3, Orders: 12},
	}
	campaign.Table(&b, campaign.Result{Took: time.Second, Scenarios: []campaign.Scenario{
		{Report: explore.Report{Scenario: "s", Guidance: guidance}},
	}})
	require.Contains(t, b.String(), "s: guided: 512 orders of events; 2 runs of earlier campaigns again; "+
		"60 runs of fresh seeds showed 5 states, 1 watermarks and 500 orders first; "+
		"40 mutated ones showed 0 states, 0 watermarks and 12 orders first; "+
		"9 runs are kept\n")
}

var claim = regexp.MustCompile(`^  (\S+) in (\S+): (\d+) runs, the median of \d+ known is (\d+) schedules$`)

func TestMissedIsABoundAndSaidOnlyWithABasis(t *testing.T) {
	held := func(scenario string, runs int) campaign.Result {
		return campaign.Result{Strategy: "random", Scenarios: []campaign.Scenario{
			{Report: explore.Report{Scenario: scenario, Runs: runs}},
		}}
	}
	below := func(r campaign.Result) (median int, bound float64) {
		t.Helper()
		told := campaign.Missed(r)
		require.Len(t, told, 3)
		require.Contains(t, told[2], "independently")
		parts := claim.FindStringSubmatch(told[1])
		require.NotNil(t, parts, told[1])
		median, err := strconv.Atoi(parts[4])
		require.NoError(t, err)
		bound, err = strconv.ParseFloat(parts[1], 64)
		require.NoError(t, err)
		return median, bound
	}
	median, _ := below(held("stale-level", 10_000))
	for medians, want := range map[int]float64{1: 0.51, 2: 0.26, 10: 0.00098, 1000: 1e-9} {
		_, bound := below(held("stale-level", medians*median))
		require.InDelta(t, want, bound, want/1e6, "%d times the median", medians)
	}

	several := held("stale-level", 2*median)
	for _, runs := range []int{median, 1000 * median, 2000 * median} {
		several.Scenarios = append(several.Scenarios, held("stale-level", runs).Scenarios...)
	}
	told := campaign.Missed(several)
	require.Len(t, told, 5)
	require.Contains(t, told[1], "  0.51 in ", "the least certain first")
	require.Equal(t, "  0.001 in the other 2", told[3])

	otherStrategy := held("stale-level", 100)
	otherStrategy.Strategy = "pct"
	failed := held("stale-level", 100)
	failed.Scenarios[0].Failures = []campaign.Failure{{}}
	undecided := held("stale-level", 100)
	undecided.Scenarios[0].Unknown = []string{"x"}
	for name, r := range map[string]campaign.Result{
		"no mutant": held("everything", 100), "no run": held("stale-level", 0),
		"other strategy": otherStrategy, "failed": failed, "undecided": undecided,
	} {
		require.Empty(t, campaign.Missed(r), name)
	}
}

func TestReportThatCannotBeWrittenIsAnError(t *testing.T) {
	require.Error(t, campaign.JUnit(broken{}, mixed()))
	require.Error(t, campaign.Markdown(broken{}, mixed()))
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("full") }
