package autogen

import (
	"slices"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Told compares two databases that one kind of server has told of in its own words:
// what makes live into want. managed is what migrations have ever made there; what
// live has besides is a stranger's. Where a constraint has the name that a server
// would choose, any name will do. What is found is in portable words.
func Told(d dialect.Dialect, live, want, managed *schema.Schema) (diff.Result, error) {
	want = want.Clone()
	for _, t := range want.Tables {
		openNames(t)
	}
	o := diff.Options{Managed: managed, Can: abilities(d)}
	exact, err := diff.Compare(live, want, o)
	if err != nil || exact.Empty() {
		return exact, err
	}
	o.Managed = portable(d.Name(), managed)
	r, err := diff.Compare(portable(d.Name(), live), portable(d.Name(), want), o)
	if err != nil || r.Empty() { // only its own words tell what differs
		return exact, err
	}
	return r, nil
}

// openNames takes the names away that a server gives to constraints without one.
func openNames(t *schema.Table) {
	if t.PrimaryKeyName == (&schema.Table{Name: t.Name}).KeyName() {
		t.PrimaryKeyName = ""
	}
	open := func(name *string, unnamed func() schema.Constraint) {
		given := *name
		if *name = ""; op.GivenName(t, unnamed()) != given {
			*name = given
		}
	}
	for i := range t.Uniques {
		open(&t.Uniques[i].Name, func() schema.Constraint { return t.Uniques[i] })
	}
	for i := range t.Checks {
		open(&t.Checks[i].Name, func() schema.Constraint { return t.Checks[i] })
	}
	for i := range t.Exclusions {
		open(&t.Exclusions[i].Name, func() schema.Constraint { return t.Exclusions[i] })
	}
	for i := range t.ForeignKeys {
		open(&t.ForeignKeys[i].Name, func() schema.Constraint { return t.ForeignKeys[i] })
	}
}

// Gather adds to all what s has and all has not, by name. What one name has meant at
// different times is in all as it was first.
func Gather(all, s *schema.Schema) {
	for _, t := range s.Tables {
		if known := all.Table(t.Schema, t.Name); known != nil {
			gatherParts(known, t.Clone())
		} else {
			all.Tables = append(all.Tables, t.Clone())
		}
	}
	all.Schemas = gather(all.Schemas, s.Schemas, func(a, b string) bool { return a == b })
	all.Extensions = gather(all.Extensions, s.Extensions, func(a, b schema.Extension) bool { return a.Name == b.Name })
	all.Enums = gather(all.Enums, s.Enums, func(a, b *schema.Enum) bool { return a.Schema == b.Schema && a.Name == b.Name })
	all.Sequences = gather(all.Sequences, s.Sequences, func(a, b *schema.Sequence) bool { return a.Schema == b.Schema && a.Name == b.Name })
	all.Views = gather(all.Views, s.Views, func(a, b *schema.View) bool { return a.Schema == b.Schema && a.Name == b.Name })
	all.Triggers = gather(all.Triggers, s.Triggers, func(a, b schema.Trigger) bool {
		return a.Schema == b.Schema && a.Table == b.Table && a.Name == b.Name
	})
}

func gatherParts(all, t *schema.Table) {
	all.Columns = gather(all.Columns, t.Columns, func(a, b schema.Column) bool { return a.Name == b.Name })
	all.Indexes = gather(all.Indexes, t.Indexes, func(a, b schema.Index) bool { return a.Name == b.Name })
	all.Uniques = gatherConstraints(all.Uniques, t.Uniques)
	all.Checks = gatherConstraints(all.Checks, t.Checks)
	all.Exclusions = gatherConstraints(all.Exclusions, t.Exclusions)
	all.ForeignKeys = gatherConstraints(all.ForeignKeys, t.ForeignKeys)
	if len(all.PrimaryKey) == 0 {
		all.PrimaryKey, all.PrimaryKeyName = t.PrimaryKey, t.PrimaryKeyName
	}
}

func gather[T any](all, more []T, same func(a, b T) bool) []T {
	for _, m := range more {
		if !slices.ContainsFunc(all, func(a T) bool { return same(a, m) }) {
			all = append(all, m)
		}
	}
	return all
}

// gatherConstraints looks at what they demand: it is how those without a name are
// told apart.
func gatherConstraints[C schema.Constraint](all, more []C) []C {
	name := func(c C) string { return op.GivenName(&schema.Table{}, c) }
	return gather(all, more, func(a, b C) bool {
		return name(a) == name(b) && schema.ConstraintText(a) == schema.ConstraintText(b)
	})
}

// Has reports whether a schema has what diff.Result.Strangers calls so.
func Has(s *schema.Schema, o op.Object) bool {
	switch t := s.Table(o.Schema, o.Table); o.Kind {
	case "table":
		return t != nil
	case "column":
		return t != nil && t.Column(o.Name) != nil
	case "index":
		return t != nil && t.Index(o.Name) != nil
	case "primary key":
		return t != nil && len(t.PrimaryKey) > 0
	case "constraint":
		return t != nil && hasConstraint(t, o.Name)
	case "schema":
		return slices.Contains(s.Schemas, o.Schema)
	case "extension":
		return s.Extension(o.Name) != nil
	case "enum":
		return s.Enum(o.Schema, o.Name) != nil
	case "sequence":
		return s.Sequence(o.Schema, o.Name) != nil
	case "view":
		return s.View(o.Schema, o.Name) != nil
	case "trigger":
		return s.Trigger(o.Schema, o.Table, o.Name) != nil
	}
	return false
}

func hasConstraint(t *schema.Table, name string) bool {
	return slices.ContainsFunc(t.Uniques, func(c schema.Unique) bool { return op.GivenName(t, c) == name }) ||
		slices.ContainsFunc(t.Checks, func(c schema.Check) bool { return op.GivenName(t, c) == name }) ||
		slices.ContainsFunc(t.Exclusions, func(c schema.Exclusion) bool { return op.GivenName(t, c) == name }) ||
		slices.ContainsFunc(t.ForeignKeys, func(c schema.ForeignKey) bool { return op.GivenName(t, c) == name })
}
