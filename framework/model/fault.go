package model

import (
	"fmt"
	"slices"
	"strings"
)

// Error is everything that is wrong with a list of models, in its order.
// errors.As finds it as an *Error.
type Error struct{ Faults []Fault }

// Error has a line for each fault.
func (e *Error) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// Fault is one thing that is wrong with a model.
type Fault struct {
	Model string // the Go type: "models.User"
	Field string // the Go field, with the embedded structs before it; empty: the model itself
	Text  string // what is wrong, and what to do
}

// String is "models.User.Role: …".
func (f Fault) String() string {
	if f.Field == "" {
		return f.Model + ": " + f.Text
	}
	return f.Model + "." + f.Field + ": " + f.Text
}

// faults are those that were found until now.
type faults []Fault

// add adds a fault, once.
func (f *faults) add(model, field, format string, args ...any) {
	if found := (Fault{model, field, fmt.Sprintf(format, args...)}); !slices.Contains(*f, found) {
		*f = append(*f, found)
	}
}

// err is nil where there are none.
func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{f}
}
