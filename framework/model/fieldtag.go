package model

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
	bunschema "github.com/uptrace/bun/schema"
)

// baseTag reads the tag of a part's embedded bun.BaseModel.
func (l *loader) baseTag(e *entry, p part, all *schema.Extras) {
	for i := range p.typ.NumField() {
		f := p.typ.Field(i)
		if !isBase(f) {
			continue
		}
		for _, o := range options(f.Tag.Get("leaven")) {
			switch o.key {
			case "comment":
				all.Comment = o.value
			case "renamed_from":
				all.RenamedFrom = o.value
			case "unmanaged":
				all.Unmanaged = all.Unmanaged || p.path == ""
			default:
				l.faults.add(e.name(), p.path+f.Name, "the tag leaven has no option %q for a table; it knows comment, renamed_from and unmanaged%s", o.key, quoteHint(o))
			}
		}
	}
}

// relationTags refuses what the tag leaven does not know of relations.
func (l *loader) relationTags(e *entry) {
	for _, name := range sortedKeys(e.table.Relations) {
		r := e.table.Relations[name]
		f := r.Field
		if f.StructField.Tag.Get("leaven") != "" && r.Type != bunschema.BelongsToRelation && r.Type != bunschema.HasOneRelation {
			l.faults.add(e.name(), fieldPath(e.typ, f), "the tag leaven is about a foreign key, and this relation makes none: say it where the other side refers")
			continue
		}
		for _, o := range options(f.StructField.Tag.Get("leaven")) {
			if !slices.Contains([]string{"foreign_key", "no_foreign_key", "deferrable", "deferred", "name"}, o.key) {
				l.faults.add(e.name(), fieldPath(e.typ, f), "the tag leaven has no option %q for a relation; it knows foreign_key, no_foreign_key, deferrable, deferred and name", o.key)
			}
		}
	}
}

// lostTags refuses the tag leaven where bun makes no column of the field, as nobody
// would read it.
func (l *loader) lostTags(e *entry) {
	for _, p := range parts(e.typ) {
		for i := range p.typ.NumField() {
			f := p.typ.Field(i)
			why := f.Tag.Get("bun")
			if _, only := value(why, "scanonly"); only {
				why = "scanonly"
			} else if why != "-" {
				continue
			}
			if f.Tag.Get("leaven") != "" {
				l.faults.add(e.name(), p.path+f.Name, "the tag leaven is about a column, and with %q in the tag bun this field is none: declare the column in Define (Columns, with Name and Type), or leave the tag out", why)
			}
		}
	}
}

// columnTags reads the tags of the columns.
func (l *loader) columnTags(e *entry, all *schema.Extras) {
	var x schema.Extras
	for _, f := range e.table.Fields {
		l.columnTag(e, f, &x)
	}
	merge(all, x)
}

func (l *loader) columnTag(e *entry, f *bunschema.Field, x *schema.Extras) {
	tag := options(f.StructField.Tag.Get("leaven"))
	if len(tag) == 0 {
		return
	}
	c := schema.Column{Name: f.Name}
	prefix := strings.TrimSuffix(f.Name, columnName(f.StructField))
	expr := func(text string) schema.Expression { return outside(e, f, schema.Expr(text)) }
	indexed := columnIndexes{part: schema.Part{Column: f.Name}}
	for _, o := range tag {
		switch o.key {
		case "index", "unique_index":
			indexed.all = append(indexed.all, schema.Index{Name: prefixedName(prefix, o.value), Unique: o.key == "unique_index"})
		case "desc":
			indexed.part.Desc = true
		case "using":
			indexed.method = o.value
		case "where":
			indexed.where = expr(o.value)
		case "concurrently":
			indexed.concurrently = true
		case "unique":
			putUnique(x, prefixedName(prefix, o.value), f.Name)
		case "check":
			x.Checks = append(x.Checks, schema.Check{Name: e.at.Name + "_" + f.Name + "_check", Expr: expr(o.value)})
		case "comment":
			c.Comment = o.value
		case "renamed_from":
			x.RenamedColumns = joinMaps(x.RenamedColumns, map[string]string{f.Name: prefix + o.value})
		case "default":
			var why string
			if c.Default, why = defaultOf(o.value); why != "" {
				l.faults.add(e.name(), fieldPath(e.typ, f), "%s", why)
			}
		case "generated":
			c.Generated = expr(o.value)
		case "virtual":
			c.Virtual = true
		case "collate":
			c.Collation = o.value
		case "enum":
		default:
			l.faults.add(e.name(), fieldPath(e.typ, f), "the tag leaven has no option %q for a column; it knows %s%s", o.key, columnOptions, quoteHint(o))
		}
	}
	x.Columns = append(x.Columns, c)
	if !indexed.put(x, e.at.Name) {
		l.faults.add(e.name(), fieldPath(e.typ, f), "desc, using, where and concurrently are about an index; write index or unique_index before")
	}
}

