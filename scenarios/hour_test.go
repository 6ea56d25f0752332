package scenarios

import (
	"context"
	"flag"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
)

var wholeHour = flag.Bool("hour", false, "hold an hour of jobs to all invariants, not some minutes")

// aRound is how long a round of an hour is: all that comes in it has gone by its end.
const aRound = time.Minute

// hour is a cluster in which jobs of all kinds come and go, round after round, and nodes and clients with
// them. Every round is the same.
type hour struct {
	rounds int
	after  func(s *Stage, round int) // a round is over
}

func (h hour) scenario() *Scenario {
	return &Scenario{
		ID: "hour", Family: "endurance", Line: "jobs, nodes and clients come and go for an hour",
		Shape: Shape{
			Datacenters: 2, Workers: 3, Clients: 2, Cores: 2, Manager: hasty, Worker: hastyWorker,
			Script: load.Script{Latency: 5 * time.Millisecond, Tail: 30 * time.Millisecond, Failed: 300},
		},
		Body: func(s *Stage) {
			s.Host.Boot("visitor", func(env core.Env) { s.visit(env) })
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					for round := range h.rounds {
						if i == 0 {
							s.disturbedRound(env, c, round)
						} else {
							s.busyRound(env, c, round)
						}
						s.afterwards(env)
						s.sleep(env, time.Duration(round+1)*aRound-s.World.Now())
						if i == 0 && h.after != nil {
							h.after(s, round+1)
						}
					}
				})
			}
		},
	}
}

// disturbedRound plays jobs while workers and a manager die or are asked to stop, and come back, and a
// client that follows a job dies.
func (s *Stage) disturbedRound(env core.Env, c *client.Client, round int) {
	name := "r" + number(round)
	for _, way := range []struct {
		node string
		end  func(*sim.Node)
	}{
		{workerName(0, 0), (*sim.Node).Crash}, {managerName(1), (*sim.Node).Crash},
		{workerName(1, 1), (*sim.Node).Stop}, {"visitor", (*sim.Node).Crash},
	} {
		s.disturbed = s.World.Now() + 10*time.Second
		group := core.NewGroup(env, env.Context())
		group.Go("disturb/"+way.node, func(context.Context) error {
			s.sleep(env, 1500*time.Millisecond)
			way.end(s.World.Node(way.node))
			s.sleep(env, 3*time.Second)
			s.World.Node(way.node).Restart()
			return nil
		})
		s.comeAndGo(env, c, 0,
			s.chain(name+"-chain-"+way.node, 2), s.job(name+"-"+way.node, 30, 4*time.Second))
		_ = group.Wait()
	}
}

// busyRound plays a job whose dependents are skipped, one that is cancelled, and more than fit at once.
func (s *Stage) busyRound(env core.Env, c *client.Client, round int) {
	name := "r" + number(round)
	s.comeAndGo(env, c, 2*time.Second, s.diamond(name+"-cancelled"))
	var specs []protocol.JobSpec
	for n := range 4 {
		spec := s.job(name+"-busy-"+number(n), 20, time.Second)
		spec.Priority, spec.LostWorkers = uint32(n), protocol.LostPolicy(n%3)
		spec.Deadline = 40 * time.Second
		specs = append(specs, spec)
	}
	s.comeAndGo(env, c, 0, specs...)
}

// comeAndGo plays jobs at the same time, cancels them after a while if there is one, and lets go of their
// sessions when they have ended.
func (s *Stage) comeAndGo(
	env core.Env, c *client.Client, cancelAfter time.Duration, specs ...protocol.JobSpec,
) {
	group := core.NewGroup(env, env.Context())
	for _, spec := range specs {
		group.Go("play/"+spec.Name, func(context.Context) error {
			session, err := s.submit(env, c, spec)
			if err != nil {
				s.Run.Errorf("%s: %v", spec.Name, err)
				return nil
			}
			defer session.Close()
			if cancelAfter > 0 {
				s.sleep(env, cancelAfter)
				s.end(env, c, session.Job())
			}
			s.await(env, session, longEnough)
			return nil
		})
	}
	_ = group.Wait()
}

