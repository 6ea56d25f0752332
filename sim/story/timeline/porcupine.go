package timeline

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// ErrNoHistory is the error of an export of histories, of a run that judged none.
var ErrNoHistory = errors.New("the run judged no history")

// porcupineSearches is how long porcupine may look for the orders that its page shows, in real time.
const porcupineSearches = 10 * time.Second

// writePorcupine writes porcupine's page of a history: of the first without an order, or else of the longest.
func writePorcupine(w io.Writer, all []explore.Judged) error {
	if len(all) == 0 {
		return ErrNoHistory
	}
	judged := slices.MaxFunc(all, func(a, b explore.Judged) int {
		return cmp.Compare(len(a.Checked), len(b.Checked))
	})
	if broken := slices.IndexFunc(all, isBroken); broken >= 0 {
		judged = all[broken]
	}
	model := judged.Model
	if model.DescribeOperationMetadata == nil {
		model.DescribeOperationMetadata = describeEffect
	}
	_, info := porcupine.CheckOperationsVerbose(model, judged.Checked, porcupineSearches)
	return porcupine.Visualize(model, info, w)
}

func isBroken(j explore.Judged) bool { return j.Judgement == explore.NotLinearizable }

func describeEffect(metadata any) string {
	if seen, ok := metadata.(trace.Stamp); ok {
		return fmt.Sprintf("seen to take effect at step %d, +%v", seen.Step, seen.At)
	}
	return ""
}
