package postgres

import (
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// indexesQuery tells the valid indexes that back no constraint, and those of
// exclusion constraints, with what else these are: a row for each column, so that
// the server joins sets and gathers nothing. "plain" is false where package schema
// has no word for something: an operator class with parameters, or one or a
// collation that is not in the search path. Such an index is told by its
// definition. 14 does not have the column indnullsnotdistinct, hence the detour.
const indexesQuery = `
SELECT {schema}, c.relname, i.relname, p.nr, p.nr > x.indnkeyatts,
       coalesce(a.attname, ''),
       CASE WHEN p.attnum = 0 THEN pg_get_indexdef(x.indexrelid, p.nr::int, false) ELSE '' END,
       coalesce(p.opts & 1 = 1, false),
       CASE p.opts & 3 WHEN 1 THEN 'LAST' WHEN 2 THEN 'FIRST' ELSE '' END,
       CASE WHEN oc.opcdefault THEN '' ELSE coalesce(oc.opcname, '') END,
       CASE WHEN collated.own THEN (SELECT co.collname FROM pg_collation co WHERE co.oid = p.coll) ELSE '' END,
       CASE WHEN k.oid IS NULL THEN '' ELSE (SELECT ope.oprname FROM pg_operator ope WHERE ope.oid = k.conexclop[p.nr]) END,
       CASE WHEN plain.yes THEN '' ELSE pg_get_indexdef(x.indexrelid) END,
       x.indisunique,
       CASE WHEN x.indisunique THEN coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false) ELSE false END,
       CASE WHEN am.amname = 'btree' THEN '' ELSE am.amname END,
       CASE WHEN i.reloptions IS NULL THEN '' ELSE
         (SELECT json_agg(json_build_object('Name', option_name, 'Value', option_value) ORDER BY option_name COLLATE "C")
          FROM pg_options_to_table(i.reloptions))::text END,
       coalesce(pg_get_expr(x.indpred, x.indrelid), ''),
       '.' || quote_ident(c.relname) || ' USING ',
       k.oid IS NOT NULL, coalesce(k.condeferrable, false), coalesce(k.condeferred, false),
       coalesce(kc.description, xc.description, '')
FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_am am ON am.oid = i.relam
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL unnest(x.indkey::int2[], x.indclass::oid[], x.indcollation::oid[], x.indoption::int2[]) WITH ORDINALITY p(attnum, opclass, coll, opts, nr)
LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = p.attnum
LEFT JOIN pg_opclass oc ON oc.oid = p.opclass
LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.contype = 'x'
LEFT JOIN pg_description kc ON kc.classoid = 'pg_constraint'::regclass AND kc.objoid = k.oid
LEFT JOIN pg_description xc ON xc.classoid = 'pg_class'::regclass AND xc.objoid = i.oid AND xc.objsubid = 0 AND k.oid IS NULL
CROSS JOIN LATERAL (SELECT p.coll <> 0 AND p.coll <> coalesce(a.attcollation, 'pg_catalog."default"'::regcollation) AS own) collated
CROSS JOIN LATERAL (SELECT p.opclass IS NULL
  OR (oc.opcdefault OR pg_opclass_is_visible(p.opclass)) AND (NOT collated.own OR pg_collation_is_visible(p.coll))
  AND NOT CASE WHEN am.amname IN ('btree', 'hash') AND p.opclass < 16384 THEN false
    ELSE EXISTS (SELECT FROM pg_attribute ia WHERE ia.attrelid = x.indexrelid AND ia.attnum = p.nr AND ia.attoptions IS NOT NULL) END AS yes) plain
WHERE x.indisvalid AND {scope}
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u'))
ORDER BY 1, 2, 3, 4`

// foundIndex is a row of the query: one column of an index, and the index.
type foundIndex struct {
	schema, table                  string
	nr                             int
	included                       bool
	part                           schema.Part
	expr, operator, definition     string
	with, where, before            string
	excludes, deferrable, deferred bool
	index                          schema.Index
}

func (r *reader) index(rows *sql.Rows) error {
	var f foundIndex
	x, p := &f.index, &f.part
	err := rows.Scan(&f.schema, &f.table, &x.Name, &f.nr, &f.included, &p.Column, &f.expr, &p.Desc, &p.Nulls, &p.Opclass, &p.Collation,
		&f.operator, &f.definition, &x.Unique, &x.NullsNotDistinct, &x.Method, &f.with, &f.where, &f.before,
		&f.excludes, &f.deferrable, &f.deferred, &x.Comment)
	if err != nil {
		return err
	}
	if f.expr != "" {
		p.Expr = schema.Expr(f.expr)
	}
	t := r.table(f.schema, f.table)
	if f.excludes {
		f.addExclusion(t)
		return nil
	}
	return f.addIndex(t)
}

// addIndex adds the index at its first column, and the column.
func (f *foundIndex) addIndex(t *schema.Table) error {
	if f.nr == 1 {
		if f.where != "" {
			f.index.Where = schema.Expr(f.where)
		}
		if f.with != "" {
			if err := json.Unmarshal([]byte(f.with), &f.index.With); err != nil {
				return err
			}
		}
		t.Indexes = append(t.Indexes, f.index)
	}
	x := &t.Indexes[len(t.Indexes)-1]
	switch {
	case !x.Definition.IsZero():
	case f.definition != "":
		if _, after, ok := strings.Cut(f.definition, f.before); ok {
			f.definition = "USING " + after
		}
		*x = schema.Index{Name: x.Name, Unique: x.Unique, Comment: x.Comment, Definition: schema.Expr(f.definition)}
	case f.included:
		x.Include = append(x.Include, f.part.Column)
	default:
		x.Parts = append(x.Parts, f.part)
	}
	return nil
}

// addExclusion adds the constraint at its first element, and the element.
func (f *foundIndex) addExclusion(t *schema.Table) {
	if f.nr == 1 {
		e := schema.Exclusion{Name: f.index.Name, Method: f.index.Method, Deferrable: f.deferrable, InitiallyDeferred: f.deferred, Comment: f.index.Comment}
		if f.where != "" {
			e.Where = schema.Expr(f.where)
		}
		t.Exclusions = append(t.Exclusions, e)
	}
	if !f.included {
		e := &t.Exclusions[len(t.Exclusions)-1]
		e.Elements = append(e.Elements, schema.ExclusionElement{Part: f.part, Operator: f.operator})
	}
}
