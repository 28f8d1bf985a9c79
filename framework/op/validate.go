package op

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/leavendb/leaven/framework/schema"
)

// Validate reports the first operation that is incomplete or contradicts
// itself, whatever the database: a name, a column or a type is missing, a
// default is of a Go type that no database knows. Run begins with it.
func Validate(ops ...Op) error {
	for _, o := range Flatten(ops...) {
		if o == nil {
			return errNil
		}
		var f faults
		f.check(o)
		if len(f) > 0 {
			return &Error{Op: o, Err: fmt.Errorf("%s", strings.Join(f, "; "))}
		}
	}
	return nil
}

// faults collects what is wrong with one operation.
type faults []string

func (f *faults) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

func (f *faults) check(o Op) {
	f.object(o.Object())
	switch o := o.(type) {
	case CreateTable:
		f.table(o.Table())
	case AddColumn:
		f.column(o.Column)
	case CreateIndex:
		f.index(o.Index)
	case AddForeignKey:
		f.foreignKey(o.ForeignKey, nil)
	case AddUnique:
		f.columns("the unique constraint", o.Unique.Columns, nil)
		f.comment(o.Unique.Comment)
	case AddCheck:
		f.expression("the check", o.Check.Expr, true)
		f.comment(o.Check.Comment)
	case DropTable, DropColumn, DropIndex, DropConstraint, SQL:
	default:
		f.more(o)
	}
}

// object checks the names that Object tells.
func (f *faults) object(at Object) {
	if at == (Object{}) {
		return
	}
	f.name("Schema", at.Schema, at.Kind != "schema")
	switch at.Kind {
	case "schema":
	case "table", "primary key":
		f.name("the table's name", at.Table, false)
	case "column", "index", "constraint", "trigger":
		f.name("the table's name", at.Table, false)
		f.name("the "+at.Kind+"'s name", at.Name, false)
	default:
		f.name("the "+at.Kind+"'s name", at.Name, false)
	}
}

func (f *faults) name(what, name string, optional bool) {
	switch {
	case name == "" && !optional:
		f.add("%s is missing", what)
	case strings.ContainsRune(name, 0):
		f.add("%s %q contains a NUL character", what, name)
	case !utf8.ValidString(name):
		f.add("%s %q is not valid UTF-8", what, name)
	}
}

func (f *faults) table(t *schema.Table) {
	if len(t.Columns) == 0 {
		f.add("it has no columns")
	}
	var known []string
	for _, c := range t.Columns {
		f.column(c)
		if slices.Contains(known, c.Name) {
			f.add("there are two columns %s", plain(c.Name))
		}
		known = append(known, c.Name)
	}
	if len(t.PrimaryKey) > 0 {
		f.columns("the primary key", t.PrimaryKey, known)
	}
	for _, u := range t.Uniques {
		f.name("a unique constraint's name", u.Name, true)
		f.columns("the unique constraint "+u.Name, u.Columns, known)
	}
	for _, c := range t.Checks {
		f.name("a check's name", c.Name, true)
		f.expression("the check "+c.Name, c.Expr, true)
	}
	for _, k := range t.ForeignKeys {
		f.name("a foreign key's name", k.Name, true)
		f.foreignKey(k, known)
	}
	for _, e := range t.Exclusions {
		f.name("an exclusion constraint's name", e.Name, true)
		f.exclusion(e, known)
	}
	f.name("PrimaryKeyName", t.PrimaryKeyName, true)
	if t.PrimaryKeyName != "" && len(t.PrimaryKey) == 0 {
		f.add("PrimaryKeyName names a key, but PrimaryKey has no columns")
	}
	f.comment(t.Comment)
}

func (f *faults) column(c schema.Column) {
	f.name("a column's name", c.Name, false)
	f.kind(c.Name, c.Type)
	f.value(c)
}

// value checks what gives a column its values.
func (f *faults) value(c schema.Column) {
	f.expression("the default of column "+plain(c.Name), c.Default, false)
	if c.Counts() && !c.Default.IsZero() {
		f.add("column %s counts up by itself and has a default too; leave one out", plain(c.Name))
	}
	if !c.Generated.IsZero() && (c.Counts() || !c.Default.IsZero()) {
		f.add("column %s is generated, and counts up or has a default too; leave one out", plain(c.Name))
	}
	if c.Virtual && c.Generated.IsZero() {
		f.add("column %s is virtual, but Generated has no expression", plain(c.Name))
	}
	switch c.Identity {
	case schema.NoIdentity, schema.IdentityAlways, schema.IdentityByDefault:
	default:
		f.add("Identity is %q, which is none of those of package schema", string(c.Identity))
	}
	f.name("Collation", c.Collation, true)
	f.comment(c.Comment)
}

