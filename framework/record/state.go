package record

import (
	"maps"
	"strings"

	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// State is the structure that operations have made so far. The zero value is an
// empty database. It knows what it cannot know: what migrations did by SQL of
// their own, and those that could not be followed to their end.
type State struct {
	schema *schema.Schema
	raw    map[string]string // a word of SQL that changes structure: the migration
	lost   string            // the first migration that was not followed to its end
}

// Schema returns the fold: what the operations have made. It is the caller's own.
func (s State) Schema() *schema.Schema {
	if s.schema == nil {
		return &schema.Schema{}
	}
	return s.schema.Clone()
}

// Incomplete says why the fold may lack something; empty: it does not.
func (s State) Incomplete() string {
	switch {
	case s.lost != "":
		return s.lost + " could not be followed to its end"
	case len(s.raw) > 0:
		first := ""
		for _, id := range s.raw {
			if first == "" || id < first {
				first = id
			}
		}
		return first + " changes the structure by SQL of its own"
	}
	return ""
}

// Mentions returns the migration that mentions a name in SQL of its own which
// changes the structure, so that the fold may not know all of the table; empty:
// none does.
func (s State) Mentions(table string) string { return s.raw[strings.ToLower(table)] }

func (s State) clone() State {
	c := State{schema: s.Schema(), lost: s.lost, raw: make(map[string]string, len(s.raw))}
	maps.Copy(c.raw, s.raw)
	return c
}

var (
	changes    = pattern.Lazy(`(?i)\b(CREATE|ALTER|DROP|RENAME)\b`)
	plainWords = pattern.Lazy(`[\pL_][\pL\pN_$]*`)
	quoted     = pattern.Lazy("\"(?:[^\"]|\"\")+\"|`[^`]+`|\\[[^\\]]+\\]")
)

// remember keeps which names a statement mentions that the fold does not see.
func (s *State) remember(id, sql string) {
	if !changes().MatchString(sql) {
		return
	}
	add := func(word string) {
		if word = strings.ToLower(word); s.raw[word] == "" {
			s.raw[word] = id
		}
	}
	for _, word := range plainWords().FindAllString(sql, -1) {
		add(word)
	}
	for _, name := range quoted().FindAllString(sql, -1) {
		add(strings.ReplaceAll(name[1:len(name)-1], `""`, `"`))
	}
}

// unseen reports whether the fold does not show what a statement does to the
// structure.
func unseen(o op.Op) bool {
	_, own := o.(op.SQL)
	return own || o == nil
}

// doubt says why a table cannot be made anew from the fold; empty: it can.
func (s State) doubt(table string) string {
	if s.lost != "" {
		return "makes table " + table + " anew, whose structure is not known for sure: " + s.lost + " could not be followed to its end; not shown"
	}
	if id := s.raw[strings.ToLower(table)]; id != "" {
		return "makes table " + table + " anew, whose structure is not known for sure: " + id + " mentions it in SQL of its own; not shown"
	}
	return ""
}

var dropped = pattern.Lazy(`^DROP TABLE "((?:[^"]|"")+)"`)

// makesAnew lists the tables that an operation replaces by new ones, as SQLite
// needs it.
func makesAnew(o op.Op, statements []string) []string {
	if _, drops := o.(op.DropTable); drops || unseen(o) {
		return nil
	}
	var tables []string
	for _, sql := range statements {
		if m := dropped().FindStringSubmatch(sql); m != nil {
			tables = append(tables, strings.ReplaceAll(m[1], `""`, `"`))
		}
	}
	return tables
}

// renamed carries what is remembered of a table over to its new name.
func (s *State) renamed(o op.RenameTable) {
	if id := s.raw[strings.ToLower(o.Name)]; id != "" {
		s.raw[strings.ToLower(o.To)] = id
	}
}

// rewrite gives views and triggers the text that they have in then, for that
// dialect alone.
func (s *State) rewrite(dialect string, then *schema.Schema) {
	if then == nil {
		return
	}
	spell := func(known *schema.Expression, now schema.Expression) {
		if text, ok := now.Spelling(dialect); ok {
			*known = known.On(dialect, text)
		}
	}
	for _, v := range then.Views {
		if known := s.schema.View(v.Schema, v.Name); known != nil {
			spell(&known.Query, v.Query)
		}
	}
	for _, g := range then.Triggers {
		if known := s.schema.Trigger(g.Schema, g.Table, g.Name); known != nil {
			spell(&known.Event, g.Event)
			spell(&known.Action, g.Action)
		}
	}
}
