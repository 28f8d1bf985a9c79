package op_test

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/driver/pgdriver"
)

func init() { op.RegisterRenderer(postgres.Dialect{}) }

// Image is a model as create-all code has it.
type Image struct {
	ID       int64     `bun:",pk,autoincrement"`
	Key      string    `bun:",notnull,unique"`
	Folder   string    `bun:"type:varchar(120),notnull,unique:place"`
	Position int       `bun:",unique:place"`
	Size     int64     `bun:",notnull,default:0"`
	Tags     []string  `bun:",array"`
	Meta     any       `bun:"type:jsonb,default:'{}'"`
	Uploaded time.Time `bun:",notnull,default:current_timestamp"`
}

// createImages is the migration beside it.
func createImages() op.CreateTable {
	return op.CreateTable{
		Name: "images", IfNotExists: true,
		Columns: []schema.Column{
			{Name: "key", Type: schema.Varchar(0), NotNull: true},
			{Name: "id", Type: schema.BigInt, AutoIncrement: true},
			{Name: "folder", Type: schema.Varchar(120), NotNull: true},
			{Name: "position", Type: schema.BigInt},
			{Name: "size", Type: schema.BigInt, NotNull: true, Default: schema.Literal(0)},
			{Name: "tags", Type: schema.Array(schema.Varchar(0))},
			{Name: "meta", Type: schema.JSONB, Default: schema.Literal("{}")},
			{Name: "uploaded", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
		},
		PrimaryKey: []string{"id"},
		Uniques:    []schema.Unique{{Columns: []string{"key"}}, {Name: "place", Columns: []string{"folder", "position"}}},
	}
}

func createAll(t *testing.T, db *bun.DB) {
	t.Helper()
	if _, err := db.NewCreateTable().Model((*Image)(nil)).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// watched returns a context whose Env collects the events.
func watched(t *testing.T, env *op.Env) (context.Context, *[]op.Event) {
	var events []op.Event
	env.Sink = func(e op.Event) { events = append(events, e) }
	return op.WithEnv(t.Context(), env), &events
}

func exec(t *testing.T, db bun.IDB, sql string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func count(t *testing.T, db bun.IDB, query string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestRunTellsWhatItDid(t *testing.T) {
	db, _ := pgtest.New(t)
	ctx, events := watched(t, &op.Env{})
	drop := op.DropTable{Name: "images", Was: &schema.Table{Name: "images",
		Columns: []schema.Column{{Name: "id", Type: schema.BigInt}},
		Indexes: []schema.Index{{Name: "images_id", Parts: schema.Columns("id")}}}}
	back, err := drop.Reversed()
	if err != nil {
		t.Fatal(err)
	}
	if err := op.Run(ctx, db, back, op.SQL{All: "SELECT '{}'::jsonb ? 'a'"}, &op.DropIndex{Table: "images", Name: "images_id"}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range *events {
		got = append(got, string(e.Outcome)+": "+e.Op.String()+": "+strings.Join(e.Statements, "; "))
	}
	want := []string{
		"ran: create table images: CREATE TABLE \"images\" (\n    \"id\" bigint\n)",
		`ran: create index images_id on images: CREATE INDEX "images_id" ON "images" ("id")`,
		`ran: run SQL SELECT '{}'::jsonb ? 'a': SELECT '{}'::jsonb ? 'a'`,
		`ran: drop index images_id on images: DROP INDEX "images_id"`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestATableThatCreateAllMadeIsFound(t *testing.T) {
	inEachPlace(t, func(t *testing.T, db *bun.DB, run func(ctx context.Context, ops ...op.Op) error) {
		createAll(t, db)
		exec(t, db, `CREATE INDEX images_size ON images (size DESC, lower(key)) WHERE size > 10; CREATE INDEX images_tags ON images USING gin (tags)`)
		index := op.CreateIndex{Table: "images", IfNotExists: true, Index: schema.Index{
			Name:  "images_size",
			Parts: []schema.Part{{Column: "size", Desc: true}, {Expr: schema.Expr("lower(key)")}},
			Where: schema.Expr("size>10"),
		}}
		column := op.AddColumn{Table: "images", IfNotExists: true, Column: schema.Column{Name: "folder", Type: schema.Varchar(120), NotNull: true}}
		tags := op.CreateIndex{Table: "images", IfNotExists: true, Index: schema.Index{Name: "images_tags", Definition: schema.Expr("using GIN(tags)")}}
		before := relations(t, db)
		ctx, events := watched(t, &op.Env{LockTry: time.Second})
		if err := run(ctx, createImages(), column, index, tags); err != nil {
			t.Fatal(err)
		}
		if len(*events) != 4 {
			t.Fatalf("%d events", len(*events))
		}
		for _, e := range *events {
			if e.Outcome != op.Found || len(e.Statements) > 0 {
				t.Errorf("%v: %s %q", e.Op, e.Outcome, e.Statements)
			}
		}
		if after := relations(t, db); after != before {
			t.Errorf("%d relations before, %d after", before, after)
		}
		// The same connection goes on to change what it has just read.
		if err := run(ctx, op.AddColumn{Table: "images", Column: schema.Column{Name: "alt", Type: schema.Text}}, column); err != nil {
			t.Fatal(err)
		}
	})
}

// relations counts every relation and type, temporary ones too.
func relations(t *testing.T, db bun.IDB) int {
	return count(t, db, "SELECT (SELECT count(*) FROM pg_class) + (SELECT count(*) FROM pg_type)")
}

// inEachPlace runs the test on a pool, on one connection, and in a transaction.
func inEachPlace(t *testing.T, test func(t *testing.T, db *bun.DB, run func(ctx context.Context, ops ...op.Op) error)) {
	t.Run("pool", func(t *testing.T) {
		db, _ := pgtest.New(t)
		test(t, db, func(ctx context.Context, ops ...op.Op) error { return op.Run(ctx, db, ops...) })
	})
	t.Run("connection", func(t *testing.T) {
		db, _ := pgtest.New(t)
		test(t, db, func(ctx context.Context, ops ...op.Op) error {
			conn, err := db.Conn(ctx)
			if err != nil {
				return err
			}
			defer func() { _ = conn.Close() }()
			return op.Run(ctx, conn, ops...)
		})
	})
	t.Run("pgx", func(t *testing.T) {
		_, url := pgtest.New(t)
		pool, err := sql.Open("pgx", url)
		if err != nil {
			t.Fatal(err)
		}
		db := bun.NewDB(pool, pgdialect.New())
		t.Cleanup(func() { _ = db.Close() })
		test(t, db, func(ctx context.Context, ops ...op.Op) error {
			return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return op.Run(ctx, tx, ops...) })
		})
	})
	t.Run("transaction", func(t *testing.T) {
		db, _ := pgtest.New(t)
		test(t, db, func(ctx context.Context, ops ...op.Op) error {
			return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return op.Run(ctx, tx, ops...) })
		})
	})
}

func TestATableThatIsAbsentIsMade(t *testing.T) {
	db, _ := pgtest.New(t)
	ctx, events := watched(t, &op.Env{})
	ops := []op.Op{
		createImages(),
		op.AddColumn{Table: "images", IfNotExists: true, Column: schema.Column{Name: "alt", Type: schema.Text}},
		op.CreateIndex{Table: "images", IfNotExists: true, Index: schema.Index{Name: "images_alt", Parts: schema.Columns("alt")}},
	}
	for _, want := range []op.Outcome{op.Ran, op.Found} {
		*events = nil
		if want == op.Found { // the table has got a column since
			ops = ops[1:]
		}
		if err := op.Run(ctx, db, ops...); err != nil {
			t.Fatal(err)
		}
		for _, e := range *events {
			if e.Outcome != want {
				t.Errorf("%v: %s, want %s", e.Op, e.Outcome, want)
			}
		}
	}
}

func TestWhatDiffersIsRefusedAndListed(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, `CREATE TABLE folders (name varchar(120) PRIMARY KEY);
		CREATE TABLE images (
			id bigint NOT NULL, key varchar NOT NULL, folder varchar(100) NOT NULL REFERENCES folders, position bigint NOT NULL,
			size integer NOT NULL DEFAULT 1, tags varchar[], meta jsonb, uploaded timestamptz NOT NULL DEFAULT now(), extra text DEFAULT 'x',
			PRIMARY KEY (id, key), CONSTRAINT somewhere UNIQUE (folder, position), CHECK (size > 0));
		CREATE INDEX images_key ON images (key DESC)`)
	for _, c := range []struct {
		op   op.Op
		want string
	}{
		{createImages(), `create table images: table images exists already and differs from what is wanted; make the two agree:
  column images.id: found no auto-increment, want auto-increment
  column images.folder: found character varying(100), want character varying(120)
  column images.position: found not null, want null allowed
  column images.size: found integer, want bigint
  column images.size: found default 1, want default 0
  column images.meta: found no default, want default '{}'::jsonb
  column images.extra: found text default 'x'::text, want none
  primary key of images: found (id, key), want (id)
  unique constraint of images: found none, want (key)
  unique constraint place of images: found it under the name somewhere, want (folder, position)
  check images_size_check of images: found (size > 0), want none
  foreign key images_folder_fkey of images: found (folder) to folders (name), want none`},
		{op.AddColumn{Table: "images", IfNotExists: true, Column: schema.Column{Name: "size", Type: schema.Integer, Default: schema.Literal(1)}},
			`add column images.size: column images.size exists already and differs from what is wanted; make the two agree:
  column images.size: found not null, want null allowed`},
		{op.CreateIndex{Table: "images", IfNotExists: true, Index: schema.Index{Name: "images_key", Unique: true, Parts: schema.Columns("key"), Where: schema.Expr("size > 1")}},
			`create index images_key on images: index images.images_key exists already and differs from what is wanted; make the two agree:
  index images_key: found (key desc), want unique (key) where (size > 1)`},
	} {
		err := op.Run(t.Context(), db, c.op)
		var differs *op.DifferenceError
		if !errors.As(err, &differs) || differs.Object != c.op.Object() {
			t.Fatalf("%v: %v", c.op, err)
		}
		if d := cmp.Diff(c.want, err.Error()); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

func TestForeignKeysAreComparedByWhatTheySay(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, `CREATE SCHEMA app; CREATE TABLE users (id bigint PRIMARY KEY, org bigint, UNIQUE (org, id));
		CREATE TABLE app.posts (id bigint PRIMARY KEY, org bigint, author bigint,
			FOREIGN KEY (author, org) REFERENCES users (id, org) ON DELETE CASCADE)`)
	posts := op.CreateTable{Schema: "app", Name: "posts", IfNotExists: true,
		Columns:     []schema.Column{{Name: "id", Type: schema.BigInt, NotNull: true}, {Name: "org", Type: schema.BigInt}, {Name: "author", Type: schema.BigInt}},
		PrimaryKey:  []string{"id"},
		ForeignKeys: []schema.ForeignKey{{Columns: []string{"org", "author"}, RefTable: "users", RefColumns: []string{"org", "id"}, OnDelete: schema.Cascade}},
	}
	for _, ref := range []string{"", "public"} {
		posts.ForeignKeys[0].RefSchema = ref
		if err := op.Run(t.Context(), db, posts); err != nil {
			t.Errorf("RefSchema %q: %v", ref, err)
		}
	}
	posts.ForeignKeys[0].OnDelete = schema.NoAction
	err := op.Run(t.Context(), db, posts)
	if err == nil || !strings.Contains(err.Error(), "found (author, org) to users (id, org) on delete cascade, want none") {
		t.Errorf("got %v", err)
	}
}

func TestWhatWasFoundIsKept(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, `CREATE TABLE images (id bigint, alt text); CREATE INDEX images_alt ON images (alt); CREATE INDEX images_made ON images (id)`)
	ctx, events := watched(t, &op.Env{Found: map[string]bool{
		"table images": true, "column images.alt": true, "index images.images_alt": true,
	}})
	err := op.Run(ctx, db,
		op.DropIndex{Table: "images", Name: "images_made"},
		op.DropIndex{Table: "images", Name: "images_alt"},
		op.DropColumn{Table: "images", Name: "alt"},
		op.DropTable{Name: "images"})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []op.Outcome{op.Ran, op.Kept, op.Kept, op.Kept} {
		if got := (*events)[i].Outcome; got != want {
			t.Errorf("%v: %s, want %s", (*events)[i].Op, got, want)
		}
	}
	if n := count(t, db, "SELECT count(alt) FROM images"); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestStrongLocksAreWaitedForShortly(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, `CREATE TABLE images (id bigint)`)
	add := op.AddColumn{Table: "images", Column: schema.Column{Name: "alt", Type: schema.Text}}

	reader, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, reader, "SELECT FROM images")
	ctx, _ := watched(t, &op.Env{LockTry: 20 * time.Millisecond, InTx: true})
	err = op.Run(ctx, db, add)
	var failed *op.Error
	if !errors.As(err, &failed) || failed.Statement != 1 || failed.SQL != `ALTER TABLE "images" ADD COLUMN "alt" text` {
		t.Fatalf("got %#v", err)
	}
	var refused pgdriver.Error
	if !errors.As(err, &refused) || refused.Field('C') != "55P03" {
		t.Errorf("got %v", err)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}

	err = db.RunInTx(t.Context(), nil, func(_ context.Context, tx bun.Tx) error {
		ctx, _ := watched(t, &op.Env{LockTry: 20 * time.Millisecond, LockAfter: 7 * time.Second, InTx: true})
		if err := op.Run(ctx, tx, add); err != nil {
			return err
		}
		var after string
		if err := tx.QueryRowContext(ctx, "SHOW lock_timeout").Scan(&after); err != nil || after != "7s" {
			t.Errorf("lock_timeout %q, %v", after, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Outside a transaction the limit ends with its message.
func TestTheLimitDoesNotStayOnAConnection(t *testing.T) {
	db, _ := pgtest.New(t)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	exec(t, conn, "CREATE TABLE images (id bigint); SET lock_timeout = '9s'")
	ctx, _ := watched(t, &op.Env{LockTry: time.Second})
	if err := op.Run(ctx, conn, op.DropTable{Name: "images"}); err != nil {
		t.Fatal(err)
	}
	var after string
	if err := conn.QueryRowContext(t.Context(), "SHOW lock_timeout").Scan(&after); err != nil || after != "9s" {
		t.Errorf("lock_timeout %q, %v", after, err)
	}
}

// A server counts the position of an error in the whole message.
func TestAnErrorKnowsWhereItsStatementBegan(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, `CREATE TABLE images (id bigint)`)
	ctx, _ := watched(t, &op.Env{LockTry: time.Second})
	err := op.Run(ctx, db, op.AddColumn{Table: "images", Column: schema.Column{Name: "c", Type: schema.Raw("nowhere")}})
	var failed *op.Error
	var refused pgdriver.Error
	if !errors.As(err, &failed) || !errors.As(err, &refused) {
		t.Fatalf("got %v", err)
	}
	if !strings.HasPrefix(err.Error(), "add column images.c: ERROR: type \"nowhere\" does not exist") {
		t.Errorf("got %v", err)
	}
	want := strings.Index(failed.SQL, "nowhere") + 1
	if got := atoi(t, refused.Field('P')) - failed.Offset; got != want {
		t.Errorf("position %d, want %d", got, want)
	}
}

func TestConcurrentlyIsRefusedInATransactionBeforeAnythingRan(t *testing.T) {
	db, _ := pgtest.New(t)
	ops := []op.Op{
		op.CreateTable{Name: "images", Columns: []schema.Column{{Name: "id", Type: schema.BigInt}}},
		op.CreateIndex{Table: "images", Concurrently: true, Index: schema.Index{Name: "images_id", Parts: schema.Columns("id")}},
	}
	refused := func(err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "create index images_id on images: this cannot run inside a transaction; set NoTx: true") {
			t.Errorf("got %v", err)
		}
	}
	ctx, _ := watched(t, &op.Env{InTx: true})
	refused(op.Run(ctx, db, ops...))
	err := db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		refused(op.Run(ctx, tx, ops...))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "SELECT count(*) FROM pg_class WHERE relname = 'images'"); n != 0 {
		t.Error("the table was made")
	}
}

func TestConcurrentIndexesHealThemselves(t *testing.T) {
	create := op.CreateIndex{Table: "images", Concurrently: true, Index: schema.Index{
		Name: "images_key", Unique: true, Parts: []schema.Part{{Expr: schema.Expr("lower(key)")}}, Where: schema.Expr("size>0")}}
	setup := func(t *testing.T) *bun.DB {
		db, _ := pgtest.New(t)
		exec(t, db, `CREATE TABLE images (key text, size bigint); INSERT INTO images VALUES ('a', 1), ('A', 2)`)
		return db
	}
	valid := `SELECT count(*) FROM pg_index WHERE indexrelid = 'images_key'::regclass AND indisvalid`

	t.Run("an invalid rest is built again", func(t *testing.T) {
		db := setup(t)
		if err := op.Run(t.Context(), db, create); err == nil {
			t.Fatal("duplicates were taken")
		}
		if n := count(t, db, valid); n != 0 {
			t.Fatal("the index is valid already")
		}
		exec(t, db, "DELETE FROM images WHERE size = 2")
		ctx, events := watched(t, &op.Env{})
		if err := op.Run(ctx, db, create); err != nil {
			t.Fatal(err)
		}
		want := []string{`DROP INDEX CONCURRENTLY IF EXISTS "images_key"`,
			`CREATE UNIQUE INDEX CONCURRENTLY "images_key" ON "images" ((lower(key))) WHERE size>0`}
		if d := cmp.Diff(want, (*events)[0].Statements); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if n := count(t, db, valid); n != 1 {
			t.Error("the index is not valid")
		}
		if err := op.Run(ctx, db, create); err != nil {
			t.Fatal(err)
		}
		if e := (*events)[1]; e.Outcome != op.Ran || len(e.Statements) != 0 {
			t.Errorf("a finished index: %s %q", e.Outcome, e.Statements)
		}
		drop, _ := create.Reversed()
		for range 2 { // an interrupted drop may be run again
			if err := op.Run(ctx, db, drop); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("an invalid rest where it need not be concurrent", func(t *testing.T) {
		db := setup(t)
		_ = op.Run(t.Context(), db, create)
		exec(t, db, "DELETE FROM images WHERE size = 2")
		plain := create
		plain.Concurrently, plain.IfNotExists = false, true
		if err := op.Run(t.Context(), db, plain); err != nil {
			t.Fatal(err)
		}
		if n := count(t, db, valid); n != 1 {
			t.Error("the index is not valid")
		}
	})
	for name, c := range map[string]struct{ sql, want string }{
		"another definition": {`CREATE INDEX images_key ON images (key)`, "index images_key: found (key), want unique ((lower(key))) where (size > 0)"},
		"another method":     {`CREATE INDEX images_key ON images USING hash (key)`, "index images_key: found USING hash (key), want unique"},
		"another table":      {`CREATE TABLE other (key text); CREATE INDEX images_key ON other (key)`, "index images_key: found it on other, want it on images"},
		"another thing":      {`CREATE VIEW images_key AS SELECT 1`, "found something of this name that is no index, want it on images"},
		"a constraint's":     {`ALTER TABLE images ADD CONSTRAINT images_key UNIQUE (key)`, "found one that backs a constraint"},
	} {
		t.Run(name, func(t *testing.T) {
			db := setup(t)
			exec(t, db, c.sql)
			err := op.Run(t.Context(), db, create)
			var differs *op.DifferenceError
			if !errors.As(err, &differs) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestARefusedStatementIsSentAgainWhereTheRunnerSaysSo(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, `CREATE TABLE images (key text); INSERT INTO images VALUES ('a'), ('a')`)
	asked := 0
	again := func(context.Context, error) bool { asked++; return asked < 3 }
	unique := op.CreateIndex{Table: "images", Index: schema.Index{Name: "images_key", Unique: true, Parts: schema.Columns("key")}}
	for _, c := range []struct{ concurrently, inTx bool }{{false, false}, {true, false}, {false, true}} {
		asked = 0
		unique.Concurrently = c.concurrently
		ctx, _ := watched(t, &op.Env{Again: again, InTx: c.inTx})
		err := op.Run(ctx, db, unique)
		var refused pgdriver.Error
		if !errors.As(err, &refused) || refused.Field('C') != "23505" {
			t.Errorf("got %v", err)
		}
		want := 3
		if c.concurrently || c.inTx {
			want = 0
		}
		if asked != want {
			t.Errorf("%+v: asked %d times, want %d", c, asked, want)
		}
		exec(t, db, "DROP INDEX IF EXISTS images_key")
	}
}

// A wanted table that the server cannot make is an error, and the transaction
// around it lives on.
func TestNormalizingFailsGently(t *testing.T) {
	db, _ := pgtest.New(t)
	exec(t, db, "CREATE TABLE images (id bigint)")
	err := db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		err := op.Run(ctx, tx, op.CreateTable{Name: "images", IfNotExists: true, Columns: []schema.Column{{Name: "id", Type: schema.Raw("nonsense")}}})
		if err == nil || !strings.Contains(err.Error(), `type "nonsense" does not exist`) {
			t.Errorf("got %v", err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "create table images: comparing it with the one that exists: ") {
			t.Errorf("got %v", err)
		}
		exec(t, tx, "INSERT INTO images VALUES (1)")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "SELECT count(*) FROM images"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// unconnected is a database that nobody listens at: what is refused on it was
// refused without asking.
func unconnected(t *testing.T) *bun.DB {
	db := bun.NewDB(sql.OpenDB(pgdriver.NewConnector(pgdriver.WithAddr("127.0.0.1:1"), pgdriver.WithInsecure(true))), pgdialect.New())
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestRunRefusesWithoutAsking(t *testing.T) {
	db := unconnected(t)
	for _, c := range []struct {
		op   op.Op
		want string
	}{
		{op.SQL{SQLite: "VACUUM"}, "run SQL VACUUM: there is no SQL for postgres"},
		{op.DropTable{Name: strings.Repeat("x", 64)}, "PostgreSQL keeps 63"},
		{op.CreateTable{Name: "t"}, "create table t: it has no columns"},
	} {
		err := op.Run(t.Context(), db, op.CreateTable{Name: "first", Columns: []schema.Column{{Name: "id", Type: schema.BigInt}}}, c.op)
		var failed *op.Error
		if !errors.As(err, &failed) || failed.Statement != 0 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if err := op.Run(t.Context(), db); err != nil {
		t.Errorf("nothing to do: %v", err)
	}
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
