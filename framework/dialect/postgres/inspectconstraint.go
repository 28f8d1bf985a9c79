package postgres

import (
	"database/sql"
	"fmt"

	"github.com/leavendb/leaven/framework/schema"
)

// constraintsQuery tells primary keys, unique constraints, checks and foreign
// keys; exclusion constraints are told with the indexes. 14 does not have the
// column indnullsnotdistinct, hence the detour. Columns are told by number, those
// of other tables, which may not be read, by name.
const constraintsQuery = `
SELECT k.conrelid::int8, k.conname, k.contype::text,
       CASE WHEN k.contype = 'c' THEN '' ELSE to_json(k.conkey)::text END,
       coalesce(pg_get_expr(k.conbin, k.conrelid), ''),
       coalesce({refschema}, ''), coalesce(fc.relname, ''),
       CASE WHEN k.contype <> 'f' THEN '' ELSE to_json(ARRAY(SELECT a.attname FROM unnest(k.confkey) WITH ORDINALITY u(num, ord)
         JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.ord))::text END,
       k.confdeltype::text, k.confupdtype::text, k.condeferrable, k.condeferred, NOT k.convalidated,
       CASE WHEN k.contype = 'u' THEN (SELECT coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false) FROM pg_index x WHERE x.indexrelid = k.conindid) ELSE false END,
       CASE WHEN k.oid IN (SELECT objoid FROM pg_description WHERE objoid >= 16384 AND classoid = 'pg_constraint'::regclass)
            THEN (SELECT description FROM pg_description WHERE classoid = 'pg_constraint'::regclass AND objoid = k.oid) ELSE '' END
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class fc ON fc.oid = k.confrelid
LEFT JOIN pg_namespace fn ON fn.oid = fc.relnamespace
WHERE k.contype IN ('p', 'u', 'c', 'f') AND {scope}
ORDER BY 1, 2`

// actions are pg_constraint's letters; anything else is NO ACTION.
var actions = map[string]schema.Action{
	"r": schema.Restrict, "c": schema.Cascade, "n": schema.SetNull, "d": schema.SetDefault,
}

func (r *reader) constraint(rows *sql.Rows) error {
	var (
		oid                                     int64
		name, kind, columns, check              string
		refColumns, onDelete, onUpdate, comment string
		f                                       schema.ForeignKey
		nullsNotDistinct                        bool
	)
	err := rows.Scan(&oid, &name, &kind, &columns, &check, &f.RefSchema, &f.RefTable, &refColumns, &onDelete, &onUpdate,
		&f.Deferrable, &f.InitiallyDeferred, &f.NotValid, &nullsNotDistinct, &comment)
	if err != nil {
		return err
	}
	t := r.tables[oid]
	if t == nil {
		return nil // made meanwhile
	}
	list, err := t.named(columns)
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
		if f.RefColumns, err = listed[string](refColumns); err != nil {
			return err
		}
		f.OnDelete, f.OnUpdate = actions[onDelete], actions[onUpdate]
		t.ForeignKeys = append(t.ForeignKeys, f)
	default:
		return fmt.Errorf("constraint %s of %s has the unknown kind %q", name, t.Name, kind)
	}
	return nil
}
