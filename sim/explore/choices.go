package explore

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Choices holds the choices of a run that did not get the quiet answer: choice.Choice.Key to answer. As
// JSON it is grouped by stream, so that a file has a line a stream and a diff shows which one moved:
//
//	"pick g1#0/push": "17=3 18=1"
type Choices map[string]int

// MarshalJSON writes streams in order of their names, and a stream's questions in order of their numbers.
func (c Choices) MarshalJSON() ([]byte, error) {
	type question struct {
		n      uint64
		answer int
	}
	streams := map[string][]question{}
	for key, answer := range c {
		stream, number, ok := cutLast(key)
		n, err := strconv.ParseUint(number, 10, 64)
		if !ok || err != nil {
			return nil, fmt.Errorf("choice %q does not end in its number", key)
		}
		streams[stream] = append(streams[stream], question{n, answer})
	}
	lines := make(map[string]string, len(streams))
	for stream, questions := range streams {
		slices.SortFunc(questions, func(a, b question) int {
			if a.n < b.n {
				return -1
			}
			return 1
		})
		var line []byte
		for _, q := range questions {
			if len(line) > 0 {
				line = append(line, ' ')
			}
			line = strconv.AppendUint(line, q.n, 10)
			line = append(line, '=')
			line = strconv.AppendInt(line, int64(q.answer), 10)
		}
		lines[stream] = string(line)
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(lines); err != nil { // a map's keys come out in order
		return nil, err
	}
	return []byte(b.String()), nil
}

// UnmarshalJSON reads what MarshalJSON wrote, and names the stream and the word that it cannot read.
func (c *Choices) UnmarshalJSON(data []byte) error {
	var lines map[string]string
	if err := json.Unmarshal(data, &lines); err != nil {
		return err
	}
	all := Choices{}
	for stream, line := range lines {
		for word := range strings.FieldsSeq(line) {
			number, answer, _ := strings.Cut(word, "=")
			n, err := strconv.ParseUint(number, 10, 64)
			if err != nil {
				return fmt.Errorf("choices[%q]: %q is not number=answer", stream, word)
			}
			value, err := strconv.ParseUint(answer, 10, 32)
			if err != nil {
				return fmt.Errorf("choices[%q]: %q is not number=answer", stream, word)
			}
			key := stream + " " + strconv.FormatUint(n, 10)
			if _, twice := all[key]; twice {
				return fmt.Errorf("choices[%q]: %d is there twice", stream, n)
			}
			all[key] = int(value)
		}
	}
	*c = all
	return nil
}

func cutLast(key string) (stream, number string, ok bool) {
	at := strings.LastIndexByte(key, ' ')
	if at < 0 {
		return "", "", false
	}
	return key[:at], key[at+1:], true
}