// visit submits a job and stays to see it, if the node does not die before.
func (s *Stage) visit(env core.Env) {
	c, err := s.newClient(env, "visitor")
	if err != nil {
		s.Run.Errorf("visitor: %v", err)
		return
	}
	s.settle(env)
	spec := s.job("visit-"+s.World.Now().String(), 10, 2*time.Second)
	if session, err := s.submit(env, c, spec); err == nil {
		s.awaitAny(env, session)
		session.Close()
	}
	_ = env.Sleep(env.Context(), core.Forever)
}

// An hour of jobs that come and go leaves nothing behind, and keeps all other invariants.
func TestAnHourLeavesNoResidue(t *testing.T) {
	rounds := 6
	if *wholeHour {
		rounds = 60
	}
	outcome := check.Execute(check.Settings{Name: "hour", Chooser: choice.NewSeeded(1)},
		hour{rounds: rounds}.scenario().Play)
	require.Nil(t, outcome.Failure)
	require.GreaterOrEqual(t, outcome.Virtual, time.Duration(rounds)*aRound)
	var reached []string
	for _, c := range outcome.Reached {
		reached = append(reached, c.Name)
	}
	for _, state := range []string{
		"a job was COMPLETED", "a job was CANCELLED", "a job was QUEUED", "a successor was opened",
		"a manager adopted a job", "a node left in order",
	} {
		require.Contains(t, reached, state)
	}
}

// playAlone plays the hour with nobody watching: what invariants keep of a run grows with it.
func (h hour) playAlone(r *check.Run) {
	sc := h.scenario()
	s := newStage(r, sc.Shape, simulated{r.World(sim.Config{})})
	s.World = s.Host.(simulated).world
	s.forget()
	s.boot()
	sc.Body(s)
	_ = s.World.Run()
}

// forget drops what the Stage itself keeps of a run.
func (s *Stage) forget() {
	s.Truth, s.witnesses, s.plans = newTruth(), nil, table[workflowKey, time.Duration]{}
	_ = Invariants(s) // some of them are told by the Stage, and keep that
}

// After an hour no role keeps more than after ten minutes, and the heap has grown by no more than what the
// simulator remembers of every task: its name.
func TestAnHourLeavesMemoryFlat(t *testing.T) {
	prints := map[int]footprint{10: {}, 60: {}} // by round
	alone := hour{rounds: 60, after: func(s *Stage, round int) {
		s.forget()
		if _, looked := prints[round]; looked {
			prints[round] = footprintOf(s)
			t.Logf("after %d minutes: %+v", round, prints[round])
		}
	}}
	outcome := check.Execute(check.Settings{Name: "hour", Chooser: choice.NewSeeded(1)}, alone.playAlone)
	require.Nil(t, outcome.Failure)
	early, late := prints[10], prints[60]
	require.Len(t, early.kept, 12, "every node")
	for node, before := range early.kept {
		require.LessOrEqual(t, late.kept[node], before+mayRemember, "what %s keeps", node)
	}
	require.Less(t, late.heap, early.heap+50*namesOfARound, "bytes in use")
}

const (
	mayRemember = 64 // processes whose names others took: the most that a manager remembers
	// namesOfARound is the bytes of the names of all its tasks. One job that is kept has as many and more.
	namesOfARound = 32 << 10
)

// footprint is what is in memory.
type footprint struct {
	heap uint64         // bytes in use
	kept map[string]int // elements of all that a node's role reaches, by node
}

func footprintOf(s *Stage) footprint {
	f := footprint{kept: map[string]int{}}
	for node, r := range s.roles {
		f.kept[node] = elements(reflect.ValueOf(r), map[unsafe.Pointer]bool{})
	}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	f.heap = memory.HeapAlloc
	return f
}

// elements counts the elements of all maps and slices that a value of the core reaches within the core.
func elements(v reflect.Value, seen map[unsafe.Pointer]bool) (n int) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.UnsafePointer()] {
			return 0
		}
		seen[v.UnsafePointer()] = true
		return elements(v.Elem(), seen)
	case reflect.Interface:
		return elements(v.Elem(), seen)
	case reflect.Struct:
		if !strings.HasPrefix(v.Type().PkgPath(), "github.com/windtunnel/windtunnel/core") {
			return 0
		}
		for i := range v.NumField() {
			n += elements(v.Field(i), seen)
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			n += 1 + elements(entries.Value(), seen)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			n += 1 + elements(v.Index(i), seen)
		}
	}
	return n
}
