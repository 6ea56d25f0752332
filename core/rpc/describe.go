package rpc

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/wire"
)

// Describe says in a few words what a message of a Node is ("request job.submit #3f2a, NORMAL, 61 bytes"),
// for traces and logs that people read. #3f2a is the call's number, shortened: its reply says the same one.
// Of bytes that no Node sends it says only how many there are.
func Describe(m core.Message) string {
	size := fmt.Sprintf("%v, %d bytes", m.Class, len(m.Body))
	var f frame
	if err := wire.Unmarshal(m.Body, &f); err != nil || f.malformed() {
		return size
	}
	call := fmt.Sprintf("#%04x", f.id>>slotBits&0xffff)
	switch f.kind {
	case request:
		return fmt.Sprintf("request %s %s, %s", f.asked, call, size)
	case notification:
		return fmt.Sprintf("notification %s, %s", f.asked, size)
	case reply:
		return "reply " + call + ", " + size
	case refusal:
		return fmt.Sprintf("refusal %s %q, %s", call, f.detail, size)
	default:
		return "cancellation " + call + ", " + size
	}
}
