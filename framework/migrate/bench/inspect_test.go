package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// wide makes n tables of 8 columns, 2 indexes and a foreign key.
func wide(tb testing.TB, db *bun.DB, n int) {
	tb.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `CREATE TABLE w%[1]d (id bigint PRIMARY KEY, ref bigint CONSTRAINT w%[1]d_ref REFERENCES w%[2]d (id) ON DELETE CASCADE, name varchar(80) NOT NULL,
	state text NOT NULL DEFAULT 'new', price numeric(12,2) NOT NULL DEFAULT 0, done boolean NOT NULL DEFAULT false, note text, made_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX w%[1]d_name ON w%[1]d (name, made_at DESC);
CREATE INDEX w%[1]d_open ON w%[1]d (ref) WHERE NOT done;
`, i, i/2)
	}
	if err := handInTx(tb.Context(), db.DB, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(tb.Context(), b.String())
		return err
	}); err != nil {
		tb.Fatal(err)
	}
	if _, err := db.ExecContext(tb.Context(), "ANALYZE"); err != nil {
		tb.Fatal(err)
	}
}

// The floor of PostgreSQL: three queries that somebody writes who wants the
// same things in the server's own words, and reads into values.
var handInspectPostgres = []string{
	`SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attidentity::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY c.relname, a.attnum`,
	`SELECT c.relname, k.conname, k.contype::text, pg_get_constraintdef(k.oid), '', ''
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' ORDER BY c.relname, k.conname`,
	`SELECT c.relname, i.relname, x.indisunique::text, pg_get_indexdef(x.indexrelid), '', ''
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' ORDER BY c.relname, i.relname`,
}

// SQLite's floor is three queries of its table-valued pragmas.
var handInspectSQLite = []string{
	`SELECT m.name, c.name, c.type, c."notnull", coalesce(c.dflt_value, ''), c.pk FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`,
	`SELECT m.name, f."from", f."table", coalesce(f."to", ''), f.on_delete, f.on_update FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq`,
	`SELECT m.name, l.name, l."unique", coalesce(i.name, ''), i.desc, l.partial FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_xinfo(l.name) i WHERE m.type = 'table' AND i.key ORDER BY m.name, l.seq, i.seqno`,
}

type handRow [6]string

// handInspect reads the rows of the floor's queries, by table.
func handInspect(ctx context.Context, db *sql.DB, queries []string) (map[string][]handRow, error) {
	tables := map[string][]handRow{}
	for _, q := range queries {
		rows, err := db.QueryContext(ctx, q)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var r handRow
			if err := rows.Scan(&r[0], &r[1], &r[2], &r[3], &r[4], &r[5]); err != nil {
				return nil, errors.Join(err, rows.Close())
			}
			tables[r[0]] = append(tables[r[0]], r)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// inspectAndCompare is a check that finds nothing to do.
func inspectAndCompare(ctx context.Context, d dialect.Dialect, db *bun.DB, want *schema.Schema) error {
	found, err := d.Inspect(ctx, db)
	if err != nil {
		return err
	}
	r, err := diff.Compare(found, want, diff.Options{Managed: want})
	if err == nil && !r.Empty() {
		err = fmt.Errorf("there is something to do: %v", r.Ops())
	}
	return err
}

func BenchmarkInspect(b *testing.B) {
	for _, k := range []struct {
		name    string
		open    func(testing.TB) (*bun.DB, string)
		queries []string
	}{{"", pgtest.New, handInspectPostgres}, {", SQLite", sqlitetest.New, handInspectSQLite}} {
		for _, n := range []int{50, 500, 2000} {
			b.Run(fmt.Sprint(n, " tables", k.name), func(b *testing.B) {
				db, _ := k.open(b)
				wide(b, db, n)
				d, err := dialect.For(db)
				if err != nil {
					b.Fatal(err)
				}
				want, err := d.Inspect(b.Context(), db)
				if err != nil || len(want.Tables) != n {
					b.Fatal(len(want.Tables), err)
				}
				rounds := max(5, min(readingRounds, 10000/n))
				t := turns(b, rounds, map[role]contender{
					ours: func(tb testing.TB) time.Duration {
						return timed(tb, func() error { return inspectAndCompare(tb.Context(), d, db, want) })
					},
					floor: func(tb testing.TB) time.Duration {
						return timed(tb, func() error {
							found, err := handInspect(tb.Context(), db.DB, k.queries)
							if err == nil && len(found) != n {
								err = fmt.Errorf("%d tables instead of %d", len(found), n)
							}
							return err
						})
					},
				})
				within(b, fmt.Sprintf("inspect and compare, %d tables%s", n, k.name), t, 2)
			})
		}
	}
}
