package register

import "slices"

// Replica is the protocol and nothing else: it is told what happened, and says what is to be done. It knows
// no clock, network or disk, starts nothing and waits for nothing, and the same calls have the same results.
// One task uses it.
type Replica struct {
	name    string
	members []string // all replicas, this one too
	state   State
	rounds  uint64 // of this life
	open    []*operation
	ready   Ready
}

// Ready is what is to be done, in this order.
type Ready struct {
	Persist  *State     // to be on disk before anything else is done; nil: it is there already
	Messages []Envelope // any of them may get lost
	Answers  []Answer
}

// Envelope is a message and the replica that it is for.
type Envelope struct {
	To      string
	Message Message
}

// Answer says how an operation ended.
type Answer struct {
	Operation uint64
	Outcome   Outcome
	Value     string // that was read, or written
}

// Outcome is what is known of an operation that has ended.
type Outcome uint8

// The outcomes.
const (
	Done    Outcome = iota
	Refused         // it certainly had no effect
	Unknown         // it may have had its effect, or may yet
)

// NewReplica returns the replica that has this state, which is zero when it is started for the first time.
func NewReplica(name string, members []string, state State) *Replica {
	r := &Replica{name: name, members: members, state: state}
	r.state.Life++
	r.changed()
	return r
}

// Read starts to read, and returns the operation's number.
func (r *Replica) Read() uint64 { return r.start(&operation{reads: true}) }

// Write starts to write, and returns the operation's number.
func (r *Replica) Write(value string) uint64 { return r.start(&operation{value: value}) }

// Step takes a message of another replica. It may come late, twice, or from a stranger.
func (r *Replica) Step(from string, m Message) {
	if from == r.name || !slices.Contains(r.members, from) {
		return
	}
	switch m.Kind {
	case Query:
		r.send(from, Message{Kind: Have, Round: m.Round, Version: r.state.Version})
	case Store:
		r.keep(m.Version)
		r.send(from, Message{Kind: Stored, Round: m.Round})
	case Have, Stored:
		r.count(from, m)
	}
}

// Tick tells that some time has passed: who has not answered is asked again, and what has been asked for too
// long is given up.
func (r *Replica) Tick() {
	for _, op := range slices.Clone(r.open) {
		if op.ticks++; op.ticks >= patience {
			r.giveUp(op)
		} else {
			r.ask(op)
		}
	}
}

// Ready returns what is to be done now. All of it must be done before Advance, and nothing else told
// meanwhile.
func (r *Replica) Ready() Ready { return r.ready }

// Advance tells that all of Ready has been done.
func (r *Replica) Advance() { r.ready = Ready{} }

// keep takes a version unless there is a newer one.
func (r *Replica) keep(v Version) {
	if r.state.Version.Before(v) {
		r.state.Version = v
		r.changed()
	}
}

func (r *Replica) changed() {
	state := r.state
	r.ready.Persist = &state
}

func (r *Replica) send(to string, m Message) {
	r.ready.Messages = append(r.ready.Messages, Envelope{to, m})
}
