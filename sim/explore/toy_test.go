package explore_test

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// toy is a system of dice: a run throws some, by recorded choices, and fails when all show the same unquiet
// face. It has nothing of a World, as explore must not need one.
type toy struct {
	dice, faces int
	salt        func() int // what is outside the chooser; nil: nothing
}

func (d toy) body(chooser choice.Chooser, keep bool) explore.Outcome {
	recorder := trace.NewRecorder(0)
	if keep {
		recorder = trace.NewRecorder(trace.All)
	}
	lane := trace.NewLane("dice")
	alike, first := true, 0
	for i := range d.dice {
		face := choice.NewStream(choice.Fault, fmt.Sprint("die", i)).Ask(chooser, d.faces, nil)
		if i == 0 {
			first = face
		}
		alike = alike && face == first
		recorder.Add(uint64(i), time.Duration(i), &lane, trace.Note, 0, uint64(face), 0)
		recorder.Describe(fmt.Sprint("face ", face))
	}
	if d.salt != nil {
		salt := d.salt()
		recorder.Add(uint64(d.dice), time.Second, &lane, trace.Note, 0, uint64(salt), 0)
		recorder.Describe(fmt.Sprint("salt ", salt))
	}
	o := explore.Outcome{
		Hash: recorder.Hash(), Steps: uint64(d.dice), Virtual: time.Second, Trace: recorder.Events(),
		Reached:    []explore.Count{{Name: fmt.Sprint("face ", first), Times: 1}},
		Watermarks: []explore.Watermark{{Name: "face", Value: int64(first)}},
		Faults:     []explore.Fault{{Kind: "throw", Injected: uint64(d.dice), Biting: 1}},
	}
	if alike && first != 0 {
		o.Failure = &explore.Failure{
			Key: fmt.Sprint("all show ", first), Invariant: true, Message: "dice agree",
			At: 3 * time.Millisecond,
		}
	}
	return o
}

// rare fails in 5 of 216 schedules.
var rare = explore.Scenario{Name: "toys/dice", Body: toy{dice: 3, faces: 6}.body}

// safe never fails.
var safe = explore.Scenario{Name: "toys/safe", Body: toy{dice: 1, faces: 1}.body}
