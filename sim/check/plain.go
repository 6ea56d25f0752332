package check

import "strings"

// plain takes what testify says about itself out of a message: where the assertion stands is the failure's
// key, and the test's name is known. What is left is what was expected and seen. Any other message stays as
// it is.
func plain(message string) string {
	if !strings.Contains(message, "\tError Trace:\t") {
		return message
	}
	var kept []string
	wanted := false
	for line := range strings.SplitSeq(strings.Trim(message, "\n"), "\n") {
		// "\tLabel:   \ttext" begins a part, "\t         \ttext" goes on with it.
		label, text, ok := strings.Cut(strings.TrimPrefix(line, "\t"), "\t")
		if !ok {
			continue
		}
		if label = strings.TrimSpace(label); label != "" {
			wanted = label == "Error:" || label == "Messages:"
		}
		if wanted {
			kept = append(kept, strings.TrimRight(text, " \t"))
		}
	}
	return strings.Join(kept, "\n")
}
