package timeline

import (
	"fmt"
	"slices"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// mostOwnLanes is how many clients have a lane each; more share lanes, one after the other.
const mostOwnLanes = 12

// spread gives clients their lanes.
func (h *historyData) spread(all []trace.Operation, drawn []int) {
	last := map[int]int64{} // of each client: when it was heard of last
	for _, i := range drawn {
		last[all[i].Client] = max(last[all[i].Client], all[i].Called.Position, all[i].Ended.Position)
	}
	lanes, free := map[int]int{}, []int64{} // when each lane is free
	for _, i := range drawn {
		client, now := all[i].Client, all[i].Called.Position
		lane, known := lanes[client]
		if !known {
			lane = slices.IndexFunc(free, func(from int64) bool { return from < now })
			if lane < 0 || len(last) <= mostOwnLanes {
				lane = len(free)
				free = append(free, 0)
				h.Lanes = append(h.Lanes, fmt.Sprintf("client %d", client))
			} else {
				h.Lanes[lane] = "several"
			}
			lanes[client], free[lane] = lane, last[client]
		}
		h.Lane = append(h.Lane, lane)
	}
	if len(last) <= mostOwnLanes {
		h.sortLanes()
	}
}

// sortLanes puts lanes that are one client's in the order of their numbers.
func (h *historyData) sortLanes() {
	client := make([]int, len(h.Lanes)) // of each lane
	for n, lane := range h.Lane {
		client[lane] = h.Client[n]
	}
	moved := make([]int, len(client))
	for lane, c := range client {
		for _, other := range client {
			if other < c {
				moved[lane]++
			}
		}
	}
	for n := range h.Lane {
		h.Lane[n] = moved[h.Lane[n]]
	}
	for lane, c := range client {
		h.Lanes[moved[lane]] = fmt.Sprintf("client %d", c)
	}
}
