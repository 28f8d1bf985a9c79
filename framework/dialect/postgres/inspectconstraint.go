package postgres

import (
	"database/sql"
	"fmt"

	"github.com/leavendb/leaven/framework/schema"
)

// constraintsQuery tells primary keys, unique constraints, checks and foreign
// keys; exclusion constraints are told with the indexes. 14 does not have the
// column indnullsnotdistinct, hence the detour. A check's expression is the text between the parentheses of CHECK ( ).
const constraintsQuery = `
SELECT {schema}, c.relname, k.conname, k.contype::text,
       CASE WHEN k.contype = 'c' THEN '' ELSE (SELECT json_agg((SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = u.num) ORDER BY u.ord)
         FROM unnest(k.conkey) WITH ORDINALITY u(num, ord))::text END,
       coalesce(pg_get_expr(k.conbin, k.conrelid), ''),
       coalesce({refschema}, ''), coalesce(fc.relname, ''),
       CASE WHEN k.contype <> 'f' THEN '' ELSE (SELECT json_agg((SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = u.num) ORDER BY u.ord)
         FROM unnest(k.confkey) WITH ORDINALITY u(num, ord))::text END,
       k.confdeltype::text, k.confupdtype::text, k.condeferrable, k.condeferred, NOT k.convalidated,
       CASE WHEN k.contype = 'u' THEN (SELECT coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false) FROM pg_index x WHERE x.indexrelid = k.conindid) ELSE false END,
       coalesce(kc.description, '')
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class fc ON fc.oid = k.confrelid
LEFT JOIN pg_namespace fn ON fn.oid = fc.relnamespace
LEFT JOIN pg_description kc ON kc.classoid = 'pg_constraint'::regclass AND kc.objoid = k.oid
WHERE k.contype IN ('p', 'u', 'c', 'f') AND {scope}
ORDER BY 1, 2, 3`

// actions are pg_constraint's letters; anything else is NO ACTION.
var actions = map[string]schema.Action{
	"r": schema.Restrict, "c": schema.Cascade, "n": schema.SetNull, "d": schema.SetDefault,
}

func (r *reader) constraint(rows *sql.Rows) error {
	var (
		schemaName, table, name, kind, columns, check string
		refColumns, onDelete, onUpdate, comment       string
		f                                             schema.ForeignKey
		nullsNotDistinct                              bool
	)
	err := rows.Scan(&schemaName, &table, &name, &kind, &columns, &check, &f.RefSchema, &f.RefTable, &refColumns, &onDelete, &onUpdate,
		&f.Deferrable, &f.InitiallyDeferred, &f.NotValid, &nullsNotDistinct, &comment)
	if err != nil {
		return err
	}
	t := r.table(schemaName, table)
	list, err := names(columns)
	if err != nil {
		return err
	}
	switch kind {
	case "p":
		t.PrimaryKey, t.PrimaryKeyName = list, name
	case "u":
		t.Uniques = append(t.Uniques, schema.Unique{Name: name, Columns: list,
			NullsNotDistinct: nullsNotDistinct, Deferrable: f.Deferrable, InitiallyDeferred: f.InitiallyDeferred, Comment: comment})
	case "c":
		t.Checks = append(t.Checks, schema.Check{Name: name, Expr: schema.Expr(check), NotValid: f.NotValid, Comment: comment})
	case "f":
		f.Name, f.Columns, f.Comment = name, list, comment
		if f.RefColumns, err = names(refColumns); err != nil {
			return err
		}
		f.OnDelete, f.OnUpdate = actions[onDelete], actions[onUpdate]
		t.ForeignKeys = append(t.ForeignKeys, f)
	default:
		return fmt.Errorf("constraint %s of %s has the unknown kind %q", name, table, kind)
	}
	return nil
}
