package record_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

var (
	nickname = op.AddColumn{Table: "users", Column: schema.Column{Name: "nickname", Type: schema.Text}}
	notEmpty = op.AddCheck{Table: "users", Check: schema.Check{Name: "users_nickname_check", Expr: schema.Expr("nickname <> ''")}}
)

func TestFoldOfEachRevision(t *testing.T) {
	f := offline(t, ops(users()), ops(nickname), ops(notEmpty), ops(op.DropTable{Name: "users", Was: users().Table()}))
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		for id, want := range map[string][3]int{"0001": {1, 2, 0}, "0002": {1, 3, 0}, "0003": {1, 3, 1}, "0004": {}, "": {}} {
			s, err := record.Fold(t.Context(), d, f.Known(), id, record.Options{})
			if err != nil || s.Incomplete() != "" {
				t.Fatal(err, s.Incomplete())
			}
			var got [3]int
			if tables := s.Schema().Tables; len(tables) > 0 {
				got = [3]int{len(tables), len(tables[0].Columns), len(tables[0].Checks)}
			}
			if got != want {
				t.Errorf("%s: %v, want %v", id, got, want)
			}
		}
		if _, err := record.Fold(t.Context(), d, f.Known(), "nosuch", record.Options{}); !errors.Is(err, migrate.ErrRevision) {
			t.Error(err)
		}
	})
}

// SQLite makes a table anew from the fold: nothing of it is lost on the way.
func TestRebuildFromTheFold(t *testing.T) {
	got := all(t, sqlite.Dialect{}, ops(users(),
		op.CreateIndex{Table: "users", Index: schema.Index{Name: "users_email_idx", Parts: schema.Columns("email")}}),
		ops(op.CreateTable{Name: "posts", Columns: []schema.Column{{Name: "author", Type: schema.BigInt}},
			ForeignKeys: []schema.ForeignKey{{Columns: []string{"author"}, RefTable: "users", RefColumns: []string{"id"}}}}),
		ops(nickname, notEmpty))
	last := got[2]
	if last.Tainted != "" || !last.ForeignKeysOff {
		t.Fatalf("tainted %q, foreign keys off: %v", last.Tainted, last.ForeignKeysOff)
	}
	text := strings.Join(sqlOf(last), ";\n")
	for _, want := range []string{"ADD COLUMN \"nickname\"", "CHECK (nickname <> '')", "PRIMARY KEY AUTOINCREMENT", "CREATE INDEX \"users_email_idx\""} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// Where the fold may not be the whole truth, a table is not made anew from it:
// what it lacks would be lost.
func TestRebuildOfWhatIsNotKnown(t *testing.T) {
	raw := func(sql string) migrate.Migration { return ops(op.SQL{All: sql, Reverse: op.SQL{All: op.NoSQL}}) }
	bad := by(func(ctx context.Context, db bun.IDB) error {
		if err := op.Run(ctx, db, nickname); err != nil {
			return err
		}
		return errors.New("no key")
	})
	for name, before := range map[string]migrate.Migration{
		"a column":           raw("ALTER TABLE users ADD COLUMN age integer"),
		"a column, quoted":   raw(`ALTER TABLE "USERS" ADD COLUMN age integer`),
		"a view":             raw("CREATE VIEW v AS SELECT email FROM users"),
		"a trigger":          raw("CREATE TRIGGER t AFTER DELETE ON users BEGIN SELECT 1; END"),
		"behind other words": raw("UPDATE users SET email = ''; CREATE INDEX x ON users (email)"),
		"the end is unknown": bad,
	} {
		t.Run(name, func(t *testing.T) {
			check := op.AddCheck{Table: "users", Check: schema.Check{Name: "c", Expr: schema.Expr("email <> ''")}}
			got := all(t, sqlite.Dialect{}, ops(users()), before, ops(check))
			if !strings.Contains(got[2].Tainted, "not known for sure: 0002") {
				t.Errorf("tainted %q", got[2].Tainted)
			}
			if got[2].After.Incomplete() == "" {
				t.Error("the fold says that it is complete")
			}
			got = all(t, postgres.Dialect{}, ops(users()), before, ops(check))
			if got[2].Tainted != "" {
				t.Errorf("in place, and yet tainted %q", got[2].Tainted)
			}
		})
	}
	t.Run("under another name", func(t *testing.T) {
		check := op.AddCheck{Table: "people", Check: schema.Check{Name: "c", Expr: schema.Expr("email <> ''")}}
		got := all(t, sqlite.Dialect{}, ops(users()), raw("ALTER TABLE users ADD COLUMN age integer"), ops(op.RenameTable{Name: "users", To: "people"}), ops(check))
		if !strings.Contains(got[3].Tainted, "not known for sure: 0002") {
			t.Errorf("tainted %q", got[3].Tainted)
		}
	})
	t.Run("views and triggers of operations are known", func(t *testing.T) {
		view := op.CreateView{Name: "emails", Query: schema.Expr("SELECT email FROM users")}
		check := op.AddCheck{Table: "users", Check: schema.Check{Name: "c", Expr: schema.Expr("email <> ''")}}
		got := all(t, sqlite.Dialect{}, ops(users(), view), ops(check))
		if text := strings.Join(sqlOf(got[1]), ";\n"); got[1].Tainted != "" || !strings.Contains(text, `CREATE VIEW "emails"`) {
			t.Errorf("tainted %q\n%s", got[1].Tainted, text)
		}
	})
	t.Run("a renamed table that a view reads beside an unknown one", func(t *testing.T) {
		got := all(t, sqlite.Dialect{}, raw("CREATE TABLE other (a int)"), ops(users(), op.CreateView{Name: "emails", Query: schema.Expr("SELECT users.email FROM users, other")}),
			ops(op.RenameTable{Name: "users", To: "people"}), ops(op.AddCheck{Table: "people", Check: schema.Check{Name: "c", Expr: schema.Expr("email <> ''")}}))
		if got[2].Tainted != "" || !strings.Contains(got[3].Tainted, "not known for sure: 0003 could not be followed to its end") {
			t.Errorf("tainted %q, %q", got[2].Tainted, got[3].Tainted)
		}
	})
	t.Run("in the same migration", func(t *testing.T) {
		got := all(t, sqlite.Dialect{}, ops(users()), ops(op.SQL{All: "ALTER TABLE users ADD COLUMN nickname text", Reverse: op.SQL{All: op.NoSQL}}, notEmpty))
		if !strings.Contains(got[1].Tainted, "0002 mentions it") {
			t.Errorf("tainted %q", got[1].Tainted)
		}
	})
	t.Run("a table that other code made", func(t *testing.T) {
		got := all(t, sqlite.Dialect{}, by(func(ctx context.Context, db bun.IDB) error {
			_, err := db.NewCreateTable().Model((*user)(nil)).Exec(ctx)
			return err
		}), ops(nickname), ops(notEmpty))
		if got[1].Tainted != "" || !strings.Contains(got[2].Tainted, "there is no table users") {
			t.Errorf("tainted %q, %q", got[1].Tainted, got[2].Tainted)
		}
	})
}

// The structure that a migration makes counts, also when it reads data.
func TestFoldBehindATaint(t *testing.T) {
	fill := by(func(ctx context.Context, db bun.IDB) error {
		if err := op.Run(ctx, db, nickname); err != nil {
			return err
		}
		n, err := db.NewSelect().Table("users").Count(ctx)
		if err != nil || n > 0 {
			return err
		}
		return op.Run(ctx, db, notEmpty)
	})
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		got := all(t, d, ops(users()), fill, ops(op.DropConstraint{Table: "users", Name: "users_nickname_check", Was: notEmpty.Check}))
		if got[1].Tainted == "" || got[2].Tainted != "" {
			t.Errorf("tainted %q, %q", got[1].Tainted, got[2].Tainted)
		}
		if c := got[1].After.Schema().Tables[0]; len(c.Checks) != 1 || len(c.Columns) != 3 {
			t.Errorf("%+v", c)
		}
	})
}

