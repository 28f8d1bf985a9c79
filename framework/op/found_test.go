package op_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

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
