package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// patience is how long the server may take to make or to remove a database.
const patience = time.Minute

// scratchDatabase is a database of its own.
type scratchDatabase struct {
	dialect Dialect
	admin   *bun.DB // where it is made and removed
	name    string
	pool    *bun.DB
	hold    *sql.Conn // idles in a transaction there: while it does, nobody sweeps the database
	lacks   []string
	swept   []string
	closed  bool
}

// sweptAway says that another run took the database for a leftover, between its
// making and our first connection.
var errSweptAway = errors.New("the scratch database was removed before it was used")

// scratchDatabase makes one. Without an error and without a database, why tells
// what does not allow it.
func (d Dialect) scratchDatabase(ctx context.Context, db *bun.DB, from surroundings, o dialect.ScratchOptions) (_ *scratchDatabase, why string, err error) {
	if !from.mayDatabase {
		return nil, fmt.Sprintf("%s may not create databases (ALTER ROLE %s CREATEDB)", from.user, d.Quote(from.user)), nil
	}
	way, err := wayOf(ctx, db)
	if err != nil {
		return nil, "", err
	}
	if way == nil {
		return nil, fmt.Sprintf("the pool's driver (%T) does not tell how it connects: open the database by its URL", db.Driver()), nil
	}
	for range 3 {
		s := &scratchDatabase{dialect: d, admin: db, name: newScratchName()}
		why, err = s.make(ctx, from, way, o)
		if why == "" && err == nil {
			return s, "", nil
		}
		if err := s.Close(); err != nil {
			return nil, "", err
		}
		if !errors.Is(err, errSweptAway) {
			return nil, why, err
		}
	}
	return nil, "", err
}

// make fills s. What it leaves behind when it fails is removed by Close.
func (s *scratchDatabase) make(ctx context.Context, from surroundings, way login, o dialect.ScratchOptions) (why string, err error) {
	if err := s.create(ctx, from); err != nil {
		return s.refused(err)
	}
	s.pool = bun.NewDB(sql.OpenDB(way(s.name)), pgdialect.New())
	if s.hold, err = s.pool.DB.Conn(ctx); err != nil {
		return s.unreached(ctx, err)
	}
	// In a transaction, as a pooler keeps a session for nothing less.
	if _, err := s.hold.ExecContext(ctx, "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
		return s.unreached(ctx, err)
	}
	if err := s.furnish(ctx, from, o); err != nil {
		return "", err
	}
	return s.enough(ctx, o)
}

// create makes the database and gives its sessions the settings that decide how
// the server spells things, and where names are looked for.
func (s *scratchDatabase) create(ctx context.Context, from surroundings) error {
	// A server that has begun to make a database finishes it, whether we wait or not.
	steady, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	conn, err := s.admin.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	name := s.dialect.Quote(s.name)
	if _, err := conn.ExecContext(steady, "CREATE DATABASE "+name+" TEMPLATE template0 "+from.like); err != nil {
		return err
	}
	// What a role has set for itself is stronger than what a database has.
	alter := "ALTER DATABASE " + name
	if from.user == from.login {
		alter = "ALTER ROLE " + s.dialect.Quote(from.user) + " IN DATABASE " + name
	}
	var settings []string
	for _, setting := range []string{"search_path", "TimeZone", "IntervalStyle", "extra_float_digits", "bytea_output", "quote_all_identifiers", "lc_monetary", "default_text_search_config"} {
		settings = append(settings, alter+" SET "+setting+" FROM CURRENT")
	}
	if _, err := conn.ExecContext(steady, strings.Join(settings, ";\n")); err != nil {
		return err
	}
	return ctx.Err()
}

// refused tells a missing right, and another run's sweep between the making of the
// database and its settings, from a fault.
func (s *scratchDatabase) refused(err error) (why string, _ error) {
	fault := s.dialect.Classify(err)
	switch {
	case fault.Class == dialect.NoPrivilege:
		return "the server does not create the database: " + err.Error(), nil
	case fault.Code == "3D000", fault.Code == "42704": // "database … was concurrently dropped"
		return "", fmt.Errorf("%w: %w", errSweptAway, err)
	}
	return "", fmt.Errorf("creating a scratch database: %w", err)
}

// unreached explains why a database that was made cannot be connected to.
func (s *scratchDatabase) unreached(ctx context.Context, err error) (why string, _ error) {
	if ctx.Err() != nil {
		return "", err
	}
	there, look := live{s.admin}.texts(ctx, "SELECT datname FROM pg_database WHERE datname = "+s.dialect.Literal(s.name))
	switch {
	case look != nil:
		return "", look
	case len(there) == 0:
		return "", errSweptAway
	}
	return fmt.Sprintf("a new database cannot be reached (%v); where a pooler or pg_hba.conf lists the databases, set DIRECT_DATABASE_URL to the server's own address, or allow %s*", err, scratchPrefix), nil
}

