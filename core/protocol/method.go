package protocol

// The names of the calls and one-way messages, as doc.go lists them.
const (
	MethodSubmit    = "job.submit"
	MethodSubscribe = "job.subscribe"
	MethodStatus    = "job.status"
	MethodCancel    = "job.cancel"
	MethodPush      = "client.push"

	MethodManagerRegister  = "manager.register"
	MethodManagerHeartbeat = "manager.heartbeat"
	MethodRelay            = "manager.relay"
	MethodStreamClose      = "stream.close"
	MethodStreamRefused    = "stream.refused"
	MethodNextAttempt      = "attempt.next"
	MethodResult           = "workflow.result"

	MethodDispatch  = "workflow.dispatch"
	MethodOpen      = "attempt.open"
	MethodGateMarks = "gate.marks"
	MethodAdopt     = "job.adopt"
	MethodExtend    = "job.extend"
	MethodJobEnd    = "job.end"

	MethodWorkerRegister  = "worker.register"
	MethodWorkerHeartbeat = "worker.heartbeat"
	MethodReport          = "worker.report"
	MethodAttemptEnded    = "attempt.ended"
	MethodAttemptRefused  = "attempt.refused"

	MethodRun           = "attempt.run"
	MethodStop          = "attempt.stop"
	MethodAttemptExtend = "attempt.extend"
	MethodWorkerMarks   = "worker.marks"
)
