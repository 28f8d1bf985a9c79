package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// Enum implements op.Catalog.
func (l live) Enum(ctx context.Context, schemaName, name string) (*schema.Enum, error) {
	values, err := l.texts(ctx, `SELECT e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typname = `+Dialect{}.Literal(name)+` AND `+inSchema(schemaName)+` ORDER BY e.enumsortorder`)
	if err != nil || len(values) == 0 {
		return nil, err
	}
	return &schema.Enum{Schema: schemaName, Name: name, Values: values}, nil
}

// Has implements op.Catalog.
func (l live) Has(ctx context.Context, o op.Object) (bool, error) {
	var query string
	switch o.Kind {
	case "extension":
		query = `SELECT extname FROM pg_extension WHERE extname = ` + Dialect{}.Literal(o.Name)
	case "table":
		query = `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND ` +
			inSchema(o.Schema) + ` AND c.relname = ` + Dialect{}.Literal(o.Table)
	default:
		query = `SELECT nspname FROM pg_namespace WHERE nspname = ` + Dialect{}.Literal(o.Schema)
	}
	found, err := l.texts(ctx, query)
	return len(found) > 0, err
}

// texts reads rows of one column.
func (l live) texts(ctx context.Context, query string) ([]string, error) {
	rows, err := l.db.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("reading the catalog: %w", err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}

// enumTypes is a query for the enum and its array type.
func enumTypes(schemaName, name string) string {
	return `SELECT unnest(ARRAY[t.oid, t.typarray]) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND t.typname = ` + Dialect{}.Literal(name) + ` AND ` + inSchema(schemaName)
}

// EnumUsers implements op.Catalog. Partitions are their parent's.
func (l live) EnumUsers(ctx context.Context, schemaName, name string) ([]op.EnumUser, error) {
	types := enumTypes(schemaName, name)
	using := `EXISTS (SELECT FROM pg_attribute e WHERE e.attrelid = c.oid AND e.attnum > 0 AND NOT e.attisdropped AND e.atttypid IN (` + types + `))`
	s, err := inspect(ctx, l.db, scope{where: using, plain: true})
	if err != nil {
		return nil, err
	}
	var users []op.EnumUser
	for _, t := range s.Tables {
		columns, err := l.texts(ctx, `SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = `+Dialect{}.Literal(t.Name)+` AND `+inSchema(t.Schema)+` AND a.attnum > 0 AND NOT a.attisdropped
  AND a.atttypid IN (`+types+`) ORDER BY a.attnum`)
		if err != nil {
			return nil, err
		}
		users = append(users, op.EnumUser{Table: t, Columns: columns})
	}
	return users, nil
}

// enumExtras refuses what the replacing of an enum would leave with the old type
// (views, functions, domains, …), and returns the statements that give the new
// one the owner, grants and comment of the old. They are made of its name alone,
// which the new one has by then.
func (l live) enumExtras(ctx context.Context, schemaName, name string) ([]string, error) {
	others, err := l.texts(ctx, `SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid)
FROM pg_depend d
LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid IN (`+enumTypes(schemaName, name)+`) AND d.deptype = 'n'
  AND NOT (d.classid IN ('pg_constraint'::regclass, 'pg_attrdef'::regclass) OR d.classid = 'pg_class'::regclass AND c.relkind IN ('r', 'p', 'i', 'I'))
ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	if len(others) > 0 {
		return nil, fmt.Errorf("the enum is made anew, but other things use it too: drop them before and make them again behind: %s", strings.Join(others, "; "))
	}
	var w writer
	w.table(schemaName, name)
	typ := Dialect{}.Literal(w.b.String())
	return l.texts(ctx, `WITH t AS (SELECT t.* FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typtype = 'e' AND t.typname = `+Dialect{}.Literal(name)+` AND `+inSchema(schemaName)+`)
SELECT sql FROM (
  SELECT 1 AS step, 'ALTER TYPE ' || `+typ+` || ' OWNER TO ' || quote_ident(pg_get_userbyid(typowner)) AS sql FROM t
    WHERE pg_get_userbyid(typowner) <> current_user
  UNION ALL SELECT 2, 'REVOKE ALL ON TYPE ' || `+typ+` || ' FROM PUBLIC' FROM t WHERE typacl IS NOT NULL
  UNION ALL SELECT 3, 'GRANT USAGE ON TYPE ' || `+typ+` || ' TO ' || CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END
    || CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END FROM t, aclexplode(t.typacl) g WHERE g.grantee <> t.typowner
  UNION ALL SELECT 4, 'COMMENT ON TYPE ' || `+typ+` || ' IS ' || quote_literal(obj_description(oid, 'pg_type')) FROM t WHERE obj_description(oid, 'pg_type') IS NOT NULL
) s ORDER BY step, sql`)
}
