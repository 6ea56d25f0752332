package protocol

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/wire"
)

// messages is one of each message that travels by itself, empty.
func messages() []wire.Message {
	return []wire.Message{
		&Submit{}, &Submitted{}, &Subscribe{}, &Subscribed{}, &StatusRequest{}, &JobStatus{},
		&Push{}, &PushBatch{}, &PushTaken{}, &WorkflowResult{}, &JobResult{},
		&ManagerHello{}, &GateHello{}, &ManagerHeartbeat{}, &WorkerHello{}, &WorkerHeartbeat{},
		&ManagerReply{},
		&Dispatch{}, &Split{}, &Open{}, &Run{}, &Stop{}, &JobEnd{}, &Taken{},
		&Adopt{}, &Extend{}, &NextAttempt{}, &NextOpened{}, &Cancel{}, &Cancelling{}, &Running{},
		&Report{}, &Relay{}, &Marks{}, &Ended{}, &Refused{}, &CloseStream{}, &StreamClosed{}, &Result{},
	}
}

// fill gives every field of a message a value of its own that is not zero.
func fill(v reflect.Value, next *uint64) {
	*next++
	switch x := v.Addr().Interface().(type) {
	case *stats.Sketch:
		x.Add(time.Duration(*next) * time.Millisecond)
		return
	case *time.Duration:
		*x = time.Duration(*next) * time.Second
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), next)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), next)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), next)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), next)
		}
	case reflect.String:
		v.SetString("text" + string(rune('a'+*next%26)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(*next) / 1024)
	case reflect.Int64:
		v.SetInt(-int64(*next))
	case reflect.Uint8:
		v.SetUint(1 + *next%3)
	default:
		v.SetUint(*next)
	}
}

// A field that Fields forgets would be lost, and found here: every field has a value.
func TestEveryFieldOfEveryMessageSurvivesTheWire(t *testing.T) {
	for _, m := range messages() {
		kind := reflect.TypeOf(m).Elem()
		t.Run(kind.Name(), func(t *testing.T) {
			next := uint64(0)
			fill(reflect.ValueOf(m).Elem(), &next)
			encoded := wire.Marshal(m)
			back := reflect.New(kind).Interface().(wire.Message)
			require.NoError(t, wire.Unmarshal(encoded, back))
			require.Equal(t, m, back)
			require.Equal(t, encoded, wire.Marshal(back), "there is one encoding of a message")
		})
	}
}

func TestAnEmptyMessageIsNoBytes(t *testing.T) {
	for _, m := range messages() {
		encoded := wire.Marshal(m)
		back := reflect.New(reflect.TypeOf(m).Elem()).Interface().(wire.Message)
		require.NoError(t, wire.Unmarshal(nil, back), "%T", m)
		require.Equal(t, encoded, wire.Marshal(back), "%T", m)
	}
}

func TestStatesHaveNamesAndTheLastFiveAreEnds(t *testing.T) {
	ends := 0
	names := map[string]bool{}
	for s := JobUnknown; s <= JobPartial; s++ {
		names[s.String()] = true
		require.Equal(t, s != JobUnknown, s.Known(), "%v", s)
		if s.Terminal() && s.Known() {
			ends++
		}
	}
	require.Len(t, names, int(JobPartial)+1)
	require.Equal(t, 5, ends)
	require.False(t, (JobPartial + 1).Known(), "a peer's own state is not one of ours")
	require.Equal(t, "?", (JobPartial + 1).String())
	for e := EndUnknown; e <= EndCancelled; e++ {
		require.NotEqual(t, "?", e.String())
		require.False(t, names["END "+e.String()])
		names["END "+e.String()] = true
	}
	require.Equal(t, "?", (EndCancelled + 1).String())
	ends = 0
	for s := WorkflowUnknown; s <= WorkflowPartial; s++ {
		require.NotEqual(t, "?", s.String())
		if s.Ended() {
			ends++
		}
	}
	require.Equal(t, 5, ends)
	require.Equal(t, "?", (WorkflowPartial + 1).String())
	require.Equal(t, "?", (LostFail + 1).String())
	require.False(t, (LostFail + 1).Known())
}
