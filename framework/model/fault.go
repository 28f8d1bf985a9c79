package model

import (
	"fmt"
	"strings"
)

// Fault is one thing that is wrong with a model.
type Fault struct {
	Model string // the Go type: "models.User"
	Field string // the Go field, with the embedded structs before it; empty: the model itself
	Text  string // what is wrong, and what to do
}

// Error is "models.User.Role: …".
func (f Fault) Error() string {
	if f.Field == "" {
		return f.Model + ": " + f.Text
	}
	return f.Model + "." + f.Field + ": " + f.Text
}

// Faults are all that is wrong with a list of models, in its order. Load
// returns them as one error; errors.As finds them.
type Faults []Fault

// Error has a line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// add adds a fault, once.
func (f *Faults) add(model, field, format string, args ...any) {
	found := Fault{model, field, fmt.Sprintf(format, args...)}
	for _, known := range *f {
		if known == found {
			return
		}
	}
	*f = append(*f, found)
}

// err is nil where there are none.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}
