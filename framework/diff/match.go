package diff

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// pairs is how the constraints of two tables correspond.
type pairs struct {
	same    [][2]schema.Constraint // demand the same; names and comments may differ
	changed [][2]schema.Constraint // of one name
	now     []schema.Constraint    // without a partner
	want    []schema.Constraint
}

// constraintsOf lists the constraints of a table beside its primary key; foreign
// keys come last.
func constraintsOf(t *schema.Table) []schema.Constraint {
	var all []schema.Constraint
	for _, u := range t.Uniques {
		all = append(all, u)
	}
	for _, c := range t.Checks {
		all = append(all, c)
	}
	for _, e := range t.Exclusions {
		all = append(all, e)
	}
	for _, f := range t.ForeignKeys {
		all = append(all, f)
	}
	return all
}

// match pairs constraints of one kind: by name and text, by text where no name
// is wanted, by name, and at last by text under another name.
func match(now, want []schema.Constraint) pairs {
	p := pairs{now: slices.Clone(now), want: slices.Clone(want)}
	sameText := func(a, b schema.Constraint) bool { return demand(a) == demand(b) }
	sameName := func(a, b schema.Constraint) bool { return nameOf(a) == nameOf(b) }
	p.same = p.take(func(a, b schema.Constraint) bool { return sameName(a, b) && sameText(a, b) })
	p.same = append(p.same, p.take(func(a, b schema.Constraint) bool { return nameOf(b) == "" && sameText(a, b) })...)
	p.changed = p.take(func(a, b schema.Constraint) bool { return nameOf(b) != "" && sameName(a, b) })
	p.same = append(p.same, p.take(sameText)...)
	return p
}

func (p *pairs) take(is func(now, want schema.Constraint) bool) [][2]schema.Constraint {
	var taken [][2]schema.Constraint
	p.want = slices.DeleteFunc(p.want, func(w schema.Constraint) bool {
		i := slices.IndexFunc(p.now, func(n schema.Constraint) bool { return kindOf(n) == kindOf(w) && is(n, w) })
		if i < 0 {
			return false
		}
		taken = append(taken, [2]schema.Constraint{p.now[i], w})
		p.now = slices.Delete(p.now, i, i+1)
		return true
	})
	return taken
}

// attributes are what constraints of all kinds may have.
type attributes struct {
	kind, name, comment string
	notValid            bool
	columns             []string
}

func attributesOf(c schema.Constraint) attributes {
	switch c := c.(type) {
	case schema.Unique:
		return attributes{"unique", c.Name, c.Comment, false, c.Columns}
	case schema.Check:
		return attributes{"check", c.Name, c.Comment, c.NotValid, nil}
	case schema.Exclusion:
		var columns []string
		for _, e := range c.Elements {
			columns = append(columns, e.Column)
		}
		return attributes{"exclusion", c.Name, c.Comment, false, columns}
	case schema.ForeignKey:
		return attributes{"foreign key", c.Name, c.Comment, c.NotValid, c.Columns}
	}
	panic(fmt.Sprintf("diff: %T is not a constraint of a table", c)) // constraintsOf makes no other
}

func kindOf(c schema.Constraint) string { return attributesOf(c).kind }
func nameOf(c schema.Constraint) string { return attributesOf(c).name }

// demand is what the constraint demands of rows: its text without comment, and
// as if it was valid.
func demand(c schema.Constraint) string { return schema.ConstraintText(plain(c)) }

func plain(c schema.Constraint) schema.Constraint {
	switch c := c.(type) {
	case schema.Unique:
		c.Comment = ""
		return c
	case schema.Check:
		c.Comment, c.NotValid = "", false
		return c
	case schema.Exclusion:
		c.Comment = ""
		return c
	case schema.ForeignKey:
		c.Comment, c.NotValid = "", false
		return c
	}
	return c
}

// columnsOf are the columns of t that the constraint depends on.
func columnsOf(t *schema.Table, c schema.Constraint) []string {
	var names []string
	for _, column := range t.Columns {
		if involves(c, column.Name) {
			names = append(names, column.Name)
		}
	}
	return names
}

func involves(c schema.Constraint, column string) bool {
	switch c := c.(type) {
	case schema.Check:
		return c.Expr.Mentions(column)
	case schema.Exclusion:
		return c.Involves(column)
	}
	return slices.Contains(attributesOf(c).columns, column)
}

