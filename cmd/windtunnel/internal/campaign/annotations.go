package campaign

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// position is what the key of an assertion or panic is: file:line, relative to its module.
var position = regexp.MustCompile(`^(.+\.go):(\d+)$`)

// Annotations writes a workflow command for every failure, which GitHub shows beside the code where its key
// is a position. An invariant has none: its name says what broke, not where.
func Annotations(out io.Writer, r Result) {
	for _, s := range r.Scenarios {
		if s.Diverged != nil {
			annotate(out, "", s.Scenario+": not deterministic", s.Diverged.Error())
		}
		for _, f := range s.Failures {
			where := ""
			if at := position.FindStringSubmatch(f.Cause.Key); at != nil && !f.Cause.Invariant {
				where = fmt.Sprintf("file=%s,line=%s,", inProperty.Replace(at[1]), at[2])
			}
			text := f.Cause.Message
			if f.File != "" {
				text += "\nreplay: windtunnel replay " + f.File
			}
			annotate(out, where, s.Scenario+": "+f.Cause.Key, text)
		}
	}
}

// What GitHub asks to be escaped in a message, and in a property's value.
var (
	inMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	inProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func annotate(out io.Writer, where, title, text string) {
	fmt.Fprintf(out, "::error %stitle=%s::%s\n", where, inProperty.Replace(title), inMessage.Replace(text))
}