// columnIndexes are the indexes that the tag of a column names, and what it says
// of all of them.
type columnIndexes struct {
	all          []schema.Index
	part         schema.Part
	method       string
	where        schema.Expression
	concurrently bool
}

// put adds them; ok is false where something is said of an index, and there is
// none.
func (c columnIndexes) put(x *schema.Extras, table string) (ok bool) {
	for _, index := range c.all {
		index.Parts, index.Method, index.Where = []schema.Part{c.part}, c.method, c.where
		index.Name = putIndex(x, index, table)
		if c.concurrently {
			x.Concurrently = append(x.Concurrently, index.Name)
		}
	}
	return len(c.all) > 0 || !c.part.Desc && c.method == "" && c.where.IsZero() && !c.concurrently
}

// prefixedName gives a name the prefix of the columns, as bun does with those of
// unique groups.
func prefixedName(prefix, name string) string {
	if name == "" {
		return ""
	}
	return prefix + name
}

// outside spells the columns of a struct that the tag `embed:prefix` takes in as
// the table does.
func outside(e *entry, f *bunschema.Field, x schema.Expression) schema.Expression {
	for _, sibling := range e.table.Fields {
		own := columnName(sibling.StructField)
		if own != sibling.Name && len(sibling.Index) == len(f.Index) && slices.Equal(sibling.Index[:len(f.Index)-1], f.Index[:len(f.Index)-1]) {
			x = x.Renamed(own, sibling.Name)
		}
	}
	return x
}

// quoteHint helps where a comma has split a value.
func quoteHint(o option) string {
	if o.value == "" && strings.Contains(o.key, " ") {
		return "; a value that has a comma stands in quotes: comment:'a, b'"
	}
	return ""
}

const columnOptions = "index, unique_index, desc, using, where, concurrently, unique, check, comment, renamed_from, default, generated, virtual, collate and enum"

// putUnique adds a column to the constraint of that name.
func putUnique(x *schema.Extras, name, column string) {
	i := slices.IndexFunc(x.Uniques, func(u schema.Unique) bool { return name != "" && u.Name == name })
	if i < 0 {
		x.Uniques = append(x.Uniques, schema.Unique{Name: name, Columns: []string{column}})
		return
	}
	x.Uniques[i].Columns = append(x.Uniques[i].Columns, column)
}

// putIndex adds an index of one part, to the one of that name where there is one,
// and returns its name.
func putIndex(x *schema.Extras, index schema.Index, table string) string {
	index.Name = indexName(table, index)
	i := slices.IndexFunc(x.Indexes, func(other schema.Index) bool { return other.Name == index.Name })
	if i < 0 {
		x.Indexes = append(x.Indexes, index)
		return index.Name
	}
	has := &x.Indexes[i]
	has.Parts = append(has.Parts, index.Parts...)
	has.Unique = has.Unique || index.Unique
	if index.Method != "" {
		has.Method = index.Method
	}
	if !index.Where.IsZero() {
		has.Where = index.Where
	}
	return has.Name
}

// indexName is the index's own name, or one of the table and the columns.
// Empty: it has an expression.
func indexName(table string, x schema.Index) string {
	if x.Name != "" {
		return x.Name
	}
	names := []string{table}
	for _, p := range x.Parts {
		if p.Column == "" {
			return ""
		}
		names = append(names, p.Column)
	}
	return strings.Join(append(names, "idx"), "_")
}
