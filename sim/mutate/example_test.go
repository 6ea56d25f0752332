package mutate_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/windtunnel/windtunnel/sim/mutate"
)

// A mutant says where a known bug was, how to put it back, and what must notice.
func ExampleMutant_Apply() {
	mutant, err := mutate.Parse([]byte(`id: drain-leaves-one
what: one is left in the account
test: ./bank TestDrainEmpties
-- file --
bank/bank.go
-- func --
(*Account).Drain
-- old --
a.balance > 0
-- new --
a.balance > 1
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	_, err = mutant.Apply("testdata/toy", dir) // an overlay for go test -overlay
	fmt.Println(err)

	mutant.Edits[0].Old = "a.balance >= 0"
	_, err = mutant.Apply("testdata/toy", dir)
	fmt.Println(errors.Is(err, mutate.ErrDoesNotApply))
	// Output:
	// <nil>
	// true
}
