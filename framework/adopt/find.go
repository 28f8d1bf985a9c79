package adopt

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// Auto as Query.Tool finds the tool by its tables.
const Auto = "auto"

// Custom as Query.Tool reads a table of one's own.
const Custom = "table"

// Query says which history to look for. The zero value looks for any.
type Query struct {
	Tool   string // one of Tools, Auto (or empty) or Custom
	Table  string // NAME or SCHEMA.NAME; empty: any that has the tool's columns
	Column string // Custom: the column of the versions; empty: the only one that can be it

	// Where are conditions of Custom that a row must meet to count, COLUMN=VALUE or
	// COLUMN!=VALUE. Values are compared as texts, and booleans as booleans; an
	// empty one is NULL too.
	Where []string

	// Scripts are the files of alembic, where it knows the order of its revisions and
	// what they are called; nil: what its table says is all there is.
	Scripts fs.FS

	// IDs are those of the program's migrations: with Auto, a table whose columns
	// prove nothing counts also if it has one of them.
	IDs []string
}

// auto reports whether any tool will do.
func (q Query) auto() bool { return q.Tool == "" || q.Tool == Auto }

// Find looks for a history in all schemas on the search path, and reads it. A
// *SearchError says that there is none, or that there are several.
func Find(ctx context.Context, db bun.IDB, d dialect.Dialect, q Query) (History, error) {
	all, err := candidates(ctx, db, d)
	if err != nil {
		return History{}, err
	}
	if q.Tool == Custom {
		return custom(ctx, db, d, all, q)
	}
	if !q.auto() && toolNamed(q.Tool) == nil {
		return History{}, &SearchError{Query: q, unknown: true}
	}
	var found []History
	var sure bool // one of them is proved by its columns or name
	for _, c := range all {
		if q.Table != "" && !c.Table.is(q.Table) {
			continue
		}
		for _, t := range c.tools(all, q) {
			h, err := read(ctx, db, d, all, t, c.Table, q)
			if err != nil {
				return History{}, err
			}
			proved := !t.common || slices.Contains(t.tables, c.Name) || q.Table != ""
			if !proved && q.auto() && !h.knows(q.IDs) {
				continue
			}
			switch {
			case proved && !sure:
				found, sure = []History{h}, true
			case proved == sure:
				found = append(found, h)
			}
		}
	}
	if len(found) != 1 {
		return History{}, &SearchError{Query: q, Found: found}
	}
	return found[0], nil
}

// Again reads a history anew.
func Again(ctx context.Context, db bun.IDB, d dialect.Dialect, h History, q Query) (History, error) {
	q.Tool, q.Table = h.Tool, h.Table.String()
	return Find(ctx, db, d, q)
}

func read(ctx context.Context, db bun.IDB, d dialect.Dialect, all []candidate, t *tool, at Table, q Query) (History, error) {
	h := History{Tool: t.name, Table: at}
	err := t.read(source{ctx: ctx, db: db, d: d, all: all, table: at, scripts: q.Scripts}, &h)
	if err != nil {
		return h, fmt.Errorf("reading %s: %w", at, err)
	}
	return h, nil
}

// tools are those whose table it may be, of those that are asked for.
func (c candidate) tools(all []candidate, q Query) []*tool {
	var fit []*tool
	for i := range tools {
		t := &tools[i]
		if !t.fits(c) || !q.auto() && t.name != q.Tool {
			continue
		}
		if q.auto() && (t.name == "rails" || t.name == "dbmate") && (t.name == "rails") != c.besideRails(all) {
			continue
		}
		fit = append(fit, t)
	}
	return fit
}

// besideRails reports whether Rails keeps its other table there.
func (c candidate) besideRails(all []candidate) bool {
	return slices.ContainsFunc(all, func(o candidate) bool { return o.Schema == c.Schema && o.Name == "ar_internal_metadata" })
}

// knows reports whether one of the versions is one of the IDs.
func (h *History) knows(ids []string) bool {
	index := newIndex(ids)
	return slices.ContainsFunc(h.Versions, func(v Version) bool { return index.find(v, nil) != "" })
}

// SearchError says that no history was found, or several.
type SearchError struct {
	Query   Query
	Found   []History // more than one: which is meant is not clear
	unknown bool      // there is no such tool
	columns []string  // of Query.Table: which has the versions is not clear
	where   string    // of Query.Where: it is no condition on columns
}

func (e *SearchError) Error() string {
	switch {
	case e.unknown:
		return fmt.Sprintf("%q is no tool that is known", e.Query.Tool)
	case e.where != "":
		return fmt.Sprintf("%q is no condition on a column of %s: it has %s", e.where, e.Query.Table, strings.Join(e.columns, ", "))
	case e.columns != nil:
		return fmt.Sprintf("which column of %s has the versions is not clear: it has %s", e.Query.Table, strings.Join(e.columns, ", "))
	case len(e.Found) > 1:
		return "several tables may be the history: " + strings.Join(e.names(), ", ")
	case e.Query.Tool == Custom:
		return fmt.Sprintf("there is no table %q on the search path", e.Query.Table)
	case e.Query.Table != "":
		return fmt.Sprintf("the table %q is not a history of %s, or is not there", e.Query.Table, e.tool())
	}
	return "no table on the search path is a history of " + e.tool()
}

func (e *SearchError) tool() string {
	if e.Query.auto() {
		return "a tool that is known"
	}
	return e.Query.Tool
}

func (e *SearchError) names() []string {
	var names []string
	for _, h := range e.Found {
		names = append(names, h.Table.String()+" ("+h.Tool+")")
	}
	return names
}

// Next is what to do: flags of the command, without the program's name.
func (e *SearchError) Next() []string {
	switch {
	case e.unknown:
		return []string{"name one of: " + strings.Join(Tools(), ", ") + ", auto, or table=NAME for a table of your own"}
	case e.where != "":
		return []string{"write it as --where COLUMN=VALUE, or COLUMN!=VALUE"}
	case e.columns != nil:
		return []string{"name the column: --column " + strings.Join(e.columns, "|")}
	case len(e.Found) > 1:
		return []string{fmt.Sprintf("name one of them: --from %s --table %s", e.Found[0].Tool, e.Found[0].Table)}
	}
	return []string{"if it is in another database or schema, name that with --database-url (for PostgreSQL: ?search_path=SCHEMA)",
		"if the table is your own, name it and the column of its versions: --from table=NAME --column COLUMN"}
}
