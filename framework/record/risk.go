package record

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Lock is a lock that a migration takes on a table which others may be using.
type Lock struct {
	Table string // empty: SQL of the migration's own, which was not read that far
	Mode  string // in the database's words; "strong" where only that is known
	SQL   string // the statement that takes it first
}

// Locks returns the locks that stop others, in the order in which they are
// taken, each once. Tables that the migration itself makes are nobody's yet.
func (m Migration) Locks() []Lock {
	var all []Lock
	seen := map[[2]string]bool{}
	for _, s := range m.Statements {
		mode := s.Lock
		if mode == "" && s.Strong {
			mode = "strong"
		}
		if mode == "" {
			continue
		}
		tables := s.tables
		if _, own := s.Op.(op.SQL); own || s.Op == nil {
			tables = []string{""}
		}
		for _, t := range tables {
			if key := [2]string{t, mode}; !seen[key] {
				seen[key] = true
				all = append(all, Lock{Table: t, Mode: mode, SQL: s.SQL})
			}
		}
	}
	return all
}

// existing lists the tables that an operation touches and the migration has not
// made.
func (a *attempt) existing(o op.Op) []string {
	at := o.Object()
	_, makes := o.(op.CreateTable)
	own := op.Object{Kind: "table", Schema: at.Schema, Table: at.Table}
	var objects []op.Object
	switch {
	case makes:
	case at.Table != "":
		objects = append(objects, own)
	case at.Kind == "enum":
		objects = a.users(at)
	case at.Kind == "view", at.Kind == "sequence":
		objects = append(objects, at)
	}
	refer := func(schemaName, table string) {
		r := op.Object{Kind: "table", Schema: schemaName, Table: table}
		if r != own && !slices.Contains(objects, r) {
			objects = append(objects, r)
		}
	}
	switch o := o.(type) {
	case op.CreateTable:
		for _, f := range o.ForeignKeys {
			refer(f.RefSchema, f.RefTable)
		}
	case op.AddForeignKey:
		refer(o.ForeignKey.RefSchema, o.ForeignKey.RefTable)
	}
	var names []string
	for _, object := range objects {
		if !a.made[object] {
			names = append(names, strings.TrimPrefix(object.String(), "table "))
		}
	}
	return names
}

// users are the tables whose columns have an enum's type.
func (a *attempt) users(enum op.Object) []op.Object {
	var tables []op.Object
	for _, t := range a.state.schema.Tables {
		if slices.ContainsFunc(t.Columns, func(c schema.Column) bool { return c.Type.UsesEnum(enum.Schema, enum.Name) }) {
			tables = append(tables, op.Object{Kind: "table", Schema: t.Schema, Table: t.Name})
		}
	}
	return tables
}

// Losses names what the migration drops or deletes with the data in it, and the
// columns whose new type keeps less than the old, as far as the operations and the
// first words of its own SQL tell.
func (m Migration) Losses() []string {
	var all []string
	say := func(what string) {
		if !slices.Contains(all, what) {
			all = append(all, what)
		}
	}
	for _, e := range m.Events {
		if e.Outcome == op.Ran && loses(e.Op) {
			say(e.Op.String())
		}
		if o, ok := e.Op.(op.AlterColumn); ok && e.Outcome == op.Ran {
			if what := m.altered(o); what != "" {
				say(o.String() + " (" + what + ")")
			}
		}
	}
	for _, s := range m.Statements {
		if _, own := s.Op.(op.SQL); (own || s.Op == nil) && deletes(s.SQL) {
			say(shorten(s.SQL))
		}
	}
	return all
}

func loses(o op.Op) bool {
	switch o.(type) {
	case op.DropTable, op.DropColumn, op.DropEnumValue, op.DropSequence:
		return true
	}
	return false
}

// altered is what the values of a column lose.
func (m Migration) altered(o op.AlterColumn) string {
	switch {
	case o.From.Generated.IsZero() && !o.To.Generated.IsZero():
		return "its values: it is computed from now on"
	case m.casts && !o.From.Type.Equal(o.To.Type):
		return diff.Lost(o.From.Type, o.To.Type)
	}
	return ""
}

var (
	deleting = pattern.Lazy(`(?i)\b(DELETE\s+FROM|TRUNCATE|DROP\s+(TABLE|COLUMN|SCHEMA|DATABASE|OWNED|MATERIALIZED)|REPLACE\s+INTO|INSERT\s+OR\s+REPLACE)\b`)
	altering = pattern.Lazy(`(?i)\bALTER\s+TABLE\b`)
	dropping = pattern.Lazy(`(?i)\bDROP\s+(\w+)`)
)

// deletes reads SQL of the migration's own. COLUMN may be left out.
func deletes(sql string) bool {
	if deleting().MatchString(sql) {
		return true
	}
	if !altering().MatchString(sql) {
		return false
	}
	for _, m := range dropping().FindAllStringSubmatch(sql, -1) {
		switch strings.ToUpper(m[1]) {
		case "CONSTRAINT", "DEFAULT", "NOT", "IDENTITY", "EXPRESSION", "INDEX", "VIEW", "TRIGGER", "TYPE", "FUNCTION", "PROCEDURE", "RULE", "POLICY", "EXTENSION", "DOMAIN":
		default:
			return true
		}
	}
	return false
}

// Reversible reports whether the migration can be reverted, and why not.
func (m Migration) Reversible() (ok bool, why string) { return m.reversible, m.whyNot }

// shorten is sql in one line of at most 80 characters.
func shorten(sql string) string {
	line := []rune(strings.Join(strings.Fields(sql), " "))
	if len(line) > 80 {
		return string(line[:79]) + "…"
	}
	return string(line)
}
