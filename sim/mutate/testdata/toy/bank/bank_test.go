package bank

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"testing"
)

var (
	seed     = flag.Uint64("sim.seed", 1, "")
	seeds    = flag.Int("sim.seeds", 10, "")
	strategy = flag.String("sim.strategy", "", "")
	_        = flag.String("sim.out", "", "")
	_        = flag.String("sim.shrink", "", "")
	report   = flag.String("sim.report", "", "")
)

// TestScenarios does what sim/simtest does, as far as the runner sees it.
func TestScenarios(t *testing.T) {
	scenarios := map[string]func(r *rand.Rand, strategy string) (key string){
		"overdraft": overdraft,
		"unfit":     func(*rand.Rand, string) string { return "always" },
	}
	for name, body := range scenarios {
		t.Run(name, func(t *testing.T) {
			line := map[string]any{"scenario": name, "base_seed": *seed, "runs": *seeds, "failed_at": 0, "key": ""}
			for i := range *seeds {
				if key := body(rand.New(rand.NewPCG(*seed, uint64(i))), *strategy); key != "" {
					line["failed_at"], line["runs"], line["key"] = i+1, i+1, key
					t.Error(key)
					break
				}
			}
			text, err := json.Marshal(line)
			if err == nil && *report != "" {
				err = os.WriteFile(*report, append(text, '\n'), 0o600)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// overdraft has a strategy that finds nothing: pct withdraws nothing.
func overdraft(r *rand.Rand, strategy string) string {
	most := 60
	if strategy == "pct" {
		most = 1
	}
	var a Account
	deposits := 0
	for range 4 {
		a.Deposit(10)
		deposits++
		_ = a.Withdraw(r.IntN(most))
		if a.balance < 0 {
			return "balance is not negative"
		}
		if a.balance > 10*deposits {
			return "nothing from nothing"
		}
	}
	return ""
}

func TestDrainEmpties(t *testing.T) {
	a := Account{balance: 3}
	a.Drain()
	if a.balance != 0 {
		t.Error(a.balance)
	}
}

func TestAlwaysFails(t *testing.T) { t.Error("it does") }
