package gate

import (
	"slices"

	"github.com/windtunnel/windtunnel/core/protocol"
)

// next lists where a job may go from each state. A terminal state has no next: a job never leaves it.
func next(from protocol.JobState) []protocol.JobState {
	switch from {
	case protocol.JobSubmitted:
		return []protocol.JobState{
			protocol.JobQueued, protocol.JobDispatching,
			protocol.JobFailed, protocol.JobCancelled, protocol.JobTimeout,
		}
	case protocol.JobQueued:
		return []protocol.JobState{
			protocol.JobDispatching,
			protocol.JobFailed, protocol.JobCancelled, protocol.JobTimeout,
		}
	case protocol.JobDispatching:
		return []protocol.JobState{
			protocol.JobQueued, protocol.JobRunning,
			protocol.JobFailed, protocol.JobCancelled, protocol.JobTimeout,
		}
	case protocol.JobRunning:
		return []protocol.JobState{
			protocol.JobCompleting, protocol.JobCompleted, protocol.JobFailed,
			protocol.JobCancelled, protocol.JobTimeout, protocol.JobPartial,
		}
	case protocol.JobCompleting:
		return []protocol.JobState{
			protocol.JobCompleted, protocol.JobFailed,
			protocol.JobCancelled, protocol.JobTimeout, protocol.JobPartial,
		}
	}
	return nil
}

func allowed(from, to protocol.JobState) bool {
	return slices.Contains(next(from), to)
}

// workflowNext lists where a workflow may go from each state.
func workflowNext(from protocol.WorkflowState) []protocol.WorkflowState {
	switch from {
	case protocol.WorkflowPending:
		return []protocol.WorkflowState{
			protocol.WorkflowDispatched,
			protocol.WorkflowSkipped, protocol.WorkflowFailed, protocol.WorkflowCancelled,
		}
	case protocol.WorkflowDispatched:
		return []protocol.WorkflowState{
			protocol.WorkflowRunning,
			protocol.WorkflowFailed, protocol.WorkflowCancelled,
		}
	case protocol.WorkflowRunning:
		return []protocol.WorkflowState{
			protocol.WorkflowCompleted, protocol.WorkflowFailed,
			protocol.WorkflowCancelled, protocol.WorkflowPartial,
		}
	}
	return nil
}

func workflowAllowed(from, to protocol.WorkflowState) bool {
	return slices.Contains(workflowNext(from), to)
}
