package mutate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// QuickBases is how many base seeds a quick run takes: the first of those that a Record was made of.
const QuickBases = 3

// muchSlower is the factor by which a median may exceed the recorded one.
const muchSlower = 4

// A Record is what a page of WriteScore says, by the ids of mutants. Those that a test must catch are in it
// with nothing but their name.
type Record map[string]Recorded

// Recorded is how soon a mutant was found, in schedules, by the strategy that judged it; 0 is never.
type Recorded struct {
	Median int
	First  []int // of the first base seeds, QuickBases at most
}

// NewRecord is what a page of these results would say.
func NewRecord(results []Result) Record {
	record := Record{}
	for _, r := range results {
		s := r.first()
		first := slices.Clone(s.KilledAt[:min(QuickBases, len(s.KilledAt))])
		record[r.Mutant.ID] = Recorded{Median: s.Median(), First: first}
	}
	return record
}

// ReadRecord reads a page that WriteScore wrote.
func ReadRecord(page io.Reader) (Record, error) {
	text, err := io.ReadAll(page)
	if err != nil {
		return nil, fmt.Errorf("score: %w", err)
	}
	record := Record{}
	judge, first := -1, -1 // columns of the table that we are in
	for number, line := range slices.Collect(strings.Lines(string(text))) {
		line, inTable := strings.CutPrefix(strings.TrimSpace(line), "| ")
		switch cells := strings.Split(strings.TrimSuffix(line, " |"), " | "); {
		case strings.HasPrefix(line, "|---"):
		case !inTable:
			judge, first = -1, -1
		case cells[0] == "mutant":
			judge, first = 2, slices.Index(cells, firstColumn)
		case judge < 0: // a table of something else
		default:
			var r Recorded
			if first > judge {
				r, err = recorded(cells, judge, first)
			}
			if err != nil {
				return nil, fmt.Errorf("score: line %d: %w", number+1, err)
			}
			record[cells[0]] = r
		}
	}
	if len(record) == 0 {
		return nil, errors.New("score: there is no table of mutants in it")
	}
	return record, nil
}

func recorded(cells []string, judge, first int) (r Recorded, err error) {
	if len(cells) <= first {
		return r, fmt.Errorf("%d cells, want more than %d", len(cells), first)
	}
	median, _, _ := strings.Cut(cells[judge], " / ")
	if r.Median, err = parseSchedules(median); err != nil {
		return r, err
	}
	if cells[first] == "" {
		return r, nil
	}
	for text := range strings.SplitSeq(cells[first], firstSeparator) {
		at, err := parseSchedules(text)
		if err != nil {
			return r, err
		}
		r.First = append(r.First, at)
	}
	return r, nil
}

// parseSchedules reads what schedulesText wrote, and "-".
func parseSchedules(text string) (int, error) {
	if strings.HasPrefix(text, ">") || text == "-" {
		return 0, nil
	}
	at, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
	if err != nil || at < 1 {
		return 0, fmt.Errorf("schedules %q: want a number above 0", text)
	}
	return at, nil
}

// Stale says in a sentence each what mutants the record does not know, and what it knows that are no more.
func (record Record) Stale(mutants []Mutant) []string {
	var unknown, gone []string
	known := map[string]bool{}
	for _, m := range mutants {
		known[m.ID] = true
		if _, ok := record[m.ID]; !ok {
			unknown = append(unknown, m.ID)
		}
	}
	for id := range record {
		if !known[id] {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	var sentences []string
	if len(unknown) > 0 {
		sentences = append(sentences, "not measured yet: "+strings.Join(unknown, ", "))
	}
	if len(gone) > 0 {
		sentences = append(sentences, "measured, but no mutant any more: "+strings.Join(gone, ", "))
	}
	return sentences
}

// RunAgainst judges the mutants on QuickBases base seeds, and compares with a record. A few base seeds say
// little: when a program changes all its schedules change, and the median of three is four times another one
// by mere chance, once in a dozen mutants. So whatever survives them, or looks slow, is judged again on
// config.Bases, as many as the record was made of, and that is its result: Slower is a median of more than
// four times the recorded one. Schedules that have not changed take what they took, and are never judged
// again.
func RunAgainst(ctx context.Context, config Config, mutants []Mutant, record Record) ([]Result, error) {
	quick := config
	quick.Bases = QuickBases
	results, err := Run(ctx, quick, mutants)
	if err != nil {
		return nil, err
	}
	var doubtful []Mutant
	for _, r := range results {
		if record.doubts(r) {
			doubtful = append(doubtful, r.Mutant)
		}
	}
	if len(doubtful) == 0 {
		return results, nil
	}
	again, err := Run(ctx, config, doubtful)
	if err != nil {
		return nil, err
	}
	for _, r := range again {
		record.compare(&r)
		at := slices.IndexFunc(results, func(before Result) bool { return before.Mutant.ID == r.Mutant.ID })
		results[at] = r
	}
	return results, nil
}

// doubts tells whether a result of few base seeds is bad enough to be looked at again.
func (record Record) doubts(r Result) bool {
	if len(r.Scores) == 0 {
		return false // nothing but a verdict, which more base seeds do not change
	}
	before := record[r.Mutant.ID]
	unchanged := slices.Equal(before.First, r.first().KilledAt)
	return !r.Good() || !unchanged && before.slower(r)
}

// compare judges a result of many base seeds.
func (record Record) compare(r *Result) {
	before := record[r.Mutant.ID]
	if r.Good() && before.slower(*r) {
		r.Verdict = Slower
		r.Reason = fmt.Sprintf("the median over %d base seeds is %s, more than %d times the recorded %s",
			len(r.first().KilledAt), schedulesText(r.first().Median(), r.first().Schedules),
			muchSlower, thousands(before.Median))
	}
}

// slower tells whether the result's median is much above the recorded one. Where none was reached, none is.
func (before Recorded) slower(r Result) bool {
	median := r.first().Median()
	return before.Median > 0 && (median == 0 || median > muchSlower*before.Median)
}
