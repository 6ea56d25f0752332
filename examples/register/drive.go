package register

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// tickEvery is the time between two ticks, and inputs how many of them may wait: a message more is dropped,
// as the network may drop it, and an operation more is refused.
const (
	tickEvery = 50 * time.Millisecond
	inputs    = 256
)

// Disk keeps a replica's state.
type Disk interface {
	// Load returns what was saved last, or a zero State.
	Load() (State, error)
	// Save returns when the state is kept whatever happens. A crash meanwhile may keep this state or the one
	// before, and nothing else.
	Save(ctx context.Context, state State) error
}

// Member is a replica and where the others find it. Its name is the name of its node.
type Member struct {
	Name    string
	Address core.Address
}

// Server runs a Replica: its one task hands the replica what happens, and does what the replica says.
type Server struct {
	env      core.Env
	replica  *Replica
	disk     Disk
	endpoint core.Endpoint
	bell     core.Signal
	inbox    *core.Mailbox[input]
	couriers map[string]*core.Mailbox[Message]
	asked    map[uint64]*request // by the operation's number
}

// input is one thing that happened: a message came, or a client asks for something.
type input struct {
	from    core.Address
	message Message
	request *request
}

// request is an operation as its client sees it.
type request struct {
	reads  bool
	value  string
	answer Answer // once done is open
	done   *core.Latch
}

// NewServer boots the replica that has the node's name, and speaks to the others through the endpoint.
func NewServer(
	env core.Env, name string, members []Member, endpoint core.Endpoint, disk Disk,
) (*Server, error) {
	state, err := disk.Load()
	if err != nil {
		return nil, fmt.Errorf("%s: load: %w", name, err)
	}
	bell := env.NewSignal()
	s := &Server{
		env: env, disk: disk, endpoint: endpoint, bell: bell, inbox: core.NewMailbox[input](bell, inputs),
		couriers: map[string]*core.Mailbox[Message]{}, asked: map[uint64]*request{},
	}
	var names []string
	for _, member := range members {
		names = append(names, member.Name)
		s.startCourier(member)
	}
	s.replica = NewReplica(name, names, state)
	env.Go("receive", s.receive)
	return s, nil
}

// Run drives the replica until ctx ends or the disk fails, and returns why.
func (s *Server) Run(ctx context.Context) error {
	for due := s.env.Now().Add(tickEvery); ; {
		if err := s.perform(ctx, s.replica.Ready()); err != nil {
			return err
		}
		s.replica.Advance()
		err := s.bell.Wait(ctx, due.Sub(s.env.Now()))
		if err != nil && !errors.Is(err, core.ErrElapsed) {
			return err
		}
		if now := s.env.Now(); now >= due {
			s.replica.Tick()
			due = now.Add(tickEvery)
		}
		for in, ok := s.inbox.TryTake(); ok; in, ok = s.inbox.TryTake() {
			s.take(in) // all that is there: one Save then serves them all
		}
	}
}

// perform does what the replica says, in the order that everything hangs on.
func (s *Server) perform(ctx context.Context, ready Ready) error {
	if ready.Persist != nil {
		if err := s.disk.Save(ctx, *ready.Persist); err != nil {
			return fmt.Errorf("save: %w", err)
		}
	}
	s.send(ready.Messages)
	for _, answer := range ready.Answers {
		request := s.asked[answer.Operation]
		delete(s.asked, answer.Operation)
		request.answer = answer
		request.done.Open()
	}
	return nil
}

func (s *Server) take(in input) {
	switch {
	case in.request == nil:
		s.replica.Step(string(in.from), in.message)
	case in.request.reads:
		s.asked[s.replica.Read()] = in.request
	default:
		s.asked[s.replica.Write(in.request.value)] = in.request
	}
}
