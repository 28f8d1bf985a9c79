package postgres

import (
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// indexesQuery tells the valid indexes that back no constraint. "plain" is false
// where package schema has no word for something: a method other than btree,
// INCLUDE, NULLS NOT DISTINCT (whose catalog column 14 does not have), an order
// of NULLs, an operator class or a collation that is not the default. Such an
// index is told by its definition.
const indexesQuery = `
SELECT {schema}, c.relname, i.relname, x.indisunique, plain.yes,
       (SELECT json_agg(json_build_object(
                 'Column', coalesce(a.attname::text, ''),
                 'Expr', CASE WHEN x.indkey[p] = 0 THEN pg_get_indexdef(x.indexrelid, p + 1, false) ELSE '' END,
                 'Desc', (x.indoption[p] & 1) = 1) ORDER BY p)
        FROM generate_series(0, x.indnkeyatts - 1) p
        LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[p])::text,
       coalesce(pg_get_expr(x.indpred, x.indrelid), ''),
       CASE WHEN plain.yes THEN '' ELSE pg_get_indexdef(x.indexrelid) END,
       '.' || quote_ident(c.relname) || ' USING '
FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_am am ON am.oid = i.relam
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT am.amname = 'btree' AND x.indnatts = x.indnkeyatts
         AND (NOT x.indisunique OR pg_get_indexdef(x.indexrelid) NOT LIKE '%NULLS NOT DISTINCT%')
         AND bool_and(x.indoption[p] IN (0, 3) AND oc.opcdefault
               AND x.indcollation[p] = coalesce(a.attcollation, CASE WHEN x.indkey[p] = 0 THEN x.indcollation[p] ELSE 0 END)) AS yes
  FROM generate_series(0, x.indnkeyatts - 1) p
  JOIN pg_opclass oc ON oc.oid = x.indclass[p]
  LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[p]) plain
WHERE x.indisvalid AND {scope}
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY n.nspname, c.relname, i.relname`

func (r *reader) index(rows *sql.Rows) error {
	var (
		schemaName, table, parts, where, definition, before string
		plain                                               bool
		x                                                   schema.Index
	)
	if err := rows.Scan(&schemaName, &table, &x.Name, &x.Unique, &plain, &parts, &where, &definition, &before); err != nil {
		return err
	}
	t := r.table(schemaName, table)
	if !plain {
		if _, after, ok := strings.Cut(definition, before); ok {
			definition = "USING " + after
		}
		x.Definition = schema.Expr(definition)
		t.Indexes = append(t.Indexes, x)
		return nil
	}
	var told []struct {
		Column, Expr string
		Desc         bool
	}
	if err := json.Unmarshal([]byte(parts), &told); err != nil {
		return err
	}
	for _, p := range told {
		part := schema.Part{Column: p.Column, Desc: p.Desc}
		if p.Column == "" {
			part.Expr = schema.Expr(p.Expr)
		}
		x.Parts = append(x.Parts, part)
	}
	if where != "" {
		x.Where = schema.Expr(where)
	}
	t.Indexes = append(t.Indexes, x)
	return nil
}
