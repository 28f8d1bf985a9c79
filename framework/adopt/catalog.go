package adopt

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// candidate is a table as the catalog describes it.
type candidate struct {
	Table
	columns []column // sorted by name
}

type column struct{ name, kind string }

func (c candidate) names() []string {
	names := make([]string, len(c.columns))
	for i := range c.columns {
		names[i] = c.columns[i].name
	}
	return names
}

// Atlas keeps its table in a schema of its own, which is on no search path.
const catalogOfSchemas = `SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
 WHERE table_schema = ANY (current_schemas(false)) OR table_schema = 'atlas_schema_revisions'
 ORDER BY array_position(current_schemas(false), table_schema::name), table_schema, table_name, column_name`

const catalogOfFile = `SELECT '', m.name, p.name, p.type FROM sqlite_master AS m, pragma_table_info(m.name) AS p
 WHERE m.type = 'table' ORDER BY m.name, p.name`

// candidates are the tables that may be seen, in the order of the search path.
func candidates(ctx context.Context, db bun.IDB, d dialect.Dialect) ([]candidate, error) {
	query := catalogOfFile
	if d.Capabilities().Schemas {
		query = catalogOfSchemas
	}
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("listing the tables: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []candidate
	for rows.Next() {
		var t Table
		var c column
		if err := rows.Scan(&t.Schema, &t.Name, &c.name, &c.kind); err != nil {
			return nil, fmt.Errorf("listing the tables: %w", err)
		}
		if n := len(all); n == 0 || all[n-1].Table != t {
			all = append(all, candidate{Table: t})
		}
		last := &all[len(all)-1]
		last.columns = append(last.columns, c)
	}
	for _, c := range all { // collations differ
		slices.SortFunc(c.columns, func(a, b column) int { return strings.Compare(a.name, b.name) })
	}
	return all, rows.Err()
}
