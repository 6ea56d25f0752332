package trace

import (
	"strings"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// This file says which names and texts are alike. What it takes for a number or an identity is left out: it
// is another one in every run, and every run would seem to be new.

// nodeOf is a lane's node, whichever incarnation it is.
func nodeOf(lane string) string {
	if at := strings.IndexAny(lane, "/#"); at >= 0 {
		return lane[:at]
	}
	return lane
}

// roleOf hashes a node's name without numbers, and those parts of a task's name that say what it is: of
// "g1/job/j7/to/c1" it is g, job and to. The others say which one.
func roleOf(lane string) uint64 {
	node, task, _ := strings.Cut(lane, "/")
	h := hashLetters(0, nodeOf(node))
	for which := false; task != ""; which = !which {
		var part string
		part, task, _ = strings.Cut(task, "/")
		if !which {
			h = hashLetters(h, part)
		}
	}
	return h
}

// hashLetters hashes what is no digit, nor of a word behind one.
func hashLetters(h uint64, text string) uint64 {
	var letters uint64
	number := false
	for _, c := range []byte(text) {
		switch {
		case c >= '0' && c <= '9':
			number = true
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			if !number {
				letters = choice.Mix(letters, uint64(c))
			}
		default:
			letters, number = choice.Mix(letters, uint64(c)), false
		}
	}
	return choice.Mix(h, letters)
}

// hashCapitals hashes the words that are all in capitals, as names of states are.
func hashCapitals(h uint64, text []byte) uint64 {
	var word uint64
	capitals := true
	for i := 0; i <= len(text); i++ {
		c := byte(' ')
		if i < len(text) {
			c = text[i]
		}
		switch {
		case c >= 'A' && c <= 'Z' || c == '_':
			word = choice.Mix(word, uint64(c))
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			capitals = false
		default:
			if capitals && word != 0 {
				h = choice.Mix(h, word)
			}
			word, capitals = 0, true
		}
	}
	return h
}
