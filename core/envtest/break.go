package envtest

import (
	"errors"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

func breakChecks() []check {
	return []check{
		{name: "BrokenConnectionLosesATail", needs: []Ability{CanCut}, script: lostTail},
		{name: "StalledConnectionLosesNothing", needs: []Ability{CanStall}, script: stalledKeeps},
		{name: "CrashedPeerBecomesUnreachable", needs: []Ability{CanCrash}, script: crashedPeer},
	}
}

// tailed are the classes that lostTail sends, alternately.
var tailed = [...]core.Class{core.Critical, core.Low}

// lostTail cuts a stream of numbered messages several times. What arrives is in order and never twice; a
// number that was refused definitely, and is sent again, arrives once; each cut, and each indefinite error,
// costs at most one stretch of numbers a class.
func lostTail(k *kit) []Node {
	const each, cuts = 400, 4
	complete := new(moment)
	gaps, indefinite := [core.ClassCount]int{}, 0
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			for n := range each {
				if n%(each/(cuts+1)) == each/(cuts+1)-1 && n < each-1 {
					k.Cut(env, "a", "b")
				}
				for _, class := range tailed {
					indefinite += k.sendOnce(env, e, b, numbered(class, n))
				}
			}
			k.finish(env, e, b, each)
			for _, class := range tailed {
				bound := cuts + indefinite
				k.must(gaps[class] <= bound, "%v has %d gaps after %d breaks", class, gaps[class], bound)
			}
			complete.open()
		},
		func(env core.Env, e core.Endpoint) {
			env.Go("receiver", func() { k.receiveTails(e, each, &gaps) })
			complete.wait(env)
		})
}

// sendOnce sends until the message may have arrived: again only after a definite error.
func (k *kit) sendOnce(env core.Env, e core.Endpoint, to core.Address, m core.Message) (indefinite int) {
	k.Helper()
	for range 10_000 {
		err := e.Send(background(), to, m)
		if err == nil {
			return 0
		}
		if !k.isDefinite(err) {
			return 1
		}
		k.must(errors.Is(err, core.ErrUnreachable) || errors.Is(err, core.ErrQueueFull), "send: %v", err)
		k.mustBe(env.Sleep(background(), time.Millisecond), nil, "sleep between tries")
	}
	k.must(false, "the peer stayed out of reach")
	return 0
}

// finish sends each class's end until it is answered.
func (k *kit) finish(env core.Env, e core.Endpoint, to core.Address, end int) {
	k.Helper()
	for range 1000 {
		for _, class := range tailed {
			k.sendOnce(env, e, to, numbered(class, end))
		}
		ctx, cancel := env.WithTimeout(background(), 100*time.Millisecond)
		_, _, err := e.Recv(ctx)
		cancel()
		if err == nil {
			return
		}
	}
	k.must(false, "the end was never answered")
}

// receiveTails counts the gaps of each class, and answers every end once it has seen the end of all classes.
func (k *kit) receiveTails(e core.Endpoint, end int, gaps *[core.ClassCount]int) {
	var next [core.ClassCount]int
	for {
		from, m, err := e.Recv(background())
		k.mustBe(err, nil, "recv")
		n := k.number(m)
		again := n == end && next[m.Class] > end // the end alone is sent until it is answered
		k.must(n >= next[m.Class] || again, "%v %d came after %d", m.Class, n, next[m.Class]-1)
		if n > next[m.Class] {
			gaps[m.Class]++
		}
		next[m.Class] = n + 1
		complete := true
		for _, class := range tailed {
			complete = complete && next[class] > end
		}
		if complete {
			_ = e.Send(background(), from, core.Message{}) // lost with the connection: the end comes again
		}
	}
}

func stalledKeeps(k *kit) []Node {
	const each = 50
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			for n := range each {
				if n == each/2 {
					k.Stall(env, "a", "b")
				}
				k.mustBe(e.Send(background(), b, numbered(core.Normal, n)), nil, "send")
			}
			k.Release(env, "a", "b")
		},
		func(env core.Env, e core.Endpoint) {
			for n := range each {
				_, m, err := e.Recv(background())
				k.mustBe(err, nil, "recv")
				k.must(k.number(m) == n, "got %d, want %d", k.number(m), n)
			}
		})
}

// crashedPeer: what is sent to a node that has crashed is lost or refused, and in the end refused.
func crashedPeer(k *kit) []Node {
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			k.mustBe(e.Send(background(), b, core.Message{Body: []byte("ping")}), nil, "send")
			_, _, err := e.Recv(background())
			k.mustBe(err, nil, "recv")
			k.Crash(env, "b")
			for range 10_000 {
				ctx, cancel := env.WithTimeout(background(), time.Minute)
				err := e.Send(ctx, "b", core.Message{Body: []byte("ping")})
				cancel()
				if err != nil && k.isDefinite(err) {
					k.mustBe(err, core.ErrUnreachable, "send to a crashed node")
					return
				}
				k.mustBe(env.Sleep(background(), time.Millisecond), nil, "sleep between tries")
			}
			k.must(false, "a crashed node stayed within reach")
		},
		func(env core.Env, e core.Endpoint) {
			k.echo(env, e)
		})
}
