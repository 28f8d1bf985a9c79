package autogen

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/op"
)

// Closing makes operations do nothing where what they make is there already, so
// that one migration closes the gap of a database that differs, and leaves all
// others as they are. The error names the first operation that cannot: it drops,
// renames or restricts something.
func Closing(r diff.Result) (diff.Result, error) {
	parts := make([]diff.Part, len(r.Parts))
	for i, part := range r.Parts {
		part.Steps = slices.Clone(part.Steps)
		for j, step := range part.Steps {
			switch o := step.Op.(type) {
			case op.CreateTable:
				o.IfNotExists = true
				step.Op = o
			case op.AddColumn:
				o.IfNotExists = true
				step.Op = o
			case op.CreateIndex:
				o.IfNotExists = true
				step.Op = o
			case op.CreateSchema:
				o.IfNotExists = true
				step.Op = o
			case op.CreateExtension:
				o.IfNotExists = true
				step.Op = o
			default:
				return r, fmt.Errorf("%s would not be without effect where it holds already", o)
			}
			part.Steps[j] = step
		}
		parts[i] = part
	}
	r.Parts = parts
	return r, nil
}
