package story

import (
	"strings"
	"unicode/utf8"
)

// table aligns columns. The last one is as long as it is.
type table struct {
	rows   [][]string
	widths []int
}

func newTable() *table { return &table{} }

func (t *table) row(cells ...string) {
	t.rows = append(t.rows, cells)
	for i := range cells {
		cells[i] = oneLine(cells[i])
		cell := cells[i]
		if i == len(t.widths) {
			t.widths = append(t.widths, 0)
		}
		t.widths[i] = max(t.widths[i], utf8.RuneCountInString(cell))
	}
}

func (t *table) write(b *strings.Builder) {
	for _, cells := range t.rows {
		var line strings.Builder
		for i, cell := range cells {
			line.WriteString("  " + cell)
			if i < len(cells)-1 {
				line.WriteString(strings.Repeat(" ", t.widths[i]-utf8.RuneCountInString(cell)))
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// oneLine is a text in one line, whatever was noted or logged.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
