package trace

import (
	"time"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Lane is who an event happens to, hashed once.
type Lane struct {
	name string
	id   uint64
}

// NewLane returns the lane of this name.
func NewLane(name string) Lane { return Lane{name: name, id: choice.HashString(0, name)} }

// Name is the lane's name.
func (l Lane) Name() string { return l.name }

// All makes a Recorder keep every event.
const All = -1

// Recorder hashes every event of one run, and keeps those that it was told to. It is not safe for concurrent
// use.
type Recorder struct {
	hash   uint64
	count  uint64
	keep   int // All, or how many of the last events
	events []Event
	oldest int     // where the ring begins, once it is full
	causes []cause // of the newest events, by ID modulo its length; empty unless asked for
	orders *Orders // nil unless asked for

	choices []Choice
	chosen  map[string]int // key to place in choices
}

// NewRecorder returns a recorder that keeps the last keep events: none with 0, every one with All.
func NewRecorder(keep int) *Recorder { return &Recorder{keep: keep} }

// Keeping tells whether events are kept: only then is it worth making text for them.
func (r *Recorder) Keeping() bool { return r.keep != 0 }

// Hash is the hash of every event so far.
func (r *Recorder) Hash() uint64 { return r.hash }

// Count is how many events there were. It is also the ID of the last.
func (r *Recorder) Count() uint64 { return r.count }

// Add hashes an event and returns its ID. x and y are numbers that belong to it, in the hash only.
func (r *Recorder) Add(step uint64, at time.Duration, lane *Lane, kind Kind, cause, x, y uint64) uint64 {
	r.count++
	if r.causes != nil {
		r.remember(cause, lane)
	}
	if r.orders != nil {
		r.orders.saw(lane, kind, x)
	}
	h := choice.Mix(r.hash^uint64(at), lane.id^uint64(kind)<<56)
	r.hash = choice.Mix(h^cause, step+x*0x9e3779b97f4a7c15+y*0xd6e8feb86659fd93)
	if r.keep != 0 {
		r.push(Event{
			ID: r.count, Step: step, At: at, Lane: lane.name, Kind: kind, Cause: cause, Hash: r.hash,
		})
	}
	return r.count
}

// AddBytes makes bytes part of the last event. They are in the hash only.
func (r *Recorder) AddBytes(b []byte) {
	r.hash = hashBytes(r.hash, b)
	if last := r.last(); last != nil {
		last.Hash = r.hash
	}
}

// Cover has the recorder show every event from now on to o. It changes no hash. Events of two recorders that
// show theirs to one Orders, one after the other, are not paired.
func (r *Recorder) Cover(o *Orders) {
	o.begin()
	r.orders = o
}

// Covering tells whether events are shown to an Orders: only then is it worth finding out what they are.
func (r *Recorder) Covering() bool { return r.orders != nil }

// Is says, for Orders, what the last event is: the type of a fact, whom a message is from. Of text, which
// says more, words count that are all in capitals.
func (r *Recorder) Is(what string, text []byte) {
	if r.orders != nil {
		r.orders.is(what, text)
	}
}

// Describe gives the last event its text. Text is not hashed.
func (r *Recorder) Describe(text string) {
	if last := r.last(); last != nil {
		last.Text = text
	}
}

// Stand gives the last event its stack.
func (r *Recorder) Stand(stack []uintptr) {
	if last := r.last(); last != nil {
		last.Stack = stack
	}
}

// Log keeps a line in its place.
func (r *Recorder) Log(step uint64, at time.Duration, lane *Lane, cause uint64, text string) {
	if r.keep != 0 {
		r.push(Event{Step: step, At: at, Lane: lane.name, Kind: Log, Cause: cause, Text: text, Hash: r.hash})
	}
}

// Events returns the kept events, oldest first.
func (r *Recorder) Events() []Event {
	ordered := make([]Event, 0, len(r.events))
	ordered = append(ordered, r.events[r.oldest:]...)
	return append(ordered, r.events[:r.oldest]...)
}

func (r *Recorder) push(e Event) {
	if r.keep == All || len(r.events) < r.keep {
		r.events = append(r.events, e)
		return
	}
	r.events[r.oldest] = e
	r.oldest = (r.oldest + 1) % r.keep
}

func (r *Recorder) last() *Event {
	if len(r.events) == 0 {
		return nil
	}
	if r.oldest == 0 {
		return &r.events[len(r.events)-1]
	}
	return &r.events[r.oldest-1]
}
