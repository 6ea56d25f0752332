package protocol

// JobState is where a job is. The last five are terminal: a job reaches one of them and never leaves it.
type JobState uint8

// The states of a job.
const (
	JobUnknown     JobState = iota
	JobSubmitted            // accepted, nothing dispatched
	JobQueued               // no room for it yet
	JobDispatching          // datacenters are being asked for their splits
	JobRunning              // at least one attempt was opened
	JobCompleting           // at least one datacenter is whole, the others are waited for
	JobCompleted            // every datacenter is whole
	JobFailed               // nothing could run
	JobCancelled            // cancelled before it ended
	JobTimeout              // its deadline passed and no datacenter is whole
	JobPartial              // its deadline or result wait passed and some datacenter is whole
)

func (s JobState) String() string {
	names := [...]string{"UNKNOWN", "SUBMITTED", "QUEUED", "DISPATCHING", "RUNNING", "COMPLETING",
		"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "PARTIAL"}
	return name(names[:], int(s))
}

// Terminal says that the state is an end.
func (s JobState) Terminal() bool { return s >= JobCompleted }

// Known says that this version knows the state.
func (s JobState) Known() bool { return s > JobUnknown && s <= JobPartial }

// EndState is how one attempt, or one datacenter's share of a workflow, ended.
type EndState uint8

// The ends.
const (
	EndUnknown   EndState = iota
	EndCompleted          // the plan ran to its end
	EndFailed             // the engine or the dispatch failed
	EndStopped            // told to stop: the job ended or was cancelled
	EndCutOff             // the worker stopped by itself: nobody answered its heartbeats
	EndLost               // the worker died
	EndLeft               // the worker was asked to stop, and left the rest to another
	EndSkipped            // it never started: a workflow that it waits for did not complete
	EndCancelled          // its job was cancelled
)

func (s EndState) String() string {
	names := [...]string{"UNKNOWN", "COMPLETED", "FAILED", "STOPPED", "CUT OFF", "LOST", "LEFT", "SKIPPED",
		"CANCELLED"}
	return name(names[:], int(s))
}

// WorkflowState is where a workflow of a job is. The last five are ends.
type WorkflowState uint8

// The states of a workflow.
const (
	WorkflowUnknown    WorkflowState = iota
	WorkflowPending                  // others must complete first, or its turn has not come
	WorkflowDispatched               // datacenters are being asked for their splits
	WorkflowRunning                  // its attempts are open
	WorkflowCompleted                // every datacenter is whole and ran to its end
	WorkflowFailed                   // no datacenter ran it to its end
	WorkflowCancelled                // its job was cancelled
	WorkflowSkipped                  // a workflow that it waits for did not complete
	WorkflowPartial                  // some datacenters did
)

func (s WorkflowState) String() string {
	names := [...]string{"UNKNOWN", "PENDING", "DISPATCHED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED",
		"SKIPPED", "PARTIAL"}
	return name(names[:], int(s))
}

// Ended says that the state is an end.
func (s WorkflowState) Ended() bool { return s >= WorkflowCompleted }

// LostPolicy is what becomes of a lost worker's load.
type LostPolicy uint8

// The policies.
const (
	LostRedispatch LostPolicy = iota // another attempt runs the remainder
	LostDegrade                      // the others go on, and the remainder is not sent
	LostFail                         // the job fails
)

func (p LostPolicy) String() string {
	names := [...]string{"redispatch", "degrade", "fail"}
	return name(names[:], int(p))
}

// Known says that this version knows the policy.
func (p LostPolicy) Known() bool { return p <= LostFail }

func name(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "?"
}
