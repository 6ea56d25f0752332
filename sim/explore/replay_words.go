package explore

import (
	"fmt"
	"strings"
)

// Explain says the answer in words, for a person who has just replayed f.
func (a Answer) Explain(f File) string {
	var b strings.Builder
	b.WriteString("replayed: " + a.Verdict.String())
	switch {
	case a.Verdict == OtherFailure:
		fmt.Fprintf(&b, " (recorded %q, now %q)", f.Failure.Key, a.Outcome.Failure.Key)
	case a.Verdict == Nearby:
		fmt.Fprintf(&b, " (%s)", a.Nearby)
	case a.Tried > 0:
		fmt.Fprintf(&b, ", and so it is with %d schedules next to it", a.Tried)
	}
	listed(&b, a.NeverAsked, f, "were never asked")
	listed(&b, a.OutOfRange, f, "now have fewer alternatives")
	return b.String()
}

// listed names choices, in words where the file has them.
func listed(b *strings.Builder, keys []string, f File, what string) {
	if len(keys) == 0 {
		return
	}
	const most = 10
	fmt.Fprintf(b, "\n  %d of %d recorded choices %s:", len(keys), len(f.Choices), what)
	for i, key := range keys {
		if i == most {
			fmt.Fprintf(b, "\n    and %d more", len(keys)-most)
			return
		}
		b.WriteString("\n    " + key)
		if words := f.Told[key]; words != "" {
			b.WriteString(": " + words)
		}
	}
}
