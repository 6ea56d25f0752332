package explore

import (
	"fmt"
	"slices"
	"strings"
)

// Branch is how many runs asked whether to take a rare branch (core.Env.Rare), and how many took it.
type Branch struct {
	Point        string
	Asked, Taken uint64
}

func addBranches(sums map[string]Branch, more []Branch) {
	for _, b := range more {
		sum := sums[b.Point]
		sums[b.Point] = Branch{b.Point, sum.Asked + b.Asked, sum.Taken + b.Taken}
	}
}

func sumBranches(lists ...[]Branch) []Branch {
	sums := map[string]Branch{}
	for _, list := range lists {
		addBranches(sums, list)
	}
	return byName(sums)
}

// RareBranches sums up, over the reports of a suite, where rare branches may be taken. A point that is named
// and that no run asked about is in it, too.
func RareBranches(reports []Report, points []string) []Branch {
	var lists [][]Branch
	for _, r := range reports {
		lists = append(lists, r.Rare)
	}
	for _, point := range points {
		lists = append(lists, []Branch{{Point: point}})
	}
	return sumBranches(lists...)
}

// UntakenRare lists the points which a suite names and none of its runs took, a line each. One scenario need
// not come to a point: they are the suite's, as what a program may do is the program's.
func UntakenRare(reports []Report, points []string) []string {
	var untaken []string
	for _, b := range RareBranches(reports, points) {
		switch {
		case !slices.Contains(points, b.Point) || b.Taken > 0:
		case b.Asked == 0:
			untaken = append(untaken, fmt.Sprintf("rare branch %q was never asked for", b.Point))
		default:
			untaken = append(untaken, fmt.Sprintf("rare branch %q was never taken: asked for in %d runs",
				b.Point, b.Asked))
		}
	}
	return untaken
}

// TellRare is a text of how many of the runs that asked took each rare branch, over the reports of a suite;
// it is empty where nothing asks and nothing is named.
func TellRare(reports []Report, points []string) string {
	var texts []string
	for _, b := range RareBranches(reports, points) {
		texts = append(texts, fmt.Sprintf("%s in %d of %d", b.Point, b.Taken, b.Asked))
	}
	if texts == nil {
		return ""
	}
	var list strings.Builder
	tellList(&list, "taken", texts)
	return "rare branches, in runs that took them of those that asked\n" + list.String()
}
