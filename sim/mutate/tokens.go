package mutate

import (
	"fmt"
	"go/scanner"
	"go/token"
)

// A lexeme is a Go token with its place in the text.
type lexeme struct {
	token token.Token
	text  string // of names and literals
	start int
	end   int
}

func (l lexeme) same(m lexeme) bool { return l.token == m.token && l.text == m.text }

// lexemes splits Go text into tokens. What formatting alone may add or take is left out: comments,
// semicolons, and a comma before a closing bracket.
func lexemes(text string) ([]lexeme, error) {
	var failed scanner.ErrorList
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(text))
	s.Init(file, []byte(text), failed.Add, 0)
	var found []lexeme
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON {
			continue
		}
		closes := tok == token.RPAREN || tok == token.RBRACE || tok == token.RBRACK
		if n := len(found); closes && n > 0 && found[n-1].token == token.COMMA {
			found = found[:n-1]
		}
		l := lexeme{token: tok, start: file.Offset(pos)}
		l.end = l.start + len(tok.String())
		if tok.IsLiteral() {
			l.text, l.end = literal, l.start+len(literal)
		}
		found = append(found, l)
	}
	if err := failed.Err(); err != nil {
		return nil, fmt.Errorf("not Go: %w", err)
	}
	return found, nil
}

// occurrences finds where the tokens of part stand in whole, one behind the other: indices into whole.
func occurrences(whole, part []lexeme) []int {
	var at []int
	for i := 0; i+len(part) <= len(whole); i++ {
		n := 0
		for n < len(part) && whole[i+n].same(part[n]) {
			n++
		}
		if n == len(part) {
			at = append(at, i)
		}
	}
	return at
}
