package cli

import (
	"context"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pattern"
)

// missing finds what PostgreSQL names in its message only: a table, and perhaps
// a column in it.
var (
	missingTable  = pattern.Lazy(`relation "([^"]+)" does not exist`)
	missingColumn = pattern.Lazy(`column "([^"]+)"(?: of relation "([^"]+)")? does not exist`)
)

// meant is the name of a table or column of the database that is spelled like
// the one which a statement did not find; empty if there is none.
func (c *call) meant(f dialect.Fault) string {
	if c.conn == nil || f.Class != dialect.NoTable && f.Class != dialect.NoColumn {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), 2*time.Second)
	defer cancel()
	table, column := f.Table, f.Column
	if m := missingTable().FindStringSubmatch(f.Message); table == "" && m != nil {
		table = m[1]
	}
	if m := missingColumn().FindStringSubmatch(f.Message); column == "" && m != nil {
		column, table = m[1], m[2]
	}
	place, name, qualified := strings.Cut(table, ".")
	var schemas []string
	if qualified {
		schemas = []string{place}
	} else {
		name, place = table, ""
	}
	s, err := c.conn.dialect.Inspect(ctx, c.conn.db, schemas...) // a courtesy
	if err != nil {
		return ""
	}
	var tables, columns []string
	for _, t := range s.Tables {
		tables = append(tables, t.Name)
		for _, col := range t.Columns {
			if f.Class == dialect.NoColumn && (table == "" || t.Name == name) {
				columns = append(columns, col.Name)
			}
		}
	}
	if f.Class == dialect.NoColumn {
		return nearest(column, columns)
	}
	near := nearest(name, tables)
	if near != "" && qualified {
		near = place + "." + near
	}
	return near
}