// furnish makes the schemas and extensions that are around the tables.
func (s *scratchDatabase) furnish(ctx context.Context, from surroundings, o dialect.ScratchOptions) error {
	makes := o.Makes
	if makes == nil {
		makes = &schema.Schema{}
	}
	var statements []string
	for _, name := range from.schemas {
		if !slices.Contains(makes.Schemas, name) {
			statements = append(statements, "CREATE SCHEMA IF NOT EXISTS "+s.dialect.Quote(name))
		}
	}
	if len(statements) > 0 {
		if _, err := s.pool.ExecContext(ctx, strings.Join(statements, ";\n")); err != nil {
			return fmt.Errorf("making schemas in a scratch database: %w", err)
		}
	}
	if !slices.Contains(from.schemas, "public") {
		// 14 lets only its own superuser do it; the schema is then one too many.
		_, _ = s.pool.ExecContext(ctx, "DROP SCHEMA public")
	}
	for _, e := range from.extensions {
		if slices.ContainsFunc(makes.Extensions, func(m schema.Extension) bool { return m.Name == e.Name }) {
			continue
		}
		if err := s.extend(ctx, e); err != nil {
			s.lacks = append(s.lacks, e.Name)
		}
	}
	return ctx.Err()
}

// extend makes an extension in its version, or in the server's, where that of the
// database cannot be made any more.
func (s *scratchDatabase) extend(ctx context.Context, e extension) (err error) {
	create := "CREATE EXTENSION IF NOT EXISTS " + s.dialect.Quote(e.Name) + " SCHEMA " + s.dialect.Quote(e.Schema)
	if _, err = s.pool.ExecContext(ctx, create+" VERSION "+s.dialect.Literal(e.Version)); err != nil {
		_, err = s.pool.ExecContext(ctx, create)
	}
	return err
}

// usedQuery tells extensions that tables use: in columns, indexes, defaults,
// constraints or triggers.
const usedQuery = `SELECT DISTINCT e.extname FROM pg_extension e
JOIN pg_depend m ON m.refclassid = 'pg_extension'::regclass AND m.refobjid = e.oid AND m.deptype = 'e'
JOIN pg_depend u ON u.refclassid = m.classid AND u.refobjid = m.objid AND u.deptype IN ('n', 'a')
WHERE u.classid IN ('pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_trigger'::regclass)
   OR u.classid = 'pg_constraint'::regclass AND EXISTS (SELECT FROM pg_constraint k WHERE k.oid = u.objid AND k.conrelid <> 0)`

// enough asks whether the extensions that could not be made are needed. If so,
// the weaker place, which has them, is the better one.
func (s *scratchDatabase) enough(ctx context.Context, o dialect.ScratchOptions) (why string, err error) {
	if len(s.lacks) == 0 || o.Whole {
		return "", nil
	}
	used, err := live{s.admin}.texts(ctx, usedQuery)
	if err != nil {
		return "", err
	}
	for _, name := range s.lacks {
		if slices.Contains(used, name) {
			return fmt.Sprintf("the role may not make the extension %s in another database", name), nil
		}
	}
	return "", nil
}

// DB implements dialect.Scratch.
func (s *scratchDatabase) DB() bun.IDB { return s.pool }

// Pool implements dialect.Scratch.
func (s *scratchDatabase) Pool() *bun.DB { return s.pool }

// Inside implements dialect.Scratch.
func (s *scratchDatabase) Inside(want *schema.Schema) *schema.Schema { return want }

// Inspect implements dialect.Scratch.
func (s *scratchDatabase) Inspect(ctx context.Context, schemas ...string) (*schema.Schema, error) {
	return s.dialect.Inspect(ctx, s.pool, schemas...)
}

// Weaker implements dialect.Scratch.
func (s *scratchDatabase) Weaker() string {
	if len(s.lacks) == 0 {
		return ""
	}
	return "what needs the extensions " + strings.Join(s.lacks, ", ") + " cannot be built: the role may not make them in a scratch database"
}

// Swept implements dialect.Scratch.
func (s *scratchDatabase) Swept() []string { return s.swept }

// Close implements dialect.Scratch.
func (s *scratchDatabase) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	if s.pool != nil {
		if s.hold != nil {
			_ = s.hold.Close()
		}
		_ = s.pool.Close() // and with it the transaction
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	// FORCE ends connections that the closing of the pool did not, such as a pooler's.
	remove := "DROP DATABASE IF EXISTS " + s.dialect.Quote(s.name)
	if _, err := s.admin.ExecContext(ctx, remove+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("the scratch database %s is still there: %w; a later run removes it, or you do: %s", s.name, err, remove)
	}
	return nil
}
