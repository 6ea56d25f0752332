package choice

import "strconv"

// Kind says what sort of question a Choice is, so that a strategy can name the ones that it decides.
type Kind uint8

// The kinds.
const (
	Pick   Kind = iota // which of several ready tasks goes first: the answer is a rank, the lowest runs
	Stall              // by how much a task runs late: a slow processor
	Delay              // how long something outside a task takes: a message, a write
	Fault              // whether, where and for how long something breaks
	Config             // a size or setting drawn once a run
	Seed               // the start of a random sequence that is not itself recorded
	KindCount
)

var kindNames = [KindCount]string{"pick", "stall", "delay", "fault", "config", "seed"}

func (k Kind) String() string {
	if k < KindCount {
		return kindNames[k]
	}
	return "kind" + strconv.Itoa(int(k))
}

// Choice is one question.
type Choice struct {
	Kind         Kind
	Stream       *Stream
	N            uint64   // the question's number in its stream, from 0
	Alternatives int      // the answer is in [0, Alternatives); at least 1, below 1<<32
	Weights      []uint32 // the alternatives' relative weights, their sum below 1<<32; nil: all alike
}

// Chooser answers questions. One run asks one Chooser, from one goroutine at a time.
type Chooser interface {
	// Choose returns an answer in [0, c.Alternatives). 0 is the quiet answer.
	Choose(c Choice) int
}

// Key names the question across runs: "pick g1#0/push 17".
func (c Choice) Key() string { return string(c.AppendKey(make([]byte, 0, len(c.Stream.label)+16))) }

// AppendKey appends the question's key.
func (c Choice) AppendKey(b []byte) []byte {
	b = append(b, c.Kind.String()...)
	b = append(b, ' ')
	b = append(b, c.Stream.label...)
	b = append(b, ' ')
	return strconv.AppendUint(b, c.N, 10)
}

// Follower is a Chooser that follows the run that it chooses for. Whoever runs it says so at the end of every
// step, between the questions of one step and those of the next.
type Follower interface {
	Chooser
	StepDone()
}
