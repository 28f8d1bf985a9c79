package schema

import (
	"fmt"
	"slices"
	"strings"
)

// namedText is a constraint for comparison: its name, and what it says.
type namedText struct{ name, text string }

func named[C Constraint](constraints []C) []namedText {
	all := make([]namedText, len(constraints))
	for i, c := range constraints {
		all[i] = nameAndText(c)
	}
	return all
}

// ConstraintText says what the constraint demands, its name aside: two of the
// same kind are equal when their texts are. It is empty for a PrimaryKey, whose
// columns say it all.
func ConstraintText(c Constraint) string { return nameAndText(c).text }

func nameAndText(c Constraint) namedText {
	switch c := c.(type) {
	case Unique:
		text := list(c.Columns)
		if c.NullsNotDistinct {
			text += " nulls not distinct"
		}
		return namedText{c.Name, text + deferText(c.Deferrable, c.InitiallyDeferred) + commentText(c.Comment)}
	case Check:
		return namedText{c.Name, c.Expr.String() + validText(c.NotValid) + commentText(c.Comment)}
	case ForeignKey:
		return namedText{c.Name, c.text() + deferText(c.Deferrable, c.InitiallyDeferred) + validText(c.NotValid) + commentText(c.Comment)}
	case Exclusion:
		return namedText{c.Name, c.text() + deferText(c.Deferrable, c.InitiallyDeferred) + commentText(c.Comment)}
	}
	return namedText{}
}

// deferText: a constraint that is deferred at first is deferrable.
func deferText(deferrable, deferred bool) string {
	switch {
	case deferred:
		return " initially deferred"
	case deferrable:
		return " deferrable"
	}
	return ""
}

func validText(notValid bool) string {
	if notValid {
		return " not valid"
	}
	return ""
}

func commentText(comment string) string {
	if comment == "" {
		return ""
	}
	return fmt.Sprintf(" comment %q", comment)
}

func (e Exclusion) text() string {
	var b strings.Builder
	if e.Method != "" {
		b.WriteString("using " + e.Method + " ")
	}
	parts := make([]string, len(e.Elements))
	for i, x := range e.Elements {
		parts[i] = x.text() + " with " + x.Operator
	}
	b.WriteString("(" + strings.Join(parts, ", ") + ")")
	if !e.Where.IsZero() {
		b.WriteString(" where " + e.Where.String())
	}
	return b.String()
}

// text tells the pairs of columns in a fixed order: their own has no meaning.
func (f ForeignKey) text() string {
	pairs := make([][2]string, 0, len(f.Columns))
	for i, c := range f.Columns {
		pair := [2]string{c}
		if i < len(f.RefColumns) {
			pair[1] = f.RefColumns[i]
		}
		pairs = append(pairs, pair)
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	var from, to []string
	for _, p := range pairs {
		from, to = append(from, p[0]), append(to, p[1])
	}
	ref := f.RefTable
	if f.RefSchema != "" {
		ref = f.RefSchema + "." + ref
	}
	text := list(from) + " to " + ref + " " + list(to)
	if f.OnDelete != NoAction {
		text += " on delete " + strings.ToLower(string(f.OnDelete))
	}
	if f.OnUpdate != NoAction {
		text += " on update " + strings.ToLower(string(f.OnUpdate))
	}
	return text
}

// constraints pairs what was found with what is wanted: by name and text, then
// by text. What then remains differs.
func (d *differences) constraints(kind string, found, want []namedText) {
	found, want = pairUp(found, want, func(f, w namedText) bool { return f == w })
	found, want = pairUp(found, want, func(f, w namedText) bool { return w.name == "" && f.text == w.text })
	for _, w := range want {
		what := kind + " of " + d.table
		if w.name != "" {
			what = kind + " " + w.name + " of " + d.table
		}
		i := slices.IndexFunc(found, func(f namedText) bool {
			return f.text == w.text || w.name != "" && f.name == w.name
		})
		if i < 0 {
			d.add(what, "none", w.text)
			continue
		}
		f := found[i].text
		if found[i].text == w.text {
			f = "it under the name " + found[i].name
		}
		d.add(what, f, w.text)
		found = slices.Delete(found, i, i+1)
	}
	for _, f := range found {
		what := kind + " of " + d.table
		if f.name != "" {
			what = kind + " " + f.name + " of " + d.table
		}
		d.add(what, f.text, "none")
	}
}

// pairUp removes the pairs that match, each element at most once.
func pairUp(found, want []namedText, match func(f, w namedText) bool) (restFound, restWant []namedText) {
	restFound = slices.Clone(found)
	for _, w := range want {
		i := slices.IndexFunc(restFound, func(f namedText) bool { return match(f, w) })
		if i < 0 {
			restWant = append(restWant, w)
			continue
		}
		restFound = slices.Delete(restFound, i, i+1)
	}
	return restFound, restWant
}
