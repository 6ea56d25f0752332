package simvet

import "go/types"

// isPlain tells whether a value of type t holds no reference through which something else could be reached or
// changed: numbers, strings, booleans, and structs and arrays of them. A time.Time counts as plain.
func isPlain(t types.Type) bool {
	if named := namedType(t); named != nil && named == types.Unalias(t) && isTime(named) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() != types.UnsafePointer
	case *types.Array:
		return isPlain(u.Elem())
	case *types.Struct:
		for field := range u.Fields() {
			if !isPlain(field.Type()) {
				return false
			}
		}
		return true
	}
	return false
}

func isTime(named *types.Named) bool {
	obj := named.Obj()
	return obj.Pkg() != nil && obj.Pkg().Path() == "time" && obj.Name() == "Time"
}
