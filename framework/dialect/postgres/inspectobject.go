package postgres

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// objectsQuery tells what is no part of a table: schemas, extensions, enums,
// sequences that no column owns, views, and triggers, each as JSON with the names
// of the fields of package schema. What belongs to an extension is left out.
const objectsQuery = `
SELECT o.kind, o.told::text FROM (
  SELECT 1 AS step, 'schema' AS kind, n.nspname AS first, '' AS second, '' AS third, json_build_object('Name', n.nspname) AS told
  FROM pg_namespace n WHERE {named} AND {where}
UNION ALL
  SELECT 2, 'extension', e.extname, '', '', json_build_object('Name', e.extname, 'Schema', {schema}, 'Version', e.extversion)
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE {where}
UNION ALL
  SELECT 3, 'enum', {schema}, t.typname, '', json_build_object('Schema', {schema}, 'Name', t.typname,
    'Values', (SELECT json_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = t.oid))
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND {where}
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
UNION ALL
  SELECT 4, 'sequence', {schema}, c.relname, '', json_build_object('Schema', {schema}, 'Name', c.relname, 'Of', format_type(s.seqtypid, NULL),
    'Start', s.seqstart, 'Increment', s.seqincrement, 'Min', s.seqmin, 'Max', s.seqmax, 'Cache', s.seqcache, 'Cycle', s.seqcycle)
  FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {where}
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i', 'e'))
UNION ALL
  SELECT 5, 'view', {schema}, c.relname, '', json_build_object('Schema', {schema}, 'Name', c.relname, 'Materialized', c.relkind = 'm',
    'Text', rtrim(pg_get_viewdef(c.oid), ';'))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND {where}
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
  SELECT 6, 'trigger', {schema}, c.relname, g.tgname, json_build_object('Schema', {schema}, 'Table', c.relname, 'Name', g.tgname, 'Constraint', g.tgconstraint <> 0,
    'Before', 'CREATE ' || CASE WHEN g.tgconstraint <> 0 THEN 'CONSTRAINT ' ELSE '' END || 'TRIGGER ' || quote_ident(g.tgname) || ' ',
    'On', ' ON ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || ' ', 'Text', pg_get_triggerdef(g.oid))
  FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT g.tgisinternal AND NOT c.relispartition AND {where}
) o ORDER BY o.step, o.first, o.second, o.third`

// toldObject has the fields of all kinds.
type toldObject struct {
	Schema, Table, Name, Version, Of, Text, Before, On string
	Values                                             []string
	Start, Increment, Min, Max, Cache                  int64
	Cycle, Materialized, Constraint                    bool
}

func (r *reader) object(rows *sql.Rows) error {
	var kind, text string
	if err := rows.Scan(&kind, &text); err != nil {
		return err
	}
	var o toldObject
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	s := r.found
	switch kind {
	case "schema":
		s.Schemas = append(s.Schemas, o.Name)
	case "extension":
		s.Extensions = append(s.Extensions, schema.Extension{Name: o.Name, Schema: o.Schema, Version: o.Version})
	case "enum":
		s.Enums = append(s.Enums, &schema.Enum{Schema: o.Schema, Name: o.Name, Values: o.Values})
	case "sequence":
		s.Sequences = append(s.Sequences, &schema.Sequence{
			Schema: o.Schema, Name: o.Name, Type: schema.Raw(o.Of), Start: o.Start, Increment: o.Increment,
			Min: &o.Min, Max: &o.Max, Cache: o.Cache, Cycle: o.Cycle,
		})
	case "view":
		s.Views = append(s.Views, &schema.View{Schema: o.Schema, Name: o.Name, Query: schema.Expr(o.Text), Materialized: o.Materialized})
	case "trigger":
		event, action, ok := cutTrigger(o)
		if !ok {
			return fmt.Errorf("trigger %s of %s has a definition that is not understood: %s", o.Name, o.Table, o.Text)
		}
		s.Triggers = append(s.Triggers, schema.Trigger{
			Schema: o.Schema, Table: o.Table, Name: o.Name, Constraint: o.Constraint, Event: schema.Expr(event), Action: schema.Expr(action),
		})
	default:
		return fmt.Errorf("an object of the unknown kind %q", kind)
	}
	return nil
}

// cutTrigger takes the names out of a trigger's definition.
func cutTrigger(o toldObject) (event, action string, ok bool) {
	text, ok := strings.CutPrefix(o.Text, o.Before)
	if !ok {
		return "", "", false
	}
	return strings.Cut(text, o.On)
}
