package jobfile

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// check finds the first key of the file that means nothing where it stands, or that has a value of
// another kind than it must have, and says what is allowed. The decoder would find them too, but tell
// less.
func (s *source) check(node ast.Node, kind reflect.Type, at string) error {
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if _, null := node.(*ast.NullNode); null {
		return nil // as if it were not there
	}
	want := ""
	switch {
	case kind == reflect.TypeFor[yaml.MapSlice]():
		want = is[*ast.MappingNode](node, "names and texts, like {Accept: text/plain}")
	case kind.Kind() == reflect.Map:
		want = is[*ast.MappingNode](node, "names, each with what it is, like {token: {json: /user/token}}")
	case kind.Kind() == reflect.Struct:
		want = is[*ast.MappingNode](node, "keys and values: "+strings.Join(keysOf(kind), ", "))
	case kind.Kind() == reflect.Slice:
		want = is[*ast.SequenceNode](node, "a list")
	case kind.Kind() == reflect.Bool:
		want = is[*ast.BoolNode](node, "true or false")
	case kind.Kind() == reflect.Uint32:
		if want = is[*ast.IntegerNode](node, "a whole number"); strings.HasPrefix(node.GetToken().Value,
			"-") {
			want = "a whole number that is not negative"
		}
	default:
		if _, scalar := node.(ast.ScalarNode); !scalar {
			want = "a text"
		}
	}
	if want != "" {
		return &Error{
			File: s.file, Place: placeOf(node.GetToken()), Key: at, Text: shown(node) + "must be " + want,
		}
	}
	return s.checkInside(node, kind, at)
}

func is[N ast.Node](node ast.Node, want string) string {
	if _, ok := node.(N); ok {
		return ""
	}
	return want
}

// shown is a value in an error, when it is one word.
func shown(node ast.Node) string {
	if _, scalar := node.(ast.ScalarNode); !scalar {
		return ""
	}
	return fmt.Sprintf("%q: ", node.GetToken().Value)
}

// checkInside looks at the parts of a list or mapping.
func (s *source) checkInside(node ast.Node, kind reflect.Type, at string) error {
	switch n := node.(type) {
	case *ast.SequenceNode:
		for i, item := range n.Values {
			if err := s.check(item, kind.Elem(), at+"["+strconv.Itoa(i)+"]"); err != nil {
				return err
			}
		}
	case *ast.MappingNode:
		if kind == reflect.TypeFor[yaml.MapSlice]() {
			return nil // headers: names and values are the user's
		}
		for _, pair := range n.Values {
			if err := s.checkPair(pair, kind, at); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *source) checkPair(pair *ast.MappingValueNode, kind reflect.Type, at string) error {
	name := pair.Key.GetToken().Value
	path := strings.TrimPrefix(at+"."+name, ".")
	if kind.Kind() == reflect.Map { // the names are the user's
		return s.check(pair.Value, kind.Elem(), path)
	}
	for i := range kind.NumField() {
		if kind.Field(i).Tag.Get("yaml") == name {
			return s.check(pair.Value, kind.Field(i).Type, path)
		}
	}
	return &Error{
		File: s.file, Place: placeOf(pair.Key.GetToken()), Key: path,
		Text: "unknown key, must be one of " + strings.Join(keysOf(kind), ", "),
	}
}

// keysOf lists the keys of a mapping.
func keysOf(kind reflect.Type) []string {
	keys := make([]string, kind.NumField())
	for i := range keys {
		keys[i] = kind.Field(i).Tag.Get("yaml")
	}
	return keys
}
