package postgres_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	osexec "os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/driver/pgdriver"
)

const holderEnv = "LEAVEN_TEST_SCRATCH_HOLDER"

func TestMain(m *testing.M) {
	if url := os.Getenv(holderEnv); url != "" {
		hold(url)
		return
	}
	os.Exit(m.Run())
}

// hold is a run that has a scratch database until it is killed.
func hold(url string) {
	db, err := postgres.Dialect{}.Open(context.Background(), url)
	if err == nil {
		var s dialect.Scratch
		if s, err = (postgres.Dialect{}).Scratch(context.Background(), db, dialect.ScratchOptions{}); err == nil {
			var name string
			err = s.DB().QueryRowContext(context.Background(), "SELECT current_database()").Scan(&name)
			fmt.Println(name)
		}
	}
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	_, _ = bufio.NewReader(os.Stdin).ReadByte() // for ever
}

func scratch(t *testing.T, db *bun.DB, o dialect.ScratchOptions) dialect.Scratch {
	t.Helper()
	s, err := postgres.Dialect{}.Scratch(t.Context(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func value(t *testing.T, db bun.IDB, query string) (v string) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func exists(t *testing.T, db bun.IDB, database string) bool {
	t.Helper()
	return value(t, db, "SELECT count(*)::text FROM pg_database WHERE datname = '"+database+"'") == "1"
}

func open(t *testing.T, url string) *bun.DB {
	t.Helper()
	db, err := postgres.Dialect{}.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func pgx(t *testing.T, url string) *bun.DB {
	t.Helper()
	pool, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	db := bun.NewDB(pool, pgdialect.New())
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// The database is like the one that it stands for, whoever opened that; the
// password is found where it is needed.
func TestScratchIsLikeTheDatabase(t *testing.T) {
	for name, open := range map[string]func(t *testing.T, url string) *bun.DB{
		"ours": open, "pgdriver": func(t *testing.T, url string) *bun.DB { return pgtest.Open(t, url) }, "pgx": pgx,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			super, url := pgtest.New(t)
			role, login := pgtest.PasswordRole(t, url, "CREATEDB")
			exec(t, super, `CREATE SCHEMA app; CREATE SCHEMA "we""ird"; CREATE EXTENSION citext SCHEMA "we""ird"; CREATE TABLE app.users (id int);
				GRANT USAGE ON SCHEMA app, "we""ird" TO `+role)
			exec(t, super, `DO $$ BEGIN EXECUTE format('ALTER ROLE `+role+` IN DATABASE %I SET search_path = app, "we""ird"; ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database(), current_database()); END $$`)
			db := open(t, login)
			db.SetMaxOpenConns(1) // one connection has to do
			s := scratch(t, db, dialect.ScratchOptions{})
			if s.Pool() == nil || s.Weaker() != "" {
				t.Fatalf("weaker: %s", s.Weaker())
			}
			for _, q := range []string{
				"SELECT version()", "SHOW search_path", "SHOW TimeZone", "SELECT current_schema()", "SELECT current_user", "SHOW server_encoding",
				"SELECT datcollate || datctype FROM pg_database WHERE datname = current_database()",
				"SELECT string_agg(extname || extversion || extnamespace::regnamespace::text, ',' ORDER BY extname) FROM pg_extension",
				"SELECT string_agg(nspname, ',' ORDER BY nspname) FROM pg_namespace WHERE nspname !~ '^pg_temp|^pg_toast_temp'",
			} {
				if d := cmp.Diff(value(t, db, q), value(t, s.Pool(), q)); d != "" {
					t.Errorf("%s (-want +got):\n%s", q, d)
				}
			}
			if n := value(t, s.Pool(), "SELECT count(*)::text FROM pg_class WHERE relnamespace = 'app'::regnamespace"); n != "0" {
				t.Errorf("%s relations in an empty database", n)
			}
			exec(t, s.DB(), "CREATE TABLE users (name citext)")
			mine := value(t, s.DB(), "SELECT current_database()")
			if mine == value(t, db, "SELECT current_database()") || !exists(t, super, mine) {
				t.Fatalf("the scratch database is %s", mine)
			}
			if err := s.Close(); err != nil || exists(t, super, mine) {
				t.Errorf("it remains: %v", err)
			}
		})
	}
}

// What is going to be made is not there.
func TestScratchLeavesOutWhatIsMadeInIt(t *testing.T) {
	t.Parallel()
	db, _ := pgtest.New(t)
	exec(t, db, `CREATE SCHEMA app; CREATE SCHEMA other; CREATE EXTENSION citext; CREATE EXTENSION pg_trgm`)
	s := scratch(t, db, dialect.ScratchOptions{Makes: &schema.Schema{Schemas: []string{"app"}, Extensions: []schema.Extension{{Name: "citext"}}}})
	exec(t, s.DB(), `CREATE SCHEMA app; CREATE EXTENSION citext`)
	if got := value(t, s.DB(), `SELECT string_agg(extname, ',' ORDER BY extname) FROM pg_extension`); got != "citext,pg_trgm,plpgsql" {
		t.Error(got)
	}
}

// A run that was killed leaves its database; the next one removes it. Of two
// that live neither touches the other's, nor anybody the application's.
func TestScratchIsSweptAfterTheDeadAlone(t *testing.T) {
	t.Parallel()
	db, url := pgtest.New(t)
	theirs := []string{"leaven_scratch_" + strings.ToLower(value(t, db, "SELECT current_database()")), "leaven_scratch_abcdefghijklmnop"}
	for _, name := range theirs {
		exec(t, db, `CREATE DATABASE "`+name+`" TEMPLATE template0`)
		t.Cleanup(func() { _, _ = db.ExecContext(context.Background(), `DROP DATABASE "`+name+`"`) })
	}
	living := value(t, scratch(t, db, dialect.ScratchOptions{}).DB(), "SELECT current_database()")

	other := another(t, url)
	dead := other.name
	sweep(t, db)
	if !exists(t, db, dead) || !exists(t, db, living) {
		t.Fatal("a living run's database was swept")
	}
	other.kill()
	for exists(t, db, dead) { // until the server has noticed; other tests sweep too
		if t.Context().Err() != nil {
			t.Fatal("it is still there")
		}
		sweep(t, db)
	}
	for _, name := range append(theirs, living) {
		if !exists(t, db, name) {
			t.Errorf("%s was swept", name)
		}
	}
}

// A database that another run takes for a leftover as soon as it is there, whatever
// its own run is doing to it then, is made once more.
func TestScratchThatIsSweptAway(t *testing.T) {
	t.Parallel()
	_, server := pgtest.New(t)
	_, own := pgtest.PasswordRole(t, server, "CREATEDB") // whose databases are this test's alone
	db := pgtest.Open(t, own)
	for range 3 {
		swept := make(chan bool)
		ctx, done := context.WithCancel(t.Context())
		go func() {
			defer close(swept)
			for ctx.Err() == nil {
				var name string
				if err := db.QueryRowContext(ctx, ownScratch).Scan(&name); err != nil {
					continue
				}
				if _, err := db.ExecContext(ctx, `DROP DATABASE IF EXISTS "`+name+`"`); err == nil {
					break
				}
			}
		}()
		s, err := (postgres.Dialect{}).Scratch(t.Context(), db, dialect.ScratchOptions{})
		done()
		<-swept
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// ownScratch is a scratch database of the connected role.
const ownScratch = `SELECT datname FROM pg_database WHERE datname LIKE 'leaven_scratch_%' AND datdba = current_user::regrole LIMIT 1`

func sweep(t *testing.T, db *bun.DB) {
	t.Helper()
	if _, err := (postgres.Dialect{}).Sweep(t.Context(), db); err != nil {
		t.Fatal(err)
	}
}

// holder is another process with a scratch database.
type holder struct {
	name string
	kill func()
}

func another(t *testing.T, url string) holder {
	t.Helper()
	c := osexec.Command(os.Args[0])
	c.Env = append(os.Environ(), holderEnv+"="+url)
	out, err := c.StdoutPipe()
	if err == nil {
		_, err = c.StdinPipe()
	}
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	kill := func() { _ = c.Process.Kill(); _ = c.Wait() }
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.HasPrefix(line, "error") {
		t.Fatal(line, err)
	}
	return holder{name: strings.TrimSpace(line), kill: kill}
}

// between is a schema that needs names of several schemas to be right.
func between() *schema.Schema {
	mood := schema.EnumType("app", "mood")
	return &schema.Schema{
		Extensions: []schema.Extension{{Name: "citext"}},
		Enums:      []*schema.Enum{{Schema: "app", Name: "mood", Values: []string{"glad", "sad"}}, {Name: "size", Values: []string{"s", "m"}}},
		Tables: []*schema.Table{
			{
				Name:       "owners",
				Columns:    []schema.Column{{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true}, {Name: "email", Type: schema.Raw("citext"), Default: schema.Expr("'a'::citext")}, {Name: "size", Type: schema.EnumType("", "size"), Default: schema.Literal("s")}},
				PrimaryKey: []string{"id"},
				Checks:     []schema.Check{{Name: "named", Expr: schema.Expr("email <> ''")}},
			},
			{
				Schema: "app", Name: "rooms",
				Columns:     []schema.Column{{Name: "id", Type: schema.BigInt, NotNull: true}, {Name: "owner_id", Type: schema.BigInt}, {Name: "mood", Type: mood, Default: schema.Literal("glad")}, {Name: "moods", Type: schema.Array(mood)}},
				PrimaryKey:  []string{"id"},
				ForeignKeys: []schema.ForeignKey{{Name: "owned", Columns: []string{"owner_id"}, RefTable: "owners", RefColumns: []string{"id"}, OnDelete: schema.Cascade}},
				Indexes:     []schema.Index{{Name: "glad", Parts: schema.Columns("owner_id"), Where: schema.Expr("mood = 'glad'")}},
			},
			{
				Schema: "order", Name: "lines",
				Columns:     []schema.Column{{Name: "room_id", Type: schema.BigInt}},
				ForeignKeys: []schema.ForeignKey{{Name: "of_room", Columns: []string{"room_id"}, RefSchema: "app", RefTable: "rooms", RefColumns: []string{"id"}}},
			},
		},
	}
}

func building(s *schema.Schema) []op.Op {
	var ops []op.Op
	for _, e := range s.Extensions {
		ops = append(ops, op.CreateExtension{Name: e.Name})
	}
	for _, name := range s.Schemas {
		ops = append(ops, op.CreateSchema{Name: name})
	}
	for _, e := range s.Enums {
		ops = append(ops, op.CreateEnum{Schema: e.Schema, Name: e.Name, Values: e.Values})
	}
	for _, t := range s.Tables {
		ops = append(ops, op.Creating(t)...)
	}
	return ops
}

func built(t *testing.T, s dialect.Scratch, want *schema.Schema) *schema.Schema {
	t.Helper()
	if err := op.Run(t.Context(), s.DB(), building(s.Inside(want))...); err != nil {
		t.Fatal(err)
	}
	found, err := s.Inspect(t.Context(), "", "app", "order")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// catalog counts what a database holds.
const catalog = `SELECT (SELECT count(*) FROM pg_namespace) || ' ' || (SELECT count(*) FROM pg_class) || ' ' || (SELECT count(*) FROM pg_type)`

// Both places, and the database itself, spell the same things in the same way;
// of the weaker place nothing remains.
func TestScratchPlacesSpellAlike(t *testing.T) {
	for _, makesSchemas := range []bool{false, true} {
		t.Run(fmt.Sprintf("schemas made there %t", makesSchemas), func(t *testing.T) {
			t.Parallel()
			super, url := pgtest.New(t)
			exec(t, super, `CREATE SCHEMA app; CREATE SCHEMA "order"; CREATE EXTENSION citext; CREATE TABLE owners (stranger int); CREATE TYPE app.mood AS ENUM ('other')`)
			role, login := pgtest.Role(t, url)
			exec(t, super, `DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO `+role+`', current_database()); END $$`)
			db := open(t, login)
			want := between()
			if makesSchemas {
				want.Schemas = []string{"app", "order"}
			}
			before := value(t, super, catalog)
			o := dialect.ScratchOptions{Makes: want}

			weaker := scratch(t, db, o)
			if weaker.Pool() != nil || !strings.Contains(weaker.Weaker(), "CREATEDB") {
				t.Fatalf("weaker: %q", weaker.Weaker())
			}
			inSchema := built(t, weaker, want)
			if err := weaker.Close(); err != nil {
				t.Fatal(err)
			}
			if after := value(t, super, catalog); after != before {
				t.Errorf("the catalog had %s things and now %s", before, after)
			}
			inDatabase := built(t, scratch(t, super, o), want)
			if d := cmp.Diff(inDatabase, inSchema, texts); d != "" {
				t.Errorf("(-in a database +in a schema):\n%s", d)
			}
			if len(inSchema.Tables) != 3 || len(inSchema.Enums) != 2 || len(inSchema.Extensions) != 1 || len(inSchema.Schemas) != 2 {
				t.Errorf("%d tables, %d enums, %d extensions, %d schemas", len(inSchema.Tables), len(inSchema.Enums), len(inSchema.Extensions), len(inSchema.Schemas))
			}

			o.Whole = true
			_, err := postgres.Dialect{}.Scratch(t.Context(), db, o)
			if !errors.Is(err, dialect.ErrNoScratch) || !strings.Contains(err.Error(), "ALTER ROLE \""+role+"\" CREATEDB") {
				t.Errorf("a whole one: %v", err)
			}
		})
	}
}

// Where nothing is allowed the error says what is missing.
func TestScratchNamesTheMissingRights(t *testing.T) {
	t.Parallel()
	_, url := pgtest.New(t)
	_, login := pgtest.Role(t, url)
	_, err := postgres.Dialect{}.Scratch(t.Context(), open(t, login), dialect.ScratchOptions{})
	if !errors.Is(err, dialect.ErrNoScratch) || !strings.Contains(err.Error(), "CREATEDB") || !strings.Contains(err.Error(), "GRANT CREATE ON DATABASE") {
		t.Errorf("no right: %v", err)
	}
	readOnly := open(t, url+"&options=-c%20default_transaction_read_only%3Don")
	_, err = postgres.Dialect{}.Scratch(t.Context(), readOnly, dialect.ScratchOptions{})
	if !errors.Is(err, dialect.ErrNoScratch) || !strings.Contains(err.Error(), "takes no writes") {
		t.Errorf("read only: %v", err)
	}
}

// An extension that only a superuser makes, and that is used, is better had in
// the weaker place; one that nothing uses is only told.
func TestScratchWithoutAnExtension(t *testing.T) {
	t.Parallel()
	super, url := pgtest.New(t)
	role, login := pgtest.Role(t, url, "CREATEDB")
	exec(t, super, `DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO `+role+`', current_database()); END $$; CREATE EXTENSION earthdistance CASCADE`)
	db := open(t, login)
	s := scratch(t, db, dialect.ScratchOptions{})
	if s.Pool() == nil || !strings.Contains(s.Weaker(), "earthdistance") {
		t.Errorf("unused: %v, %q", s.Pool(), s.Weaker())
	}
	exec(t, super, "CREATE TABLE places (at earth)")
	s = scratch(t, db, dialect.ScratchOptions{})
	if s.Pool() != nil || !strings.Contains(s.Weaker(), "earthdistance") {
		t.Errorf("used: %v, %q", s.Pool(), s.Weaker())
	}
	exec(t, s.DB(), "CREATE TABLE places (at earth)")
	s = scratch(t, db, dialect.ScratchOptions{Whole: true})
	if s.Pool() == nil || !strings.Contains(s.Weaker(), "earthdistance") {
		t.Errorf("whole: %v, %q", s.Pool(), s.Weaker())
	}
}

// creations hears the names of databases that are made, and interrupts there.
type creations struct {
	names     []string
	interrupt func()
}

func (c *creations) BeforeQuery(ctx context.Context, q *bun.QueryEvent) context.Context {
	if rest, ok := strings.CutPrefix(q.Query, `CREATE DATABASE "`); ok {
		name, _, _ := strings.Cut(rest, `"`)
		c.names = append(c.names, name)
		if c.interrupt != nil {
			c.interrupt()
		}
	}
	return ctx
}

func (*creations) AfterQuery(context.Context, *bun.QueryEvent) {}

// An interrupted run leaves nothing.
func TestScratchIsGoneWhenItsRunIsInterrupted(t *testing.T) {
	t.Parallel()
	_, url := pgtest.New(t)
	for name, db := range map[string]*bun.DB{"ours": open(t, url), "pgx": pgx(t, url)} {
		ctx, cancel := context.WithCancel(t.Context())
		heard := &creations{interrupt: cancel}
		_, err := postgres.Dialect{}.Scratch(ctx, db.WithQueryHook(heard), dialect.ScratchOptions{})
		if !errors.Is(err, context.Canceled) || len(heard.names) != 1 || exists(t, db, heard.names[0]) {
			t.Errorf("%s: %v, %v", name, err, heard.names)
		}
	}
}

// Where a new database cannot be reached, the address that would do is named.
func TestScratchThatCannotBeReached(t *testing.T) {
	t.Parallel()
	_, url := pgtest.New(t)
	var dialled bool
	db := bun.NewDB(sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(url), pgdriver.WithOptions(func(c *pgdriver.Config) {
		dial := c.Dialer
		c.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
			if dialled {
				return nil, errors.New("no such database here")
			}
			dialled = true
			return dial(ctx, network, address)
		}
	}))), pgdialect.New())
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	heard := &creations{}
	_, err := postgres.Dialect{}.Scratch(t.Context(), db.WithQueryHook(heard), dialect.ScratchOptions{Whole: true})
	if !errors.Is(err, dialect.ErrNoScratch) || !strings.Contains(err.Error(), "DIRECT_DATABASE_URL") {
		t.Errorf("whole: %v", err)
	}
	s := scratch(t, db.WithQueryHook(heard), dialect.ScratchOptions{})
	if s.Pool() != nil || !strings.Contains(s.Weaker(), "DIRECT_DATABASE_URL") {
		t.Errorf("weaker: %q", s.Weaker())
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if slices.ContainsFunc(heard.names, func(name string) bool { return exists(t, db, name) }) || len(heard.names) != 2 {
		t.Errorf("of %v some are left", heard.names)
	}
}
