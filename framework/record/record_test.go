package record_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

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

var dialects = []dialect.Dialect{postgres.Dialect{}, sqlite.Dialect{}}

// eachDialect runs a test for each dialect.
func eachDialect(t *testing.T, test func(t *testing.T, d dialect.Dialect)) {
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) { test(t, d) })
	}
}

// offline registers migrations; those without an ID get one by their place, and
// those without a Down one that does nothing.
func offline(t testing.TB, all ...migrate.Migration) *migrate.Offline {
	t.Helper()
	r := migrate.NewRegistry()
	for i, m := range all {
		if m.ID == "" {
			m.ID = fmt.Sprintf("%04d", i+1)
		}
		if m.Down == nil && m.Change.IsZero() {
			m.Down = func(context.Context, bun.IDB) error { return nil }
		}
		r.Register(m)
	}
	f, err := migrate.NewOffline(migrate.Options{Registry: r})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// ups are the steps that apply everything.
func ups(f *migrate.Offline) []record.Step {
	var steps []record.Step
	for _, k := range f.Known() {
		steps = append(steps, record.Step{Known: &k, Direction: migrate.Up})
	}
	return steps
}

// all records every migration on an empty database.
func all(t testing.TB, d dialect.Dialect, all ...migrate.Migration) []record.Migration {
	t.Helper()
	recorded, _, err := record.Run(t.Context(), d, record.State{}, ups(offline(t, all...)), record.Options{Limit: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return recorded
}

func by(fn func(ctx context.Context, db bun.IDB) error) migrate.Migration {
	return migrate.Migration{Up: fn}
}

func ops(all ...op.Op) migrate.Migration {
	return migrate.Migration{Change: migrate.Reversible(all...)}
}

func sqlOf(m record.Migration) []string {
	var all []string
	for _, s := range m.Statements {
		all = append(all, s.SQL)
	}
	return all
}

func users() op.CreateTable {
	return op.CreateTable{Name: "users", PrimaryKey: []string{"id"}, Columns: []schema.Column{
		{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
		{Name: "email", Type: schema.Text, NotNull: true},
	}}
}

type user struct {
	bun.BaseModel `bun:"table:users"`

	ID    int64 `bun:",pk,autoincrement"`
	Email string
}

// What a migration learns from the database makes it untrue to show it, and only
// it.
func TestTaint(t *testing.T) {
	type idb = bun.IDB
	for _, c := range []struct {
		name string
		up   func(ctx context.Context, db idb) error
		want string // in the reason; empty: not tainted
	}{
		{"an insert that returns its number", func(ctx context.Context, db idb) error {
			u := &user{Email: "a"}
			if _, err := db.NewInsert().Model(u).Exec(ctx); err != nil {
				return err
			}
			_, err := db.ExecContext(ctx, fmt.Sprintf("UPDATE users SET email = 'b' WHERE id = %d", u.ID))
			return err
		}, "reads data"},
		{"a slice", func(ctx context.Context, db idb) error {
			var all []user
			if err := db.NewSelect().Model(&all).Scan(ctx); err != nil {
				return err
			}
			for range all {
				return errors.New("a recorder has no rows")
			}
			return nil
		}, "reads data"},
		{"a count", func(ctx context.Context, db idb) error {
			n, err := db.NewSelect().Model((*user)(nil)).Count(ctx)
			if err == nil && n > 0 {
				err = errors.New("the table should be empty")
			}
			return err
		}, "reads data"},
		{"whether there is a row", func(ctx context.Context, db idb) error {
			_, err := db.NewSelect().Model((*user)(nil)).Exists(ctx)
			return err
		}, "reads data"},
		{"a guard on the number of rows", func(ctx context.Context, db idb) error {
			res, err := db.NewUpdate().Model((*user)(nil)).Set("email = ?", "z").Where("id = 1").Exec(ctx)
			if err != nil {
				return err
			}
			if n, _ := res.RowsAffected(); n != 1 {
				return errors.New("not one row")
			}
			return nil
		}, "how many rows"},
		{"the number of a new row", func(ctx context.Context, db idb) error {
			res, err := db.ExecContext(ctx, "INSERT INTO users (email) VALUES ('a')")
			if err == nil {
				_, err = res.LastInsertId()
			}
			return err
		}, "number of a new row"},
		{"raw rows", func(ctx context.Context, db idb) error {
			rows, err := db.QueryContext(ctx, "SELECT id FROM users")
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				return errors.New("a recorder has no rows")
			}
			return rows.Err()
		}, "reads data"},
		{"a prepared statement", func(ctx context.Context, db idb) error {
			st, err := db.(bun.Tx).PrepareContext(ctx, "INSERT INTO users (email) VALUES ('a')")
			if err != nil {
				return err
			}
			defer st.Close()
			_, err = st.ExecContext(ctx)
			return err
		}, "prepares a statement"},
		{"values past bun", func(ctx context.Context, db idb) error {
			_, err := db.(bun.Tx).Tx.ExecContext(ctx, "INSERT INTO users (email) VALUES ($1)", "a")
			return err
		}, "values apart"},
		{"COMMIT", func(ctx context.Context, db idb) error {
			_, err := db.ExecContext(ctx, "-- now\n COMMIT")
			return err
		}, "ends the runner's transaction"},
		{"COMMIT inside", func(ctx context.Context, db idb) error {
			_, err := db.ExecContext(ctx, "SELECT 1; commit; SELECT 2")
			return err
		}, "ends the runner's transaction"},
		{"Commit", func(_ context.Context, db idb) error { return db.(bun.Tx).Commit() }, "ends the runner's transaction"},
		{"Rollback", func(_ context.Context, db idb) error { return db.(bun.Tx).Rollback() }, "ends the runner's transaction"},
		{"an error", func(context.Context, idb) error { return errors.New("no key") }, "no key"},
		{"a panic", func(context.Context, idb) error { panic("this is bad") }, "panic: this is bad"},
		{"an end of the goroutine", func(context.Context, idb) error { runtime.Goexit(); return nil }, "Goexit"},
		{"an operation that cannot be", func(ctx context.Context, db idb) error {
			return op.Run(ctx, db, op.AddColumn{Table: "users"})
		}, "add column"},

		{"a question whose answer is in the database", func(ctx context.Context, db idb) error {
			_, err := op.HasTable(ctx, db, "", "legacy")
			return err
		}, "asks whether there is a table legacy"},
		{"a question about what other SQL has changed", func(ctx context.Context, db idb) error {
			if _, err := db.ExecContext(ctx, "ALTER TABLE users DROP COLUMN email"); err != nil {
				return err
			}
			_, err := op.HasColumn(ctx, db, "", "users", "email")
			return err
		}, "asks whether there is a column users.email"},
		{"a question whose answer is known", func(ctx context.Context, db idb) error {
			if has, err := op.HasColumn(ctx, db, "", "users", "email"); err != nil || !has {
				return fmt.Errorf("%v %v", has, err)
			}
			return nil
		}, ""},

		{"an update", func(ctx context.Context, db idb) error {
			_, err := db.NewUpdate().Model((*user)(nil)).Set("email = ?", "it's").Where("id = ?", 3).Exec(ctx)
			return err
		}, ""},
		{"raw SQL past bun", func(ctx context.Context, db idb) error {
			_, err := db.(bun.Tx).Tx.ExecContext(ctx, "UPDATE users SET email = '?'")
			return err
		}, ""},
		{"a function", func(ctx context.Context, db idb) error {
			_, err := db.ExecContext(ctx, "SELECT setval('users_id_seq', 10)")
			return err
		}, ""},
		{"a back to a savepoint", func(ctx context.Context, db idb) error {
			_ = db.RunInTx(ctx, nil, func(context.Context, bun.Tx) error { return errors.New("not this") })
			return nil
		}, ""},
		{"what belongs to a runner", func(ctx context.Context, _ idb) error {
			migrate.ReportProgress(ctx, 1, 2)
			migrate.AfterCommit(ctx, func(context.Context) error { panic("nothing was committed") })
			return nil
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachDialect(t, func(t *testing.T, d dialect.Dialect) {
				got := all(t, d, ops(users()), by(c.up), ops(op.SQL{All: "UPDATE users SET email = 'a'"}))
				if c.want == "" && got[1].Tainted != "" || !strings.Contains(got[1].Tainted, c.want) {
					t.Errorf("tainted %q, want %q", got[1].Tainted, c.want)
				}
				if got[0].Tainted+got[2].Tainted != "" {
					t.Errorf("the others are tainted: %q %q", got[0].Tainted, got[2].Tainted)
				}
				if diff := cmp.Diff([]string{"UPDATE users SET email = 'a'"}, sqlOf(got[2])); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// A recorder ends, whatever a migration does.
func TestRunNeverHangs(t *testing.T) {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	for name, up := range map[string]migrate.Func{
		"waits for its context": func(ctx context.Context, _ bun.IDB) error { <-ctx.Done(); return ctx.Err() },
		"waits for ever":        func(context.Context, bun.IDB) error { <-release; return nil },
		"waits for rows": func(ctx context.Context, db bun.IDB) error {
			for {
				n, err := db.NewSelect().Table("users").Count(ctx)
				if err != nil || n > 0 {
					return err
				}
			}
		},
		"sends and sends": func(ctx context.Context, db bun.IDB) error {
			for {
				if _, err := db.ExecContext(ctx, "SELECT 1"); err != nil {
					return err
				}
			}
		},
		"sends and ignores": func(ctx context.Context, db bun.IDB) error {
			for {
				_, _ = db.ExecContext(ctx, "SELECT 1")
				select {
				case <-release:
					return nil
				default:
					runtime.Gosched()
				}
				if ctx.Err() != nil {
					<-release
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := all(t, sqlite.Dialect{}, by(up), ops(users()))
			if got[0].Tainted == "" || got[1].Tainted != "" {
				t.Errorf("tainted %q, then %q", got[0].Tainted, got[1].Tainted)
			}
		})
	}
	t.Run("a context that has ended", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		stop := by(func(ctx context.Context, _ bun.IDB) error { cancel(); <-ctx.Done(); return nil })
		if _, _, err := record.Run(ctx, sqlite.Dialect{}, record.State{}, ups(offline(t, stop)), record.Options{}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestSavepointsHaveStableNames(t *testing.T) {
	nested := by(func(ctx context.Context, db bun.IDB) error {
		for range 2 {
			err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				return op.Run(ctx, tx, op.SQL{All: "UPDATE users SET email = ''"})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		got := all(t, d, nested)[0]
		want := []string{
			"SAVEPOINT sp_1", "UPDATE users SET email = ''", "RELEASE SAVEPOINT sp_1",
			"SAVEPOINT sp_2", "UPDATE users SET email = ''", "RELEASE SAVEPOINT sp_2",
		}
		if diff := cmp.Diff(want, sqlOf(got)); diff != "" || got.Tainted != "" || len(got.Events) != 2 {
			t.Errorf("%s %d events, tainted %q", diff, len(got.Events), got.Tainted)
		}
	})
}

func TestNoTxGetsAConnection(t *testing.T) {
	m := by(func(ctx context.Context, db bun.IDB) error {
		if _, ok := db.(bun.Conn); !ok {
			return fmt.Errorf("got a %T", db)
		}
		if _, err := db.ExecContext(ctx, "VACUUM"); err != nil {
			return err
		}
		return db.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable}, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE users SET email = ''")
			return err
		})
	})
	m.NoTx = true
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		got := all(t, d, m)[0]
		want := []string{"VACUUM", "BEGIN ISOLATION LEVEL SERIALIZABLE", "UPDATE users SET email = ''", "COMMIT"}
		if diff := cmp.Diff(want, sqlOf(got)); diff != "" || got.Tainted != "" {
			t.Error(diff, got.Tainted)
		}
	})
}

// bun's dialects work as with a server: what they spell differently, they do.
func TestBunSpellsForItsDialect(t *testing.T) {
	type thing struct {
		ID   int64    `bun:",pk,autoincrement"`
		Tags []string `bun:",array"`
	}
	m := by(func(ctx context.Context, db bun.IDB) error {
		_, err := db.NewCreateTable().Model((*thing)(nil)).Exec(ctx)
		return err
	})
	for d, want := range map[dialect.Dialect]string{
		postgres.Dialect{}: `CREATE TABLE "things" ("id" BIGSERIAL NOT NULL, "tags" VARCHAR[], PRIMARY KEY ("id"))`,
		sqlite.Dialect{}:   `CREATE TABLE "things" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "tags" VARCHAR)`,
	} {
		got := all(t, d, m)[0]
		if len(got.Statements) != 1 || got.Statements[0].SQL != want || got.Tainted != "" {
			t.Errorf("%q %q", sqlOf(got), got.Tainted)
		}
	}
}

func TestContextReachesMigrations(t *testing.T) {
	type key struct{}
	m := by(func(ctx context.Context, db bun.IDB) error {
		_, err := db.ExecContext(ctx, ctx.Value(key{}).(string))
		return err
	})
	o := record.Options{Context: func(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, "SELECT 1") }}
	got, _, err := record.Run(t.Context(), sqlite.Dialect{}, record.State{}, ups(offline(t, m)), o)
	if err != nil || got[0].Tainted != "" || sqlOf(got[0])[0] != "SELECT 1" {
		t.Error(got, err)
	}
}
