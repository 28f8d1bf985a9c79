package autogen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/diff"
)

// Source is what one migration is to have in its file, as Go.
type Source struct {
	Title      string // of the part: "validate constraints"; empty where it makes the changes themselves
	Up, Down   []string
	UsesSchema bool   // package schema is needed
	NoTx       bool   // outside a transaction, and then also Rerunnable
	Final      string // why it cannot be reverted; empty: Down does
}

// Sources writes the parts of a result as Go, one for each transaction. Elements
// of Up and Down are arguments of op.Run with their commas, comments before them;
// they are to be formatted by gofmt. Equal results give equal sources.
func Sources(r diff.Result) []Source {
	all := make([]Source, len(r.Parts))
	for i, part := range r.Parts {
		all[i] = source(part)
	}
	return all
}

func source(part diff.Part) Source {
	g := &golit{}
	s := Source{Title: part.Title, NoTx: part.NoTx}
	var before []diff.Remark
	for _, step := range part.Steps {
		var text strings.Builder
		for _, m := range step.Remarks {
			if !slices.Contains(before, m) { // next to one another they would be noise
				text.WriteString(comment(m))
			}
		}
		before = step.Remarks
		s.Up = append(s.Up, text.String()+g.operation(step.Op))
	}
	back, err := part.Reverse()
	if err != nil {
		s.Final = err.Error()
	}
	for _, o := range back {
		s.Down = append(s.Down, g.operation(o))
	}
	s.UsesSchema = g.usesSchema
	return s
}

// comment is a remark above the line that it is about.
func comment(m diff.Remark) string {
	const width = 96
	var b strings.Builder
	line := "//"
	for word := range strings.FieldsSeq(fmt.Sprintf("%s: %s.", m.Risk, m.Text)) {
		if len(line)+1+len(word) > width {
			b.WriteString(line + "\n")
			line = "//"
		}
		line += " " + word
	}
	return b.String() + line + "\n"
}

// Name is what a person would call the changes: "add invoices", "add invoices and
// make users.email unique". Empty: there are none.
func Name(r diff.Result) string {
	const longest = 60
	switch {
	case len(r.Changes) == 0:
		return ""
	case len(r.Changes) == 1 && len(r.Changes[0].Title) <= 2*longest:
		return r.Changes[0].Title
	case len(r.Changes) == 2 && len(r.Changes[0].Title)+len(r.Changes[1].Title) <= longest:
		return r.Changes[0].Title + " and " + r.Changes[1].Title
	case len(r.Changes[0].Title) > longest:
		return fmt.Sprintf("%d changes", len(r.Changes))
	}
	return fmt.Sprintf("%s and %d more", r.Changes[0].Title, len(r.Changes)-1)
}
