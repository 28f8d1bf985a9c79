package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

var _ dialect.Scratcher = Dialect{}

// Scratch implements dialect.Scratcher. The database has the encoding, the
// collation and the settings of db's sessions, its extensions and schemas as far
// as the role may make them, and none of its tables. It is made on db's pool and
// reached with pgdriver, by what a connection of pgdriver or pgx tells of how it
// was made.
func (d Dialect) Scratch(ctx context.Context, db *bun.DB, o dialect.ScratchOptions) (dialect.Scratch, error) {
	from, err := lookAround(ctx, db)
	if err != nil {
		return nil, err
	}
	if from.readOnly {
		return nil, fmt.Errorf("%w: %s takes no writes: connect to the primary, as a user who may write", dialect.ErrNoScratch, from.database)
	}
	swept, _ := d.Sweep(ctx, db) // what could not be removed is tried again by the next run
	whole, why, err := d.scratchDatabase(ctx, db, from, o)
	if err != nil {
		return nil, err
	}
	if whole != nil {
		whole.swept = swept
		return whole, nil
	}
	if o.Whole {
		return nil, fmt.Errorf("%w: %s", dialect.ErrNoScratch, why)
	}
	if !from.maySchema {
		return nil, fmt.Errorf("%w: %s; nor may %s create schemas in %s (GRANT CREATE ON DATABASE %s TO %s)",
			dialect.ErrNoScratch, why, from.user, from.database, d.Quote(from.database), d.Quote(from.user))
	}
	weaker, err := d.scratchSchema(ctx, db, from, o)
	if err != nil {
		return nil, err
	}
	weaker.why, weaker.swept = why, swept
	return weaker, nil
}

// surroundings are what a scratch place copies, and what the role may.
type surroundings struct {
	user, login, database            string
	readOnly, mayDatabase, maySchema bool
	like                             string      // the options of CREATE DATABASE that make one of this encoding and collation
	path                             []string    // the schemas of search_path that exist
	schemas                          []string    // all that are not the server's
	extensions                       []extension // in the order in which they were made
}

type extension struct{ Name, Schema, Version string }

// surroundingsQuery asks the database's row as JSON for columns that not every
// version has.
const surroundingsQuery = `
SELECT current_user::text, session_user::text, current_database()::text,
       pg_is_in_recovery() OR current_setting('transaction_read_only')::bool,
       r.rolcreatedb OR r.rolsuper, has_database_privilege(current_database(), 'CREATE'),
       'ENCODING ' || quote_literal(pg_encoding_to_char(d.encoding)) || ' LC_COLLATE ' || quote_literal(d.datcollate) || ' LC_CTYPE ' || quote_literal(d.datctype) ||
         CASE j.row ->> 'datlocprovider'
           WHEN 'c' THEN ' LOCALE_PROVIDER libc'
           WHEN 'b' THEN ' LOCALE_PROVIDER builtin BUILTIN_LOCALE ' || quote_literal(j.row ->> 'datlocale')
           WHEN 'i' THEN ' LOCALE_PROVIDER icu ICU_LOCALE ' || quote_literal(coalesce(j.row ->> 'datlocale', j.row ->> 'daticulocale'))
             || coalesce(' ICU_RULES ' || quote_literal(j.row ->> 'daticurules'), '')
           ELSE '' END,
       json_build_object(
         'Path', (SELECT coalesce(json_agg(p), '[]') FROM unnest(current_schemas(false)) p),
         'Schemas', (SELECT coalesce(json_agg(nspname ORDER BY nspname), '[]') FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
         'Extensions', (SELECT coalesce(json_agg(json_build_object('Name', e.extname, 'Schema', n.nspname, 'Version', e.extversion) ORDER BY e.oid), '[]')
            FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql'))::text
FROM pg_database d JOIN pg_roles r ON r.rolname = current_user CROSS JOIN LATERAL (SELECT to_jsonb(d) AS row) j
WHERE d.datname = current_database()`

func lookAround(ctx context.Context, db bun.IDB) (surroundings, error) {
	var s surroundings
	var lists string
	err := db.QueryRowContext(ctx, surroundingsQuery).Scan(&s.user, &s.login, &s.database, &s.readOnly, &s.mayDatabase, &s.maySchema, &s.like, &lists)
	if err != nil {
		return s, fmt.Errorf("looking at what a scratch database needs: %w", err)
	}
	var told struct {
		Path, Schemas []string
		Extensions    []extension
	}
	if err := json.Unmarshal([]byte(lists), &told); err != nil {
		return s, err
	}
	s.path, s.schemas, s.extensions = told.Path, told.Schemas, told.Extensions
	return s, nil
}
