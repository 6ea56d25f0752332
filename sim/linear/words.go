package linear

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// Asked is an operation's input in words.
func Asked(op trace.Operation) string { return strings.TrimSpace(fmt.Sprint(op.Input)) }

// Answered says what an operation came to: "no answer", "refused", or the answer.
func Answered(op trace.Operation) string {
	switch op.Ending {
	case trace.Open:
		return "no answer"
	case trace.Refused:
		return "refused"
	case trace.Void:
		return "no answer, and it did not happen"
	}
	if op.Output == nil {
		return "done"
	}
	return said(op.Output)
}

// said is an output in words; what prints as nothing is quoted.
func said(output any) string {
	text := fmt.Sprint(output)
	if strings.TrimSpace(text) == "" {
		return strconv.Quote(text)
	}
	return text
}

// Told says in a sentence which answer has no place, and what would have been right. The operations that
// contradict it are told apart from it.
func (c *Contradiction) Told(j explore.Judged) string {
	op := j.Operations[c.Operation]
	text := fmt.Sprintf("%s, by client %d, was answered %s", Asked(op), op.Client, Answered(op))
	if op.Ending == trace.Open {
		text = fmt.Sprintf("%s, by client %d, took effect", Asked(op), op.Client)
	} else if op.Output == nil {
		text = fmt.Sprintf("%s, by client %d, was done", Asked(op), op.Client)
	}
	switch {
	case len(c.Right) > 0:
		return text + "; right would have been " + oneOf(c.Right)
	case len(c.States) > 0:
		return text + "; the state can only have been " + oneOf(c.States)
	}
	return text
}

func oneOf(texts []string) string {
	last := len(texts) - 1
	if last == 0 {
		return texts[0]
	}
	return strings.Join(texts[:last], ", ") + " or " + texts[last]
}
