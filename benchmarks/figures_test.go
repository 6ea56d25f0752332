package main

import (
	"strings"
	"testing"
	"time"
)

func TestVerdictSaysByHowMuchAGoalIsMissed(t *testing.T) {
	for _, c := range []struct {
		goal goal
		got  float64
		want string
	}{
		{goal{}, 7, ""},
		{atMost(3, "×"), 3, "kept"},
		{atMost(3, "×"), 4.5, "missed by 50 %"},
		{atLeast(300, ""), 300, "kept"},
		{atLeast(300, ""), 225, "missed by 25 %"},
	} {
		if got := (figure{goal: c.goal, got: c.got}).verdict(); got != c.want {
			t.Errorf("%v with %v: %q, must be %q", c.goal, c.got, got, c.want)
		}
	}
}

func TestNumbersHaveThreeDigitsThatCount(t *testing.T) {
	for x, want := range map[float64]string{
		2: "2", 3.14159: "3.14", 0.5: "0.5", 31.4159: "31.4", 314.159: "314", 3141592.6: "3,141,593",
	} {
		if got := number(x); got != want {
			t.Errorf("%v: %q, must be %q", x, got, want)
		}
	}
}

func TestRatiosAreOfTurnsSideBySide(t *testing.T) {
	ours, rival := result{10, 1000, 12}, result{5, 500, 6} // the machine was slow in the second turn
	if got := ours.over(rival); got != 2 {
		t.Errorf("ratio %v, must be 2", got)
	}
	if got := (result{4, 1, 3, 2}).median(); got != 2.5 {
		t.Errorf("median %v, must be 2.5", got)
	}
}

// Every section runs, however short its turns; whether its figures are good is not for a test to say.
func TestEverySectionHasItsTable(t *testing.T) {
	var out strings.Builder
	if err := run(&out, settings{rounds: 1, slice: time.Millisecond, test: t}, ""); err != nil {
		t.Fatal(err)
	}
	for _, part := range sections() {
		if !strings.Contains(out.String(), "### "+part.title+"\n") {
			t.Errorf("no table %q in\n%s", part.title, out.String())
		}
	}
}
