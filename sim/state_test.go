package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

func TestStateTellsTasksClocksAndWhatIsOnItsWay(t *testing.T) {
	w := NewWorld(Config{Chooser: choice.NewReplayer(nil, nil), Keep: trace.All})
	server := w.AddNode("server", func(env core.Env) {
		e := listen(t, env, "tcp", ":7000")
		mu := env.NewLocker()
		env.Go("holder", func() {
			mu.Lock()
			defer mu.Unlock()
			_ = env.Sleep(env.Context(), time.Hour)
		})
		env.Go("locked", mu.Lock)
		_ = drain(env, e)
	})
	client := w.AddNode("client", func(core.Env) {})
	w.AddNode("gone", func(core.Env) {}).Crash()
	w.Workload(client, "talk", func(env core.Env) {
		e := listen(t, env, "tcp", ":7000")
		_ = e.Send(env.Context(), "server:7000", core.Message{Body: []byte("hello")})
		_ = env.Sleep(env.Context(), time.Minute)
	})
	server.SkewWall(time.Second)
	client.DriftSteady(500)
	w.After(time.Second, "hold", func() { w.Hold(Link{"server", "client"}) })
	at := map[string]string{}
	w.Every(1, func() {
		if strings.HasSuffix(w.TraceSince(int(w.Events() - 1))[0].Text, "5 bytes") && at["sent"] == "" {
			at["sent"] = w.State()
		}
		if w.Now() == time.Second {
			at["held"] = w.State()
		}
	})
	mustRun(t, w)
	require.Contains(t, at["sent"], "client → server: 1 on their way\n  CRITICAL, 5 bytes, arrives at +")
	for _, line := range []string{
		"+1s, ", "server: incarnation 0, steady clock 1s, wall clock 00:00:02.000000 (off by 1s)\n",
		"client: incarnation 0, steady clock 1.0005s (fast by 500 ppm), wall clock 00:00:01.000000\n",
		"gone is down\n", "  server/boot waits to receive", "  server/holder sleeps, goes on at +1h0m0s\n",
		"  server/locked waits for a lock that server/holder holds\n", "  client/talk sleeps, goes on at +",
		"server → client: held, 0 on their way\n",
	} {
		require.Contains(t, at["held"], line)
	}
}
