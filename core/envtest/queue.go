package envtest

import (
	"github.com/windtunnel/windtunnel/core"
)

func queueChecks() []check {
	return []check{
		{name: "FullQueueIsADefiniteError", script: fullQueue},
		{name: "CriticalDoesNotStandBehindBulk", script: criticalFirst},
	}
}

const (
	bulkSize  = 4 << 10
	bulkTries = 1 << 15 // far more than any queue in a test holds
)

// fill sends Low messages to one who takes none until the queue refuses, and returns how many went in.
func (k *kit) fill(e core.Endpoint, to core.Address) int {
	k.Helper()
	body := make([]byte, bulkSize)
	for n := range bulkTries {
		if err := e.Send(background(), to, core.Message{Class: core.Low, Body: body}); err != nil {
			k.mustRefuse(err, core.ErrQueueFull, "send to a full queue")
			k.must(n > 0, "an empty queue is full")
			return n
		}
	}
	k.must(false, "%d messages of %d bytes went to one who takes none", bulkTries, bulkSize)
	return 0
}

// fullQueue: what the queue took arrives, what it refused does not.
func fullQueue(k *kit) []Node {
	filled := new(moment)
	var queued int
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			queued = k.fill(e, b)
			filled.open()
			_, m, err := e.Recv(background())
			k.mustBe(err, nil, "recv")
			k.must(string(m.Body) == "empty", "got %q", m.Body)
			k.mustBe(e.Send(background(), b, core.Message{Class: core.Low, Body: []byte("last")}), nil,
				"send to a queue that was emptied")
		},
		func(env core.Env, e core.Endpoint) {
			filled.wait(env)
			for n := range queued {
				from, m, err := e.Recv(background())
				k.mustBe(err, nil, "recv")
				k.must(len(m.Body) == bulkSize, "message %d of %d has %d bytes", n, queued, len(m.Body))
				if n == queued-1 {
					k.mustBe(e.Send(background(), from, core.Message{Body: []byte("empty")}), nil, "send")
				}
			}
			_, m, err := e.Recv(background())
			k.mustBe(err, nil, "recv")
			k.must(string(m.Body) == "last", "a refused message of %d bytes arrived", len(m.Body))
		})
}

// criticalFirst: with everything full of Low messages, a Critical one overtakes those that are still under
// way.
func criticalFirst(k *kit) []Node {
	filled := new(moment)
	var queued int
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			queued = k.fill(e, b)
			k.mustBe(e.Send(background(), b, core.Message{Class: core.Critical}), nil, "critical send")
			filled.open()
		},
		func(env core.Env, e core.Endpoint) {
			filled.wait(env)
			for behind := 0; ; behind++ {
				_, m, err := e.Recv(background())
				k.mustBe(err, nil, "recv")
				if m.Class == core.Critical {
					return
				}
				k.must(behind < queued-1, "the critical message stood behind all %d bulk ones", queued)
			}
		})
}
