package sim

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// everything uses all of the kernel at once: locks, signals, contexts, messages, clocks, crashes and pauses.
func everything(config Config, extra func(env core.Env)) *World {
	w := NewWorld(config)
	server := w.AddNode("server", serve)
	client := w.AddNode("client", func(core.Env) {})
	w.Every(50, func() { _ = server.Up() })
	w.After(200*ms, "trouble", func() {
		switch w.Choose(choice.Fault, "trouble", 4) {
		case 1:
			server.Restart()
		case 2:
			server.Pause()
			w.After(time.Second, "resume", server.Resume)
		case 3:
			server.DriftSteady(10_000)
			server.JumpWall(-time.Hour)
		}
	})
	for i := range 3 {
		w.Workload(client, fmt.Sprintf("caller/%d", i), func(env core.Env) {
			call(env)
			extra(env)
		})
	}
	w.Run()
	return w
}

func serve(env core.Env) {
	endpoint, err := env.Listen("tcp", "server:1")
	if err != nil {
		panic(err)
	}
	lock, served := env.NewLocker(), 0
	for {
		from, m, err := endpoint.Recv(env.Context())
		if err != nil {
			return
		}
		env.Go("answer", func() {
			lock.Lock()
			defer lock.Unlock()
			served++
			_ = env.Sleep(env.Context(), time.Duration(env.Rand().IntN(int(5*ms))))
			body := fmt.Appendf(nil, "%s is %d at %v", m.Body, served, env.Wall().UnixNano())
			_ = endpoint.Send(env.Context(), from, core.Message{Body: body})
		})
	}
}

func call(env core.Env) {
	endpoint, err := env.Listen("tcp", "client:0")
	if err != nil {
		panic(err)
	}
	defer endpoint.Close()
	for i := range 20 {
		ctx, cancel := env.WithTimeout(context.WithValue(env.Context(), fact("call"), i), 50*ms)
		body := strconv.AppendInt(nil, int64(i), 10)
		if err := endpoint.Send(ctx, "server:1", core.Message{Body: body}); err != nil {
			env.Note(fact(err.Error()))
		}
		_, m, err := endpoint.Recv(ctx)
		env.Note(fact(fmt.Sprintf("%s %v", m.Body, err)))
		cancel()
		_ = env.Sleep(env.Context(), 10*ms)
	}
}

func nothing(core.Env) {}

func TestOneSeedIsOneTrace(t *testing.T) {
	hashes := make(map[uint64]uint64)
	seeds(t, 50, func(seed uint64) {
		plain := everything(Config{Chooser: choice.NewSeeded(seed)}, nothing)
		require.Nil(t, plain.Failure(), "seed %d", seed)
		kept := everything(Config{Chooser: choice.NewSeeded(seed), Keep: trace.All}, nothing)
		require.Equal(t, plain.Hash(), kept.Hash(), "keeping the trace changes nothing")

		recorder := choice.NewRecorder(choice.NewSeeded(seed))
		recorded := everything(Config{Chooser: recorder}, nothing)
		require.Equal(t, plain.Hash(), recorded.Hash(), "recording changes nothing")
		replayer := choice.NewReplayer(recorder.Answers(), nil)
		replayed := everything(Config{Chooser: replayer}, nothing)
		require.Equal(t, plain.Hash(), replayed.Hash(), "a replay is the run")
		require.Empty(t, replayer.NeverAsked())
		require.Empty(t, replayer.OutOfRange())
		hashes[plain.Hash()] = seed
	})
	require.Len(t, hashes, 50, "other seeds are other runs")
}

func TestPlantedNondeterminismIsNamedByItsFirstEvent(t *testing.T) {
	runs := 0 // outlives a run, as a package variable would
	run := func() []trace.Event {
		runs++
		return everything(Config{Keep: trace.All}, func(env core.Env) {
			env.Note(fact(fmt.Sprint("run ", runs)))
		}).Trace()
	}
	a, b := run(), run()
	i, differ := trace.FirstDifference(a, b)
	require.True(t, differ)
	require.Equal(t, "run 1", a[i].Text)
	require.Equal(t, "run 2", b[i].Text)
	require.Equal(t, a[:i], b[:i])
}

// hashesVariable makes TestTwinProcess print its hashes instead of comparing them.
const hashesVariable = "SIM_TEST_PRINT_HASHES"

func TestTwinProcessWithOtherSettingsHasTheSameTraces(t *testing.T) {
	var own strings.Builder
	for seed := range uint64(20) {
		fmt.Fprintf(&own, "trace %x\n", everything(Config{Chooser: choice.NewSeeded(seed)}, nothing).Hash())
	}
	if os.Getenv(hashesVariable) != "" {
		fmt.Print(own.String())
		return
	}
	for _, settings := range [][]string{{"GOMAXPROCS=1", "GOGC=5"}, {"GOMAXPROCS=7", "GOGC=off"}} {
		twin := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
		twin.Env = append(append(os.Environ(), settings...), hashesVariable+"=1")
		out, err := twin.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), own.String(), "%v", settings)
	}
}
