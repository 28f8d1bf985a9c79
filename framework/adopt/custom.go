package adopt

import (
	"context"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// custom reads a table that somebody names.
func custom(ctx context.Context, db bun.IDB, d dialect.Dialect, all []candidate, q Query) (History, error) {
	var named []candidate
	for _, c := range all {
		if c.Table.is(q.Table) {
			named = append(named, c)
		}
	}
	if len(named) != 1 {
		e := &SearchError{Query: q}
		for _, c := range named {
			e.Found = append(e.Found, History{Tool: Custom, Table: c.Table})
		}
		return History{}, e
	}
	c := named[0]
	name, ok := c.versions(q.Column)
	if !ok {
		return History{}, &SearchError{Query: q, columns: c.names()}
	}
	var where []condition
	for _, text := range q.Where {
		w, ok := c.condition(text)
		if !ok {
			return History{}, &SearchError{Query: q, columns: c.names(), where: text}
		}
		where = append(where, w)
	}
	return read(ctx, db, d, all, &tool{name: Custom, read: readColumn(name, where...)}, c.Table, q)
}

// versions is the column that holds the versions: the one that is named, or the
// only one that can be it.
func (c candidate) versions(want string) (name string, ok bool) {
	names := c.names()
	if want != "" {
		return want, slices.Contains(names, want)
	}
	if len(names) == 1 {
		return names[0], true
	}
	var likely []string
	for _, name := range names {
		if slices.Contains([]string{"version", "version_id", "revision", "migration", "name", "filename"}, strings.ToLower(name)) {
			likely = append(likely, name)
		}
	}
	return strings.Join(likely, ""), len(likely) == 1
}

// condition is what a row must meet to count.
type condition struct {
	column column
	value  string
	not    bool
}

// condition reads COLUMN=VALUE or COLUMN!=VALUE.
func (c candidate) condition(text string) (condition, bool) {
	name, value, ok := strings.Cut(text, "=")
	name, not := strings.CutSuffix(name, "!")
	i := slices.IndexFunc(c.columns, func(o column) bool { return o.name == strings.TrimSpace(name) })
	if !ok || i < 0 {
		return condition{}, false
	}
	return condition{column: c.columns[i], value: strings.TrimSpace(value), not: not}, true
}

// holds reports whether a value meets it.
func (w condition) holds(value string) bool {
	equal := value == w.value
	if strings.Contains(strings.ToLower(w.column.kind), "bool") && value != "" && w.value != "" {
		equal = truth(value) == truth(strings.ToLower(w.value))
	}
	return equal != w.not
}