func TestCreateIfAbsent(t *testing.T) {
	table := users()
	table.IfNotExists = true
	wider := users()
	wider.IfNotExists = true
	wider.Columns = append(wider.Columns, schema.Column{Name: "age", Type: schema.Integer})
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		got := all(t, d, ops(table), ops(table), ops(wider))
		if s := got[0].Statements; len(s) != 1 || !s[0].IfAbsent || !strings.HasPrefix(s[0].SQL, "CREATE TABLE IF NOT EXISTS ") {
			t.Errorf("%+v", s)
		}
		if e := got[1].Events; len(got[1].Statements) != 0 || len(e) != 1 || e[0].Outcome != op.Found {
			t.Errorf("again: %+v", got[1])
		}
		if !strings.Contains(got[2].Tainted, "differs") {
			t.Errorf("another one: tainted %q", got[2].Tainted)
		}
	})
}

// Down keeps what the history says that Up had found.
func TestDownKeepsWhatWasFound(t *testing.T) {
	table := users()
	table.IfNotExists = true
	f := offline(t, ops(table))
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		k := f.Known()[0]
		_, state, err := record.Run(t.Context(), d, record.State{}, ups(f), record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range [][]string{nil, {"table users"}} {
			got, _, err := record.Run(t.Context(), d, state, []record.Step{{Known: &k, Direction: migrate.Down, Found: found}}, record.Options{})
			if err != nil || len(got[0].Statements) != 1-len(found) {
				t.Errorf("found %q: %q %v", found, sqlOf(got[0]), err)
			}
		}
	})
}

