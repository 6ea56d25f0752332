package check_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
)

func TestWatermarkKeepsTheLargestOfARun(t *testing.T) {
	o := run(func(r *check.Run) {
		for _, value := range []int64{2, 7, 3} {
			r.Watermark("queued", value)
			r.Watermark("ahead, ms", -value)
		}
	})
	want := []explore.Watermark{{Name: "ahead, ms", Value: -2}, {Name: "queued", Value: 7}}
	assert.Equal(t, want, o.Watermarks)
	assert.Empty(t, run(func(*check.Run) {}).Watermarks)
}
