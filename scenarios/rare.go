package scenarios

// RareBranches lists the points of core at which a run may take the rare branch, by name: each a legal size,
// time or order under which everything must hold. Between them the scenarios must take every one.
func RareBranches() []string {
	return []string{
		"client/impatient",
		"client/short-queue",
		"gate/eager-pushes",
		"gate/early-windows",
		"gate/few-windows",
		"gate/one-push-a-call",
		"gate/one-window-a-push",
		"gate/short-job-queue",
		"gate/short-push-log",
		"gate/short-push-timeout",
		"manager/late-relays",
		"manager/one-report-a-relay",
		"manager/relays-at-once",
		"manager/short-command-queue",
		"manager/short-heartbeat",
		"manager/small-relay-buffer",
		"manager/withholds-hints",
		"retry/at-once",
		"retry/short-first-timeout",
		"rpc/few-calls-in",
		"rpc/few-calls-out",
		"rpc/withholds-cancellations",
		"worker/early-entries",
		"worker/early-resend",
		"worker/few-entries-kept",
		"worker/one-entry-a-report",
		"worker/short-command-queue",
		"worker/short-heartbeat",
	}
}
