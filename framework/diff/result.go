package diff

import (
	"slices"

	"github.com/leavendb/leaven/framework/op"
)

// Result is what a comparison found.
type Result struct {
	// Parts are what is to be run, in order, each in a transaction of its own. No
	// Parts: nothing to do.
	Parts []Part
	// Changes are what a person would call it, in order of their first operation.
	Changes []Change
	// Strangers are the objects that nobody manages and that were left alone, in
	// order of their text. What belongs to a stranger is not listed beside it.
	Strangers []op.Object
	// Candidates are pairs of something dropped and something added that may be
	// one thing renamed, the likeliest first. They are dropped and added here.
	Candidates []Rename
	// PassedOver are the renames of Options that did not apply: From is not there
	// (any more), or To is there already. One that a person has just asked for is
	// an error; one that a model declares was made before.
	PassedOver []Rename
	// Unexpressed tells differences that no operation makes, each as a sentence:
	// another order of an enum's values, another version of an extension.
	Unexpressed []string
}

// Part is what belongs into one transaction, and so into one migration.
type Part struct {
	// Title says what is particular about the part: "validate constraints"; empty
	// for the one that makes the changes themselves.
	Title string
	// Steps are in the order of execution.
	Steps []Step
	// NoTx: the part must run outside a transaction. It has one step then.
	NoTx bool
}

// Step is one operation with what is to be said beside it.
type Step struct {
	Op      op.Op
	Change  int // its place in Result.Changes
	Remarks []Remark
}

// Change is one change as a person would name it: "add invoices", "make
// users.email unique". It may have steps in several parts.
type Change struct {
	Title   string
	Remarks []Remark // those of its steps, each once
}

// Remark is something that the reader of an operation should know.
type Remark struct {
	Risk Risk
	Text string // a sentence without its full stop
}

// Risk is the kind of a Remark.
type Risk string

// The risks. Safe is none: the remark says which safe way was taken.
const (
	DataLoss  Risk = "data loss"  // rows lose something that the reverse does not bring back
	MayFail   Risk = "may fail"   // rows that are there may forbid it
	LongLock  Risk = "long lock"  // a table is locked while its rows are read
	Rewrite   Risk = "rewrite"    // all rows are written anew, under a lock
	Disrupts  Risk = "disruptive" // what reads the old form meanwhile breaks or is slow
	WayBack   Risk = "way back"   // it can be undone in an empty table only
	Safe      Risk = "safe"
	Attention Risk = "attention" // anything else
)

// Ops are all operations, in order.
func (r Result) Ops() []op.Op {
	var all []op.Op
	for _, p := range r.Parts {
		all = append(all, p.Ops()...)
	}
	return all
}

// Empty reports whether there is nothing to do.
func (r Result) Empty() bool { return len(r.Parts) == 0 }

// Has reports whether any change has a remark of this risk.
func (r Result) Has(risk Risk) bool {
	for _, c := range r.Changes {
		for _, m := range c.Remarks {
			if m.Risk == risk {
				return true
			}
		}
	}
	return false
}

// Ops are the operations of the part, in order.
func (p Part) Ops() []op.Op {
	ops := make([]op.Op, len(p.Steps))
	for i, s := range p.Steps {
		ops[i] = s.Op
	}
	return ops
}

// Reverse returns the operations that undo the part. Parts are undone from the
// last to the first.
func (p Part) Reverse() ([]op.Op, error) {
	var back []op.Op
	for _, s := range slices.Backward(p.Steps) {
		undo, err := reverse(s.Op)
		if err != nil {
			return nil, err
		}
		back = append(back, undo...)
	}
	return back, nil
}

// reverse is op.Reverse, but a column that was computed cannot become so in
// place: it is dropped and added again.
func reverse(o op.Op) ([]op.Op, error) {
	a, is := o.(op.AlterColumn)
	if !is || a.From.Generated.IsZero() || !a.To.Generated.IsZero() {
		return op.Reverse(o)
	}
	plain, computed := a.To, a.From
	return []op.Op{
		op.DropColumn{Schema: a.Schema, Table: a.Table, Name: plain.Name, Was: &plain},
		op.AddColumn{Schema: a.Schema, Table: a.Table, Column: computed},
	}, nil
}