func (f *faults) comment(text string) {
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		f.add("the comment has a NUL character or invalid UTF-8")
	}
}

func (f *faults) kind(column string, t schema.Type) {
	switch {
	case t.Equal(schema.Type{}):
		f.add("column %s has no type", plain(column))
	case t.Kind == schema.KindEnum && t.Name == "":
		f.add("column %s is an enum without a name", plain(column))
	case t.Kind == schema.KindArray && t.Elem == nil:
		f.add("column %s is an array of nothing; use schema.Array(…)", plain(column))
	case t.Precision < 0 || t.Scale < 0 || t.Kind == schema.KindNumeric && t.Precision > 0 && t.Scale > t.Precision:
		f.add("column %s: the sizes of %s are out of range", plain(column), t)
	}
}

// columns checks a list of columns, against those of the table where they are
// known.
func (f *faults) columns(of string, columns, known []string) {
	if len(columns) == 0 {
		f.add("%s has no columns", strings.TrimSpace(of))
	}
	for i, c := range columns {
		f.name("a column's name", c, false)
		if slices.Contains(columns[:i], c) {
			f.add("%s names column %s twice", strings.TrimSpace(of), plain(c))
		}
		if known != nil && !slices.Contains(known, c) {
			f.add("%s names column %s, which the table does not have", strings.TrimSpace(of), plain(c))
		}
	}
}

func (f *faults) index(x schema.Index) {
	if len(x.Parts) == 0 && x.Definition.IsZero() {
		f.add("the index has no parts")
	}
	beside := len(x.Parts) > 0 || !x.Where.IsZero() || x.Method != "" || len(x.Include) > 0 || x.NullsNotDistinct || len(x.With) > 0
	if !x.Definition.IsZero() && beside {
		f.add("the index has a Definition beside Parts or Where; the Definition says it all")
	}
	for _, p := range x.Parts {
		f.part("a part of the index", p)
	}
	f.expression("the condition of the index", x.Where, false)
	f.name("Method", x.Method, true)
	for _, c := range x.Include {
		f.name("a column's name", c, false)
	}
	if x.NullsNotDistinct && !x.Unique {
		f.add("NullsNotDistinct is for a unique index")
	}
	for i, p := range x.With {
		f.name("a storage parameter's name", p.Name, false)
		if i > 0 && x.With[i-1].Name >= p.Name {
			f.add("the storage parameters are not in order of their names")
		}
	}
	f.comment(x.Comment)
}

func (f *faults) part(what string, p schema.Part) {
	if p.Column == "" {
		f.expression(what, p.Expr, true)
	} else {
		f.name("a column's name", p.Column, false)
		if !p.Expr.IsZero() {
			f.add("%s is both column %s and an expression", what, plain(p.Column))
		}
	}
	f.name("Opclass", p.Opclass, true)
	f.name("Collation", p.Collation, true)
	switch p.Nulls {
	case schema.DefaultNulls, schema.NullsFirst, schema.NullsLast:
	default:
		f.add("Nulls is %q, which is none of those of package schema", string(p.Nulls))
	}
}

func (f *faults) foreignKey(k schema.ForeignKey, known []string) {
	f.columns("the foreign key "+k.Name, k.Columns, known)
	f.name("RefSchema", k.RefSchema, true)
	f.name("RefTable", k.RefTable, false)
	if len(k.Columns) != len(k.RefColumns) {
		f.add("%d columns cannot refer to %d", len(k.Columns), len(k.RefColumns))
	}
	for _, c := range k.RefColumns {
		f.name("a column's name", c, false)
	}
	f.action("OnDelete", k.OnDelete)
	f.action("OnUpdate", k.OnUpdate)
	f.comment(k.Comment)
}

func (f *faults) action(field string, a schema.Action) {
	switch a {
	case schema.NoAction, schema.Restrict, schema.Cascade, schema.SetNull, schema.SetDefault:
		return
	}
	f.add("%s is %q, which is none of the actions of package schema", field, string(a))
}

func (f *faults) expression(what string, e schema.Expression, needed bool) {
	if e.IsZero() && needed {
		f.add("%s has no expression", strings.TrimSpace(what))
	}
	v, ok := e.Literal()
	if !ok {
		return
	}
	switch v := v.(type) {
	case nil, bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64, []byte:
	case string:
		if strings.ContainsRune(v, 0) || !utf8.ValidString(v) {
			f.add("%s is text with a NUL character or invalid UTF-8; use []byte", what)
		}
	default:
		f.add("%s is a Go %T, which is not a literal of SQL; use schema.Expr", what, v)
	}
}
