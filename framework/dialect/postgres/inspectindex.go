package postgres

import (
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// indexesQuery tells the valid indexes that back no constraint, and those of
// exclusion constraints, with what else these are: a row for each column, which is
// told by number. What is seldom is looked up only where it is, and what is asked
// for every row is a set that the server hashes, so that the plan does not hang on
// statistics. An index has a definition where package schema has no word for
// something: for an operator class with parameters, or one that is not in the
// search path; and a definition in case, for a collation that is not there. 14
// does not have the column indnullsnotdistinct, hence the detour.
const indexesQuery = `
SELECT x.indrelid::int8, i.relname, p.nr, p.nr > x.indnkeyatts, p.attnum,
       CASE WHEN p.attnum = 0 THEN pg_get_indexdef(x.indexrelid, p.nr::int, false) ELSE '' END,
       coalesce(p.opts & 1 = 1, false),
       CASE p.opts & 3 WHEN 1 THEN 'LAST' WHEN 2 THEN 'FIRST' ELSE '' END,
       CASE WHEN usual.class THEN '' ELSE (SELECT oc.opcname FROM pg_opclass oc WHERE oc.oid = p.opclass) END,
       coalesce(p.coll::int8, 0),
       CASE coalesce(p.coll, 0) WHEN 0 THEN '' WHEN 'pg_catalog."default"'::regcollation THEN 'default' ELSE (SELECT co.collname FROM pg_collation co WHERE co.oid = p.coll) END,
       CASE WHEN k.oid IS NULL THEN '' ELSE (SELECT ope.oprname FROM pg_operator ope WHERE ope.oid = k.conexclop[p.nr]) END,
       CASE WHEN (usual.class OR pg_opclass_is_visible(p.opclass))
           AND (usual.params OR NOT EXISTS (SELECT FROM pg_attribute ia WHERE ia.attrelid = x.indexrelid AND ia.attnum = p.nr AND ia.attoptions IS NOT NULL))
         THEN '' ELSE pg_get_indexdef(x.indexrelid) END,
       CASE WHEN p.coll <> 0 AND NOT pg_collation_is_visible(p.coll) THEN pg_get_indexdef(x.indexrelid) ELSE '' END,
       x.indisunique,
       CASE WHEN x.indisunique THEN coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false) ELSE false END,
       CASE WHEN i.relam = (SELECT oid FROM pg_am WHERE amname = 'btree') THEN '' ELSE (SELECT am.amname FROM pg_am am WHERE am.oid = i.relam) END,
       CASE WHEN i.reloptions IS NULL THEN '' ELSE
         (SELECT json_agg(json_build_object('Name', option_name, 'Value', option_value) ORDER BY option_name COLLATE "C")
          FROM pg_options_to_table(i.reloptions))::text END,
       coalesce(pg_get_expr(x.indpred, x.indrelid), ''),
       '.' || quote_ident(c.relname) || ' USING ',
       k.oid IS NOT NULL, coalesce(k.condeferrable, false), coalesce(k.condeferred, false),
       CASE WHEN k.oid IN (SELECT objoid FROM pg_description WHERE objoid >= 16384 AND classoid = 'pg_constraint'::regclass)
            THEN (SELECT description FROM pg_description WHERE classoid = 'pg_constraint'::regclass AND objoid = k.oid)
            WHEN k.oid IS NULL AND i.oid IN (SELECT objoid FROM pg_description WHERE objoid >= 16384 AND classoid = 'pg_class'::regclass AND objsubid = 0)
            THEN (SELECT description FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid = i.oid AND objsubid = 0) ELSE '' END
FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.contype = 'x'
CROSS JOIN LATERAL unnest(x.indkey::int2[], x.indclass::oid[], x.indcollation::oid[], x.indoption::int2[]) WITH ORDINALITY p(attnum, opclass, coll, opts, nr)
CROSS JOIN LATERAL (SELECT p.opclass IS NULL OR p.opclass IN (SELECT oid FROM pg_opclass WHERE opcdefault) AS class,
  p.opclass IS NULL OR p.opclass < 16384 AND i.relam IN (SELECT oid FROM pg_am WHERE amname IN ('btree', 'hash')) AS params) usual
WHERE x.indisvalid AND NOT x.indisprimary AND {scope}
  AND (NOT x.indisunique OR x.indexrelid NOT IN (SELECT u.conindid FROM pg_constraint u WHERE u.contype = 'u'))
ORDER BY 1, 2, 3`

// defaultCollation is the oid of pg_catalog."default", which is fixed.
const defaultCollation = 100

// foundIndex is a row of the query: one column of an index, and the index.
type foundIndex struct {
	nr, column                     int
	included                       bool
	part                           schema.Part
	collation                      int64
	expr, operator                 string
	definition, inCase             string
	with, where, before            string
	excludes, deferrable, deferred bool
	index                          schema.Index
}

func (r *reader) index(rows *sql.Rows) error {
	var f foundIndex
	var oid int64
	x, p := &f.index, &f.part
	err := rows.Scan(&oid, &x.Name, &f.nr, &f.included, &f.column, &f.expr, &p.Desc, &p.Nulls, &p.Opclass, &f.collation, &p.Collation,
		&f.operator, &f.definition, &f.inCase, &x.Unique, &x.NullsNotDistinct, &x.Method, &f.with, &f.where, &f.before,
		&f.excludes, &f.deferrable, &f.deferred, &x.Comment)
	if err != nil {
		return err
	}
	t := r.tables[oid]
	if t == nil {
		return nil // made meanwhile
	}
	usual := int64(defaultCollation)
	if f.column != 0 {
		c, err := t.column(f.column)
		if err != nil {
			return err
		}
		p.Column, usual = c.name, c.collation
	}
	if f.collation == 0 || f.collation == usual {
		p.Collation, f.inCase = "", ""
	}
	if f.definition == "" {
		f.definition = f.inCase
	}
	if f.expr != "" {
		p.Expr = schema.Expr(f.expr)
	}
	if f.excludes {
		f.addExclusion(t.Table)
		return nil
	}
	return f.addIndex(t.Table)
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
