package register_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/examples/register"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/check/model"
)

// hand drives replicas without a World: rapid decides which message arrives, again or never, who crashes
// before or after its state is on disk, and when time passes.
type hand struct {
	names    []string
	replicas map[string]*register.Replica
	disks    map[string]register.State
	flying   []flight
	history  *check.History
	asked    map[string]map[uint64]*check.Operation // by replica and number
	clients  int
}

// mostAsked bounds the operations of a history: what is open when its replica crashes may have happened or
// not, and each of those doubles what a checker has to try.
const mostAsked = 10

type flight struct {
	from string
	register.Envelope
}

func (h *hand) boot(name string) {
	h.replicas[name] = register.NewReplica(name, h.names, h.disks[name])
	h.asked[name] = map[uint64]*check.Operation{} // nobody is told how those of the earlier life end
	h.perform(name)
}

// perform does what a driver must do, in its order.
func (h *hand) perform(name string) {
	ready := h.replicas[name].Ready()
	if ready.Persist != nil {
		h.disks[name] = *ready.Persist
	}
	for _, envelope := range ready.Messages {
		h.flying = append(h.flying, flight{name, envelope})
	}
	for _, answer := range ready.Answers {
		h.end(h.asked[name][answer.Operation], answer)
	}
	h.replicas[name].Advance()
}

func (h *hand) end(operation *check.Operation, answer register.Answer) {
	_, reads := operation.Input.(model.Read)
	switch {
	case answer.Outcome == register.Refused:
		operation.Refuse()
	case answer.Outcome == register.Done && reads:
		operation.Return(answer.Value)
	case answer.Outcome == register.Done:
		operation.Return(nil)
	}
}

func (h *hand) tick(name string) {
	h.replicas[name].Tick()
	h.perform(name)
}

// ask has a replica start an operation, which is not yet performed.
func (h *hand) ask(name string, reads bool) {
	replica, client := h.replicas[name], h.clients
	h.clients++
	if reads {
		h.asked[name][replica.Read()] = h.history.Call(client, model.Read{})
		return
	}
	value := strconv.Itoa(client)
	h.asked[name][replica.Write(value)] = h.history.Call(client, model.Write[string]{Value: value})
}

// deliver has some of the messages arrive. They may be old ones, and may arrive again later.
func (h *hand) deliver(rt *rapid.T) {
	for range rapid.IntRange(1, 12).Draw(rt, "messages") {
		if len(h.flying) == 0 {
			return
		}
		i := rapid.IntRange(0, len(h.flying)-1).Draw(rt, "message")
		m := h.flying[i]
		if rapid.IntRange(0, 7).Draw(rt, "again") < 7 {
			h.flying = slices.Delete(h.flying, i, i+1)
		}
		h.replicas[m.To].Step(m.from, m.Message)
		h.perform(m.To)
	}
}

func TestReplicasAgreeWhateverAHandDoesToThem(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := &hand{
			names: []string{"a", "b", "c"}, replicas: map[string]*register.Replica{},
			disks: map[string]register.State{}, history: check.NewHistory(nil),
			asked: map[string]map[uint64]*check.Operation{},
		}
		for _, name := range h.names {
			h.boot(name)
		}
		someone := rapid.SampledFrom(h.names)
		operation := func(rt *rapid.T) string {
			name := someone.Draw(rt, "replica")
			if h.clients < mostAsked {
				h.ask(name, rapid.Bool().Draw(rt, "reads"))
			}
			return name
		}
		rt.Repeat(map[string]func(*rapid.T){
			"operation":       func(rt *rapid.T) { h.perform(operation(rt)) },
			"crash before it": func(rt *rapid.T) { h.boot(operation(rt)) },
			"crash":           func(rt *rapid.T) { h.boot(someone.Draw(rt, "replica")) },
			"tick":            func(rt *rapid.T) { h.tick(someone.Draw(rt, "replica")) },
			"deliver":         h.deliver,
			"deliver more":    h.deliver,
		})
		require.Equal(rt, check.Ok, check.Linearizable(model.Register(""), h.history, time.Minute))
	})
}

// A message may be on its way for longer than a replica lives. What it answers was asked by another life.
func TestAnswerToAnEarlierLifeDoesNotCount(t *testing.T) {
	members := []string{"a", "b", "c"}
	first := register.NewReplica("a", members, register.State{})
	kept := *first.Ready().Persist
	first.Advance()
	first.Read()
	late := first.Ready().Messages[0].Message.Round

	second := register.NewReplica("a", members, kept)
	second.Advance()
	second.Read()
	asked := second.Ready().Messages[0].Message.Round
	second.Advance()
	second.Step("b", register.Message{Kind: register.Have, Round: late})
	require.Empty(t, second.Ready().Messages, "a majority of answers, one of which is none")
	second.Step("c", register.Message{Kind: register.Have, Round: asked})
	require.Equal(t, register.Store, second.Ready().Messages[0].Message.Kind)
}

// A network may bring an answer twice. It is one replica's all the same.
func TestAnswerThatComesTwiceCountsOnce(t *testing.T) {
	reader := register.NewReplica("a", []string{"a", "b", "c", "d", "e"}, register.State{})
	reader.Advance()
	reader.Read()
	asked := reader.Ready().Messages[0].Message.Round
	reader.Advance()
	answer := register.Message{Kind: register.Have, Round: asked}
	reader.Step("b", answer)
	reader.Step("b", answer)
	require.Empty(t, reader.Ready().Messages, "two of five are no majority")
	reader.Step("c", answer)
	require.Equal(t, register.Store, reader.Ready().Messages[0].Message.Kind)
}
