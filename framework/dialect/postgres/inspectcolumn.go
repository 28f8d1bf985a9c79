package postgres

import (
	"database/sql"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// columnsQuery tells tables with their columns; a table without columns has one
// row with an empty column. A collation of its own is told as "=name", or as what
// stays with the type if it is not in the search path. "serial" is a default that comes from a sequence which the column
// owns; it is counted, as an EXISTS would be planned as one scan of all
// dependencies. Comments are looked up only in tables that have any: joined, they
// would be planned as one loop inside the other where statistics are old.
const columnsQuery = `
SELECT c.oid::int8, {schema}, c.relname, coalesce(tc.description, ''), coalesce(a.attnum, 0), coalesce(a.attname, ''),
       coalesce(format_type(a.atttypid, a.atttypmod), ''), coalesce(a.attcollation::int8, 0),
       CASE WHEN coalesce(a.attcollation, 0) = 0 OR (a.atttypid, a.attcollation) IN (SELECT oid, typcollation FROM pg_type WHERE typcollation <> 0) THEN ''
            ELSE (SELECT CASE WHEN pg_collation_is_visible(co.oid) THEN '=' || co.collname ELSE ' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END
              FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END,
       coalesce(a.attnotnull, false), coalesce(pg_get_expr(d.adbin, d.adrelid), ''),
       coalesce(a.attgenerated::text, ''), coalesce(a.attidentity::text, ''),
       CASE WHEN d.oid IS NOT NULL AND a.attgenerated = '' AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
            THEN (SELECT count(*) > 0 FROM pg_depend used
                  JOIN pg_class seq ON seq.oid = used.refobjid AND seq.relkind = 'S'
                  JOIN pg_depend owned ON owned.classid = 'pg_class'::regclass AND owned.objid = seq.oid
                  WHERE used.classid = 'pg_attrdef'::regclass AND used.objid = d.oid AND used.refclassid = 'pg_class'::regclass
                    AND owned.refclassid = 'pg_class'::regclass AND owned.refobjid = c.oid AND owned.refobjsubid = a.attnum AND owned.deptype = 'a')
            ELSE false END,
       CASE WHEN c.oid IN (SELECT objoid FROM pg_description WHERE objoid >= 16384 AND classoid = 'pg_class'::regclass AND objsubid > 0)
            THEN coalesce((SELECT description FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid = c.oid AND objsubid = a.attnum), '') ELSE '' END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_description tc ON tc.classoid = 'pg_class'::regclass AND tc.objoid = c.oid AND tc.objsubid = 0
WHERE {scope}
ORDER BY 1, 5`

// identities are pg_attribute's letters.
var identities = map[string]schema.Identity{"a": schema.IdentityAlways, "d": schema.IdentityByDefault}

func (r *reader) column(rows *sql.Rows) error {
	var (
		oid, collation                                              int64
		schemaName, table, comment, typ, value, generated, identity string
		order                                                       string
		number                                                      int
		serial                                                      bool
		c                                                           schema.Column
	)
	err := rows.Scan(&oid, &schemaName, &table, &comment, &number, &c.Name, &typ, &collation, &order, &c.NotNull, &value, &generated, &identity, &serial, &c.Comment)
	if err != nil {
		return err
	}
	t := r.tables[oid]
	if t == nil {
		t = &numberedTable{&schema.Table{Schema: schemaName, Name: table, Comment: comment}, map[int]numberedColumn{}}
		r.tables[oid] = t
		r.found.Tables = append(r.found.Tables, t.Table)
	}
	if number == 0 {
		return nil
	}
	t.columns[number] = numberedColumn{c.Name, collation}
	name, visible := strings.CutPrefix(order, "=")
	if visible {
		c.Collation, order = name, ""
	}
	c.Type = schema.Raw(typ + order)
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
