package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
)

// figure is one line of a table: what was measured, beside what, and what was hoped for.
type figure struct {
	what  string
	value string
	goal  goal
	got   float64 // in the unit of the goal's bound
}

// goal is a bound that a figure should keep; the zero goal is none.
type goal struct {
	bound   float64
	atLeast bool // otherwise at most
	unit    string
}

func atMost(bound float64, unit string) goal { return goal{bound: bound, unit: unit} }

func atLeast(bound float64, unit string) goal { return goal{bound: bound, atLeast: true, unit: unit} }

func (g goal) String() string {
	switch {
	case g == goal{}:
		return ""
	case g.atLeast:
		return "≥ " + number(g.bound) + g.unit
	default:
		return "≤ " + number(g.bound) + g.unit
	}
}

// verdict says whether the goal was kept, and otherwise by how much it was missed.
func (f figure) verdict() string {
	switch {
	case f.goal == goal{}:
		return ""
	case f.goal.atLeast && f.got >= f.goal.bound, !f.goal.atLeast && f.got <= f.goal.bound:
		return "kept"
	}
	return fmt.Sprintf("missed by %.0f %%", 100*math.Abs(f.got-f.goal.bound)/f.goal.bound)
}

// printTable prints a section as Markdown.
func printTable(out io.Writer, title string, figures []figure) {
	fmt.Fprintf(out, "\n### %s\n\n| measured | figure | goal | |\n|---|---|---|---|\n", title)
	for _, f := range figures {
		fmt.Fprintf(out, "| %s | %s | %s | %s |\n", f.what, f.value, f.goal, f.verdict())
	}
}

// number prints three significant digits, and thousands apart.
func number(x float64) string {
	switch {
	case x < 10:
		return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)
	case x < 100:
		return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64)
	}
	digits := strconv.FormatFloat(math.Round(x), 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