func TestRisks(t *testing.T) {
	fk := op.AddForeignKey{Table: "posts", ForeignKey: schema.ForeignKey{Name: "posts_author", Columns: []string{"author"}, RefTable: "users", RefColumns: []string{"id"}}}
	posts := op.CreateTable{Name: "posts", Columns: []schema.Column{{Name: "author", Type: schema.BigInt}}}
	index := func(concurrently bool) op.Op {
		return op.CreateIndex{Table: "users", Concurrently: concurrently, Index: schema.Index{Name: "users_email_idx", Parts: schema.Columns("email")}}
	}
	raw := func(sql string) op.Op { return op.SQL{All: sql, Reverse: op.SQL{All: op.NoSQL}} }
	for _, c := range []struct {
		name   string
		ops    []op.Op
		notx   bool
		locks  []string // on PostgreSQL
		losses []string
	}{
		{"add column", []op.Op{nickname}, false, []string{"users: ACCESS EXCLUSIVE"}, nil},
		{"add and drop", []op.Op{nickname, op.DropColumn{Table: "users", Name: "email", Was: &users().Columns[1]}}, false, []string{"users: ACCESS EXCLUSIVE"}, []string{"drop column users.email"}},
		{"a table of its own", []op.Op{posts, op.AddUnique{Table: "posts", Unique: schema.Unique{Name: "u", Columns: []string{"author"}}}}, false, nil, nil},
		{"a key of its own table", []op.Op{posts, fk}, false, []string{"users: SHARE ROW EXCLUSIVE"}, nil},
		{"a table that refers", []op.Op{op.CreateTable{Name: "posts", Columns: posts.Columns, ForeignKeys: []schema.ForeignKey{fk.ForeignKey}}}, false, []string{"users: SHARE ROW EXCLUSIVE"}, nil},
		{"index", []op.Op{index(false)}, false, []string{"users: SHARE"}, nil},
		{"index, concurrently", []op.Op{index(true)}, true, []string{"users: SHARE UPDATE EXCLUSIVE"}, nil},
		{"drop table", []op.Op{op.DropTable{Name: "users", Was: users().Table()}}, false, []string{"users: ACCESS EXCLUSIVE"}, []string{"drop table users"}},
		{"delete", []op.Op{raw("DELETE FROM\n users")}, false, nil, []string{"DELETE FROM users"}},
		{"raw column", []op.Op{raw("ALTER TABLE users DROP email")}, false, []string{": ACCESS EXCLUSIVE"}, []string{"ALTER TABLE users DROP email"}},
		{"raw constraint", []op.Op{raw("ALTER TABLE users DROP CONSTRAINT c")}, false, []string{": ACCESS EXCLUSIVE"}, nil},
		{"update", []op.Op{raw("UPDATE users SET email = ''")}, false, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := ops(c.ops...)
			m.NoTx = c.notx
			eachDialect(t, func(t *testing.T, d dialect.Dialect) {
				got := all(t, d, ops(users()), m)[1]
				if got.Tainted != "" {
					t.Fatal(got.Tainted)
				}
				if diff := cmp.Diff(c.losses, got.Losses()); diff != "" {
					t.Error(diff)
				}
				var locks []string
				for _, l := range got.Locks() {
					locks = append(locks, l.Table+": "+l.Mode)
				}
				if d.Name() == "postgres" && !slices.Equal(locks, c.locks) || d.Name() == "sqlite" && len(locks) > 0 {
					t.Errorf("locks %q, want %q", locks, c.locks)
				}
				if ok, why := got.Reversible(); !ok {
					t.Error(why)
				}
			})
		})
	}
}

// A type that keeps less than the old one loses data where the database casts,
// and a column that becomes a computed one loses all of it.
func TestLossesOfAlteredColumns(t *testing.T) {
	column := func(typ schema.Type) schema.Column { return schema.Column{Name: "v", Type: typ} }
	computed := column(schema.Integer)
	computed.Generated = schema.Expr("1")
	for _, c := range []struct {
		from, to         schema.Column
		postgres, sqlite []string
	}{
		{column(schema.Numeric(14, 4)), column(schema.Numeric(12, 2)), []string{"alter column t.v (digits behind the point are rounded)"}, nil},
		{column(schema.Timestamptz), column(schema.Date), []string{"alter column t.v (the time of day)"}, nil},
		{column(schema.Integer), column(schema.BigInt), nil, nil},
		{column(schema.Text), schema.Column{Name: "v", Type: schema.Text, NotNull: true}, nil, nil},
		{column(schema.Integer), computed, nil, []string{"alter column t.v (its values: it is computed from now on)"}},
	} {
		table := op.CreateTable{Name: "t", Columns: []schema.Column{{Name: "id", Type: schema.BigInt}, c.from}}
		eachDialect(t, func(t *testing.T, d dialect.Dialect) {
			got := all(t, d, ops(table), ops(op.AlterColumn{Table: "t", From: c.from, To: c.to}))[1]
			want := c.sqlite
			if d.Name() == "postgres" {
				want = c.postgres
			}
			if diff := cmp.Diff(want, got.Losses()); diff != "" {
				t.Errorf("%v to %v: %s", c.from, c.to, diff)
			}
		})
	}
}
