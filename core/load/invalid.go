package load

import "fmt"

// FieldError says which field of a plan, target or configuration is out of its bounds.
type FieldError struct {
	Field string // as in a job file: "rate.count"
	Value string // what it was
	Want  string // what is allowed
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: %s: want %s", e.Field, e.Value, e.Want)
}

func invalid(field string, value any, want string) error {
	return &FieldError{Field: field, Value: fmt.Sprint(value), Want: want}
}
