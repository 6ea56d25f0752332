package gate

import "github.com/windtunnel/windtunnel/core/protocol"

// progress is how far one datacenter's share of one workflow is.
type progress struct {
	refused bool              // not dispatched, and no longer tried
	whole   bool              // its result is in, and every attempt is applied to its end
	end     protocol.EndState // as its result states it
}

// verdictOn is what becomes of a workflow, from how far its datacenters are. over says that time is up:
// the job's deadline, or the wait after the first datacenter's result. Nothing is aggregated before it
// is decided.
func verdictOn(shares []progress, over bool) (end protocol.EndState, decided bool) {
	settled, whole, failed := 0, 0, 0
	for _, p := range shares {
		if p.refused || p.whole {
			settled++
		}
		if p.whole {
			whole++
			if p.end == protocol.EndFailed || p.end == protocol.EndLost {
				failed++ // nobody ran it to its end
			}
		}
	}
	if settled < len(shares) && !over {
		return protocol.EndUnknown, false
	}
	switch {
	case whole == 0:
		return protocol.EndLost, true
	case failed == whole:
		return protocol.EndFailed, true
	case whole < len(shares) || failed > 0:
		return protocol.EndStopped, true
	default:
		return protocol.EndCompleted, true
	}
}

// stateOf is a job's terminal state, from the ends of all its workflows. late says that its deadline,
// or the wait for a datacenter, ended it.
func stateOf(ends []protocol.EndState, late bool) protocol.JobState {
	completed, failed, partly := 0, 0, 0
	for _, end := range ends {
		switch end {
		case protocol.EndCompleted:
			completed++
		case protocol.EndFailed:
			failed++
		case protocol.EndStopped:
			partly++
		}
	}
	switch {
	case completed == len(ends):
		return protocol.JobCompleted
	case completed+partly > 0:
		return protocol.JobPartial
	case late && failed == 0:
		return protocol.JobTimeout
	default:
		return protocol.JobFailed
	}
}