func indexColumns(t *schema.Table, x schema.Index) []string {
	var names []string
	for _, c := range t.Columns {
		if x.Involves(c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

func addConstraint(t *schema.Table, c schema.Constraint) {
	switch c := c.(type) {
	case schema.Unique:
		t.Uniques = append(t.Uniques, c)
	case schema.Check:
		t.Checks = append(t.Checks, c)
	case schema.Exclusion:
		t.Exclusions = append(t.Exclusions, c)
	case schema.ForeignKey:
		t.ForeignKeys = append(t.ForeignKeys, c)
	}
}

// indexText is what the index does: its text without comment.
func indexText(x schema.Index) string {
	x.Comment = ""
	return schema.IndexText(x)
}

// sameColumn reports whether two columns differ in nothing but perhaps the
// comment.
func sameColumn(now, want schema.Column) bool {
	now.Comment, want.Comment = "", ""
	return len(columnDifferences(now, want)) == 0
}

func columnDifferences(now, want schema.Column) []string {
	return schema.ColumnDifferences(&schema.Table{Columns: []schema.Column{now}}, &schema.Table{Columns: []schema.Column{want}}, want.Name)
}

// identical reports whether two tables are equal to the last bit, as most are that
// are asked about, and several times.
func (p *plan) identical(now, want *schema.Table) bool {
	both := tablePair{now, want}
	if !p.alike[both] && reflect.DeepEqual(now, want) {
		p.alike[both] = true
	}
	return p.alike[both]
}

// sameTable reports whether nothing is to be done about a table.
func (p *plan) sameTable(now, want *schema.Table) bool {
	if p.identical(now, want) {
		return true
	}
	if len(schema.Differences(now, want)) > 0 || len(now.Indexes) != len(want.Indexes) {
		return p.differenceOf(now, want) == ""
	}
	return !slices.ContainsFunc(want.Indexes, func(x schema.Index) bool {
		return len(schema.IndexDifferences(now, want, x.Name)) > 0
	})
}

// differenceOf names the first difference between two tables that operations
// should have removed; empty: none.
func (p *plan) differenceOf(now, want *schema.Table) string {
	if p.identical(now, want) {
		return ""
	}
	for _, line := range schema.Differences(tolerant(now, want), want) {
		return line
	}
	for _, x := range want.Indexes {
		for _, line := range schema.IndexDifferences(now, want, x.Name) {
			return line
		}
	}
	for _, x := range now.Indexes {
		if want.Index(x.Name) == nil {
			return fmt.Sprintf("index %s of %s is too many", x.Name, placeOf(want))
		}
	}
	return ""
}

// tolerant is now with what may stay as it is: a constraint that is valid where
// that is not asked for.
func tolerant(now, want *schema.Table) *schema.Table {
	now = now.Clone()
	for _, both := range match(constraintsOf(now), constraintsOf(want)).same {
		if attributesOf(both[1]).notValid && !attributesOf(both[0]).notValid {
			setNotValid(now, both[0])
		}
	}
	return now
}

func setNotValid(t *schema.Table, c schema.Constraint) {
	for i := range t.Checks {
		if c, is := c.(schema.Check); is && t.Checks[i].Name == c.Name && t.Checks[i].Expr.Equal(c.Expr) {
			t.Checks[i].NotValid = true
		}
	}
	for i := range t.ForeignKeys {
		if c, is := c.(schema.ForeignKey); is && t.ForeignKeys[i].Name == c.Name && demand(t.ForeignKeys[i]) == demand(c) {
			t.ForeignKeys[i].NotValid = true
		}
	}
}

// remaining names a difference that is left between s and the desired schema.
func (p *plan) remaining(s *schema.Schema) string {
	there, wanted := byPlace(s), byPlace(p.want)
	for _, want := range p.want.Tables {
		now := there[placeOf(want)]
		if now == nil {
			return "there is no table " + placeOf(want).String()
		}
		if line := p.differenceOf(now, want); line != "" {
			return line
		}
	}
	for _, t := range s.Tables {
		if wanted[placeOf(t)] == nil {
			return "table " + placeOf(t).String() + " is too many"
		}
	}
	return p.remainingObjects(s)
}

func (p *plan) remainingObjects(s *schema.Schema) string {
	for _, kind := range []struct {
		what      string
		now, want []op.Object
	}{
		{"enums", enumNames(s), enumNames(p.want)},
		{"sequences", sequenceNames(s), sequenceNames(p.want)},
		{"views", viewNames(s), viewNames(p.want)},
		{"triggers", triggerNames(s), triggerNames(p.want)},
		{"extensions", extensionNames(s), extensionNames(p.want)},
		{"schemas", schemaNames(s), schemaNames(p.want)},
	} {
		if !slices.Equal(kind.now, kind.want) {
			return fmt.Sprintf("%s %v, want %v", kind.what, kind.now, kind.want)
		}
	}
	return ""
}
