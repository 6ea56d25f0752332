package register

import (
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/wire"
)

// receive fills the inbox with what other replicas say.
func (s *Server) receive() {
	for {
		from, m, err := s.endpoint.Recv(s.env.Context())
		if err != nil {
			return
		}
		in := input{from: from}
		if err := wire.Unmarshal(m.Body, &in.message); err != nil {
			s.env.Log().Warn("malformed message", "from", from, "cause", err)
			continue
		}
		s.inbox.Put(in)
	}
}

func (s *Server) send(messages []Envelope) {
	for _, m := range messages {
		s.couriers[m.To].Put(m.Message)
	}
}

// startCourier gives a member a task of its own that sends to it, since a Send may wait for a connection to
// who is not there, and nobody else should.
func (s *Server) startCourier(to Member) {
	courier := core.NewMailbox[Message](s.env.NewSignal(), inputs)
	s.couriers[to.Name] = courier
	s.env.Go("to/"+to.Name, func() {
		for {
			m, err := courier.Take(s.env.Context())
			if err != nil {
				return
			}
			body := wire.Marshal(&m)
			// What gets lost is sent again at a tick: what Send says makes no difference.
			_ = s.endpoint.Send(s.env.Context(), to.Address, core.Message{Class: core.High, Body: body})
		}
	})
}
