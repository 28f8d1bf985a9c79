package postgres

import (
	"database/sql"

	"github.com/leavendb/leaven/framework/schema"
)

// columnsQuery tells tables with their columns; a table without columns has one
// row with an empty column. A collation that is not in the search path stays with
// the type. "serial" is a default that comes from a sequence which the column
// owns; it is counted, as an EXISTS would be planned as one scan of all
// dependencies.
const columnsQuery = `
SELECT {schema}, c.relname, coalesce(tc.description, ''), coalesce(a.attname, ''),
       coalesce(format_type(a.atttypid, a.atttypmod), '')
         || CASE WHEN collated.own THEN (SELECT CASE WHEN pg_collation_is_visible(co.oid) THEN '' ELSE ' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END
              FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) ELSE '' END,
       CASE WHEN collated.own THEN (SELECT CASE WHEN pg_collation_is_visible(co.oid) THEN co.collname ELSE '' END
              FROM pg_collation co WHERE co.oid = a.attcollation) ELSE '' END,
       coalesce(a.attnotnull, false),
       CASE WHEN a.atthasdef THEN (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = c.oid AND d.adnum = a.attnum) ELSE '' END,
       coalesce(a.attgenerated::text, ''), coalesce(a.attidentity::text, ''),
       CASE WHEN a.atthasdef AND a.attgenerated = '' AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
            THEN (SELECT count(*) > 0 FROM pg_attrdef d
                  JOIN pg_depend used ON used.classid = 'pg_attrdef'::regclass AND used.objid = d.oid AND used.refclassid = 'pg_class'::regclass
                  JOIN pg_class seq ON seq.oid = used.refobjid AND seq.relkind = 'S'
                  JOIN pg_depend owned ON owned.classid = 'pg_class'::regclass AND owned.objid = seq.oid
                  WHERE d.adrelid = c.oid AND d.adnum = a.attnum AND owned.refclassid = 'pg_class'::regclass AND owned.refobjid = c.oid AND owned.refobjsubid = a.attnum AND owned.deptype = 'a')
            ELSE false END,
       coalesce(ac.description, '')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type t ON t.oid = a.atttypid
CROSS JOIN LATERAL (SELECT a.attcollation <> 0 AND a.attcollation <> t.typcollation AS own) collated
LEFT JOIN pg_description tc ON tc.classoid = 'pg_class'::regclass AND tc.objoid = c.oid AND tc.objsubid = 0
LEFT JOIN pg_description ac ON ac.classoid = 'pg_class'::regclass AND ac.objoid = c.oid AND ac.objsubid = a.attnum
WHERE {scope}
ORDER BY 1, 2, a.attnum`

// identities are pg_attribute's letters.
var identities = map[string]schema.Identity{"a": schema.IdentityAlways, "d": schema.IdentityByDefault}

func (r *reader) column(rows *sql.Rows) error {
	var (
		schemaName, table, comment, value, generated, identity string
		typ                                                    sql.NullString
		serial                                                 bool
		c                                                      schema.Column
	)
	err := rows.Scan(&schemaName, &table, &comment, &c.Name, &typ, &c.Collation, &c.NotNull, &value, &generated, &identity, &serial, &c.Comment)
	if err != nil {
		return err
	}
	known := len(r.tables)
	t := r.table(schemaName, table)
	if len(r.tables) > known {
		t.Comment = comment
		r.found.Tables = append(r.found.Tables, t)
	}
	if c.Name == "" {
		return nil
	}
	c.Type = schema.Raw(typ.String)
	switch c.Identity = identities[identity]; {
	case identity != "" || serial:
		c.AutoIncrement = true
	case generated != "":
		c.Generated, c.Virtual = schema.Expr(value), generated == "v"
	case value != "":
		c.Default = defaultOf(value)
	}
	t.Columns = append(t.Columns, c)
	return nil
}

// defaultOf is a default in the server's words. Three spellings of the time of
// the transaction are one: bun's models say current_timestamp, Leaven says
// now().
func defaultOf(text string) schema.Expression {
	switch text {
	case "CURRENT_TIMESTAMP", "transaction_timestamp()":
		text = "now()"
	}
	return schema.Expr(text)
}
