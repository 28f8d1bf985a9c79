package postgres

import (
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// indexesQuery tells the valid indexes that back no constraint, and those of
// exclusion constraints, with what else these are. "plain" is false where package
// schema has no word for something: an operator class with parameters, or one
// or a collation that is not in the search path. Such an index is told by its
// definition.
const indexesQuery = `
SELECT {schema}, c.relname, i.relname, x.indisunique, plain.yes,
       (SELECT json_agg(json_build_object(
                 'Column', coalesce(a.attname::text, ''),
                 'Expr', CASE WHEN x.indkey[p] = 0 THEN pg_get_indexdef(x.indexrelid, p + 1, false) ELSE '' END,
                 'Desc', (x.indoption[p] & 1) = 1,
                 'Nulls', CASE x.indoption[p] & 3 WHEN 1 THEN 'LAST' WHEN 2 THEN 'FIRST' ELSE '' END,
                 'Opclass', CASE WHEN oc.opcdefault THEN '' ELSE oc.opcname::text END,
                 'Collation', CASE WHEN x.indcollation[p] NOT IN (0, coalesce(a.attcollation, 'pg_catalog."default"'::regcollation)) THEN co.collname::text ELSE '' END,
                 'Operator', coalesce(ope.oprname::text, '')) ORDER BY p)
        FROM generate_series(0, x.indnkeyatts - 1) p
        JOIN pg_opclass oc ON oc.oid = x.indclass[p]
        LEFT JOIN pg_collation co ON co.oid = x.indcollation[p]
        LEFT JOIN pg_operator ope ON ope.oid = k.conexclop[p + 1]
        LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[p])::text,
       CASE WHEN x.indnatts = x.indnkeyatts THEN '' ELSE
         (SELECT json_agg(a.attname ORDER BY p) FROM generate_series(x.indnkeyatts, x.indnatts - 1) p
          JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[p])::text END,
       CASE WHEN am.amname = 'btree' THEN '' ELSE am.amname::text END,
       CASE WHEN x.indisunique THEN coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false) ELSE false END,
       CASE WHEN i.reloptions IS NULL THEN '' ELSE
         (SELECT json_agg(json_build_object('Name', option_name, 'Value', option_value) ORDER BY option_name COLLATE "C")
          FROM pg_options_to_table(i.reloptions))::text END,
       coalesce(pg_get_expr(x.indpred, x.indrelid), ''),
       CASE WHEN plain.yes THEN '' ELSE pg_get_indexdef(x.indexrelid) END,
       '.' || quote_ident(c.relname) || ' USING ',
       k.oid IS NOT NULL, coalesce(k.condeferrable, false), coalesce(k.condeferred, false),
       coalesce(kc.description, xc.description, '')
FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_am am ON am.oid = i.relam
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.contype = 'x'
LEFT JOIN pg_description kc ON kc.classoid = 'pg_constraint'::regclass AND kc.objoid = k.oid
LEFT JOIN pg_description xc ON xc.classoid = 'pg_class'::regclass AND xc.objoid = i.oid AND xc.objsubid = 0 AND k.oid IS NULL
CROSS JOIN LATERAL (
  SELECT bool_and(pg_opclass_is_visible(x.indclass[p])
               AND (x.indcollation[p] = 0 OR pg_collation_is_visible(x.indcollation[p]))
               AND ia.attoptions IS NULL) AS yes
  FROM generate_series(0, x.indnkeyatts - 1) p
  JOIN pg_attribute ia ON ia.attrelid = x.indexrelid AND ia.attnum = p + 1) plain
WHERE x.indisvalid AND {scope}
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u'))
ORDER BY 1, 2, 3`

// foundPart is an element of an index as the query tells it.
type foundPart struct {
	Column, Expr, Nulls, Opclass, Collation, Operator string
	Desc                                              bool
}

func (p foundPart) part() schema.Part {
	part := schema.Part{Column: p.Column, Desc: p.Desc, Nulls: schema.Nulls(p.Nulls), Opclass: p.Opclass, Collation: p.Collation}
	if p.Column == "" {
		part.Expr = schema.Expr(p.Expr)
	}
	return part
}

func (r *reader) index(rows *sql.Rows) error {
	var (
		schemaName, table, parts, include, with, where, definition, before string
		plain, excludes, deferrable, deferred                              bool
		x                                                                  schema.Index
	)
	err := rows.Scan(&schemaName, &table, &x.Name, &x.Unique, &plain, &parts, &include, &x.Method, &x.NullsNotDistinct, &with, &where,
		&definition, &before, &excludes, &deferrable, &deferred, &x.Comment)
	if err != nil {
		return err
	}
	t := r.table(schemaName, table)
	var told []foundPart
	if err := json.Unmarshal([]byte(parts), &told); err != nil {
		return err
	}
	if where != "" {
		x.Where = schema.Expr(where)
	}
	if excludes {
		e := schema.Exclusion{Name: x.Name, Method: x.Method, Where: x.Where, Deferrable: deferrable, InitiallyDeferred: deferred, Comment: x.Comment}
		for _, p := range told {
			e.Elements = append(e.Elements, schema.ExclusionElement{Part: p.part(), Operator: p.Operator})
		}
		t.Exclusions = append(t.Exclusions, e)
		return nil
	}
	if !plain {
		if _, after, ok := strings.Cut(definition, before); ok {
			definition = "USING " + after
		}
		t.Indexes = append(t.Indexes, schema.Index{Name: x.Name, Unique: x.Unique, Comment: x.Comment, Definition: schema.Expr(definition)})
		return nil
	}
	for _, p := range told {
		x.Parts = append(x.Parts, p.part())
	}
	if x.Include, err = names(include); err != nil {
		return err
	}
	if with != "" {
		err = json.Unmarshal([]byte(with), &x.With)
	}
	t.Indexes = append(t.Indexes, x)
	return err
}
