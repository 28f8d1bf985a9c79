package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// historyError checks the kind of err, and its next command.
func historyError(t *testing.T, err, kind error, next string) {
	t.Helper()
	var e *migrate.HistoryError
	if !errors.As(err, &e) || !errors.Is(err, kind) {
		t.Fatalf("got %T %v, want %v", err, err, kind)
	}
	if !strings.Contains(strings.Join(e.Next, "\n"), next) {
		t.Errorf("next: %q, want %q among it", e.Next, next)
	}
}

func (w *world) up() error {
	_, err := w.migrator().Up(w.ctx(), migrate.Head)
	return err
}

func (w *world) exec(sql string, args ...any) {
	w.Helper()
	if _, err := w.db.ExecContext(w.ctx(), sql, args...); err != nil {
		w.Fatal(err)
	}
}

// without is the same database seen by a program that knows only these.
func (w *world) known(migrations ...migrate.Migration) *world {
	c := *w
	c.registry = migrate.NewRegistry()
	c.options.Registry = c.registry
	for _, m := range migrations {
		c.registry.Register(m)
	}
	return &c
}

func TestAnOlderProgramAcceptsANewerDatabase(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(3).mustUp()
		old := w.known().seed(1)
		r := old.mustUp()
		if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "newer than this program") {
			t.Errorf("notes: %q", r.Notes)
		}
		old.options.Strict = true
		historyError(t, old.up(), migrate.ErrUnknown, "stamp --purge 0001_effect")
		old.options.Strict = false
		_, err := old.migrator().Down(w.ctx(), migrate.Steps(1))
		historyError(t, err, migrate.ErrUnknown, "history")
		w.sound(3)
		branch := w.known().seed(1)
		branch.registry.Register(migrate.Migration{ID: "0009_other", Up: effect(9).Up})
		historyError(t, branch.up(), migrate.ErrUnknown, "history")
		w.sound(3)
	})
}

func TestHistoryAndProgramMustAgree(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(3).mustUp()
		w.exec("DELETE FROM leaven_history WHERE id = '0002_effect'")
		w.exec("DELETE FROM leaven_history_log WHERE id = '0002_effect'") // or it would be missed
		historyError(t, w.up(), migrate.ErrOutOfOrder, "rebase 0002_effect")
		equal(t, "effects", w.effects(), []int{1, 2, 3})
		w.options.OutOfOrder = migrate.AllowOutOfOrder
		if err := w.up(); err != nil {
			t.Fatal(err)
		}
		equal(t, "effects", w.effects(), []int{1, 2, 3, 2})
	})
}

func TestStamp(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(3)
		m := w.migrator()
		r, err := m.Stamp(w.ctx(), migrate.To("0002"), migrate.StampOptions{Reason: "it was there"})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "stamped", r.IDs(), []string{"0000_effects", "0001_effect", "0002_effect"})
		if r.From != "" || r.To != "0002_effect" || r.Pending != 1 {
			t.Errorf("%+v", r)
		}
		if r, err = m.Stamp(w.ctx(), migrate.To("0002"), migrate.StampOptions{}); err != nil || len(r.Steps) != 0 {
			t.Errorf("again: %v %v", r.IDs(), err)
		}
		w.exec("INSERT INTO leaven_history (id, state) VALUES ('0007_stranger', 'applied')")
		if r, err = m.Stamp(w.ctx(), migrate.To("0001"), migrate.StampOptions{Purge: true}); err != nil {
			t.Fatal(err)
		}
		equal(t, "purged", r.IDs(), []string{"0007_stranger", "0002_effect"})
		equal(t, "history", w.applied(), []string{"0000_effects applied", "0001_effect applied"})
		if _, err = m.Stamp(w.ctx(), migrate.Base, migrate.StampOptions{}); !errors.Is(err, migrate.ErrConfig) {
			t.Errorf("stamp base: %v", err)
		}
		if _, err = m.Stamp(w.ctx(), migrate.To("0004"), migrate.StampOptions{}); !errors.Is(err, migrate.ErrRevision) {
			t.Errorf("stamp 0004: %v", err)
		}
		if _, err = m.Stamp(w.ctx(), migrate.Base, migrate.StampOptions{Purge: true}); err != nil {
			t.Fatal(err)
		}
		equal(t, "history", w.applied(), nil)
		log, err := m.History(w.ctx(), 0)
		if err != nil || len(log) != 3+2+2 {
			t.Fatalf("%d entries, %v", len(log), err)
		}
		if l := log[6]; l.ID != "0000_effects" || l.Action != history.ActStamp || l.Reason != "it was there" {
			t.Errorf("%+v", l)
		}
		if l := log[0]; l.Action != history.ActUnstamp || l.Outcome != history.Done {
			t.Errorf("%+v", l)
		}
	})
}

func TestResolveAndRepairRefuse(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(1)
		m := w.migrator()
		for name, err := range map[string]error{
			"resolve what is pending": m.Resolve(w.ctx(), "0001", migrate.Applied, ""),
			"repair what is pending":  m.Repair(w.ctx(), "0001", ""),
		} {
			if !errors.Is(err, migrate.ErrConfig) || !strings.Contains(err.Error(), "it is pending") {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.mustUp()
		if err := m.Resolve(w.ctx(), "0001", migrate.Applied, ""); !errors.Is(err, migrate.ErrConfig) || !strings.Contains(err.Error(), "was not interrupted") {
			t.Error(err)
		}
		if err := m.Resolve(w.ctx(), "0001", migrate.Unknown, ""); !errors.Is(err, migrate.ErrConfig) {
			t.Error(err)
		}
		if err := m.Repair(w.ctx(), "0001", ""); !errors.Is(err, migrate.ErrConfig) || !strings.Contains(err.Error(), "not embedded") {
			t.Error(err)
		}
		if err := m.Repair(w.ctx(), "nowhere", ""); !errors.Is(err, migrate.ErrRevision) {
			t.Error(err)
		}
		w.exec("INSERT INTO leaven_history (id, state) VALUES ('0007_stranger', 'applied')")
		historyError(t, m.Repair(w.ctx(), "0007_stranger", ""), migrate.ErrUnknown, "status")
	})
}

func TestEditedSources(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		// The migrations are registered by this package's world_test.go, which
		// newSources leaves out as a test; so they are registered here as if by a
		// file of their own.
		file := func(body string) fstest.MapFS {
			return fstest.MapFS{"0001_effect.go": {Data: []byte("package migrations\n\n" + body)}}
		}
		w.seed(0)
		migrate.RegisterAs(w.registry, effect(1), "0001_effect.go")
		w.options.Sources = append(w.options.Sources, file("// one\nvar x = 1\n"))
		w.mustUp()
		w.options.Sources[0] = file("// another comment\nvar   x = 1\n")
		if err := w.up(); err != nil {
			t.Errorf("a comment is an edit: %v", err)
		}
		s, err := w.migrator().Status(w.ctx())
		if err != nil || s.Entries[1].Source != migrate.Formatted {
			t.Errorf("%+v %v", s.Entries[1], err)
		}
		w.options.Sources[0] = file("var x = 2\n")
		historyError(t, w.up(), migrate.ErrEdited, "repair 0001_effect")
		findings, err := w.migrator().Validate(w.ctx())
		if err != nil || len(findings) == 0 || !errors.Is(findings[0].Err, migrate.ErrEdited) {
			t.Errorf("%+v %v", findings, err)
		}
		if err := w.migrator().Repair(w.ctx(), "0001_effect", "it was a typo"); err != nil {
			t.Fatal(err)
		}
		if err := w.up(); err != nil {
			t.Error(err)
		}
		log, err := w.migrator().History(w.ctx(), 1)
		if err != nil || log[0].Action != history.ActRepair || log[0].Reason != "it was a typo" {
			t.Errorf("%+v %v", log, err)
		}
	})
}

func TestHistoryOfAnOlderFormat(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(1).mustUp()
		w.exec("DROP TABLE leaven_history_log")
		for _, column := range []string{"found", "target", "app_commit", "applied_at"} {
			w.exec("ALTER TABLE leaven_history DROP COLUMN ?", bun.Ident(column))
		}
		w.exec("CREATE TABLE leaven_history_log (seq bigint, id text, attempt text, action text)")
		s, err := w.migrator().Status(w.ctx()) // reads it as it is
		if err != nil || s.Applied != 2 {
			t.Fatalf("%+v %v", s, err)
		}
		if log, err := w.migrator().History(w.ctx(), 0); err != nil || len(log) != 0 {
			t.Errorf("%v %v", log, err)
		}
		old := "INSERT INTO leaven_history (id, state, raw, tokens, batch, attempt) VALUES ('0002_effect', 'applied', '', '', 2, 'x')"
		w.exec("DROP TABLE leaven_history_log")
		w.add(2, func(*migrate.Migration) {}).add(3, func(*migrate.Migration) {})
		w.exec("INSERT INTO effects (v) VALUES (2)")
		w.exec(old) // an old image goes on writing what it knows
		w.mustUp()  // upgrades the format
		w.sound(3)
		w.exec(strings.ReplaceAll(old, "0002", "0009"))
	})
}

func TestBatches(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(2)
		if _, err := w.migrator().Up(w.ctx(), migrate.Steps(2)); err != nil {
			t.Fatal(err)
		}
		w.add(3, func(*migrate.Migration) {})
		if r := w.mustUp(); r.Batch != 2 {
			t.Errorf("batch %d", r.Batch)
		}
		r, err := w.migrator().Down(w.ctx(), migrate.LastBatch)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "the last batch", r.IDs(), []string{"0003_effect", "0002_effect"})
		r, err = w.migrator().Down(w.ctx(), migrate.LastBatch)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "the one before", r.IDs(), []string{"0001_effect", "0000_effects"})
	})
}

func TestRedoAndTo(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(4)
		m := w.migrator()
		if r, err := m.To(w.ctx(), "0003"); err != nil || r.To != "0003_effect" || r.Pending != 1 {
			t.Fatalf("%+v %v", r, err)
		}
		r, err := m.Redo(w.ctx(), 2)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "redo", r.IDs(), []string{"0003_effect", "0002_effect", "0002_effect", "0003_effect"})
		if r, err = m.To(w.ctx(), "0001"); err != nil || r.To != "0001_effect" {
			t.Fatalf("%+v %v", r, err)
		}
		if r, err = m.To(w.ctx(), "base"); err != nil || r.To != "" {
			t.Fatalf("%+v %v", r, err)
		}
		if _, err = m.To(w.ctx(), "0009"); !errors.Is(err, migrate.ErrRevision) {
			t.Error(err)
		}
	})
}

func TestIrreversibleRefusesBeforeAnything(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(1).add(2, func(m *migrate.Migration) { m.Irreversible = "the mail is sent" }).add(3, func(*migrate.Migration) {})
		w.mustUp()
		_, err := w.migrator().Down(w.ctx(), migrate.Steps(2))
		var e *migrate.IrreversibleError
		if !errors.As(err, &e) || e.ID != "0002_effect" || e.Why != "the mail is sent" {
			t.Errorf("%v", err)
		}
		w.sound(3)
	})
}

func TestFaultyRegistryIsOneError(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.seed(1)
		w.registry.Register(effect(1))
		w.registry.Register(migrate.Migration{ID: "0002_nothing"})
		var e *migrate.RegistryError
		if err := w.up(); !errors.As(err, &e) || len(e.Problems) != 2 {
			t.Fatalf("%v", err)
		}
		if _, err := w.migrator().Status(w.ctx()); !errors.Is(err, migrate.ErrRegistry) {
			t.Errorf("%v", err)
		}
	})
}

// What a migration found instead of making it survives its down.
func TestWhatWasFoundIsKept(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		images := op.CreateTable{Name: "images", IfNotExists: true, PrimaryKey: []string{"id"}, Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true}, {Name: "path", Type: schema.Varchar(0), NotNull: true}}}
		index := op.CreateIndex{Table: "images", IfNotExists: true, Index: schema.Index{Name: "images_path_idx", Parts: schema.Columns("path")}}
		if err := op.Run(w.ctx(), w.db, images); err != nil {
			t.Fatal(err)
		}
		w.exec("INSERT INTO images (path) VALUES ('bread.jpg')")
		w.registry.Register(migrate.Migration{ID: "0001_images", Change: migrate.Reversible(images, index)})
		r := w.mustUp()
		equal(t, "found", r.Steps[0].Found, []string{"table images"})
		down, err := w.migrator().Down(w.ctx(), migrate.Base)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "kept", down.Steps[0].Kept, []string{"table images"})
		table, err := w.migrator().Dialect().Live(w.db).Table(w.ctx(), "", "images")
		if err != nil || table == nil || len(table.Indexes) != 0 {
			t.Errorf("%+v %v", table, err)
		}
		var n int
		if err := w.db.NewRaw("SELECT count(*) FROM images").Scan(w.ctx(), &n); err != nil || n != 1 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}

// bun's nested transaction has a context of its own; it is no way around the
// runner.
func TestWhatIsFoundInANestedTransactionIsKept(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		images := op.CreateTable{Name: "images", IfNotExists: true, Columns: []schema.Column{{Name: "path", Type: schema.Text}}}
		if err := op.Run(w.ctx(), w.db, images); err != nil {
			t.Fatal(err)
		}
		nested := func(o op.Op) migrate.Func {
			return func(ctx context.Context, db bun.IDB) error {
				return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
					migrate.AfterCommit(ctx, func(context.Context) error { return errors.New("told") })
					return op.Run(ctx, tx, o)
				})
			}
		}
		w.registry.Register(migrate.Migration{ID: "0001_images", Up: nested(images), Down: nested(op.DropTable{Name: "images"})})
		r := w.mustUp()
		equal(t, "found", r.Steps[0].Found, []string{"table images"})
		if len(r.Notes) != 1 {
			t.Errorf("notes %q", r.Notes)
		}
		down, err := w.migrator().Down(w.ctx(), migrate.Base)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "kept", down.Steps[0].Kept, []string{"table images"})
	})
}

// On SQLite a foreign key is added by rebuilding the table, with foreign keys off
// before BEGIN: the runner begins anew, and what the first try did is gone.
func TestRebuildBeginsAnew(t *testing.T) {
	t.Parallel()
	w := onSQLite(t).seed(1)
	w.exec("CREATE TABLE parents (id integer PRIMARY KEY)")
	w.exec("CREATE TABLE children (id integer PRIMARY KEY, parent_id integer)")
	w.exec("INSERT INTO children VALUES (1, 5)")
	key := op.AddForeignKey{Table: "children", ForeignKey: schema.ForeignKey{Name: "children_parent_fk", Columns: []string{"parent_id"}, RefTable: "parents", RefColumns: []string{"id"}}}
	w.add(2, func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, db bun.IDB) error {
			if err := write(ctx, db, 2); err != nil {
				return err
			}
			return op.Run(ctx, db, key)
		}
	})
	if e := w.fails(); !strings.Contains(e.Error(), "children row 1: parent_id refers to a row of parents") {
		t.Error(e)
	}
	w.sound(1)
	w.exec("INSERT INTO parents VALUES (5)")
	if r := w.mustUp(); r.Steps[0].Attempts != 1 || len(r.Notes) != 0 {
		t.Errorf("%d attempts, notes %q", r.Steps[0].Attempts, r.Notes)
	}
	w.sound(2)
	// What was wrong before, elsewhere, is not this migration's doing; and it is
	// told what switching foreign keys off means.
	w.exec("CREATE TABLE strangers (id integer PRIMARY KEY, parent_id integer REFERENCES parents (id))")
	w.exec("PRAGMA foreign_keys = off")
	w.exec("INSERT INTO strangers VALUES (1, 77)")
	w.exec("PRAGMA foreign_keys = on")
	w.add(3, func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, db bun.IDB) error {
			if _, err := db.ExecContext(ctx, "DELETE FROM effects WHERE v > 100"); err != nil {
				return err
			}
			if err := op.Run(ctx, db, op.DropConstraint{Table: "children", Name: "children_parent_fk"}, key); err != nil {
				return err
			}
			return write(ctx, db, 3)
		}
	})
	if r := w.mustUp(); len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "took no others with them") {
		t.Errorf("notes %q", r.Notes)
	}
	w.sound(3)
	var on bool
	if err := w.db.QueryRow("PRAGMA foreign_keys").Scan(&on); err != nil || !on {
		t.Errorf("foreign keys are on: %v (%v)", on, err)
	}
}

func TestAMigrationOfOneKindOfDatabaseOnly(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		w.registry.Register(migrate.Migration{ID: "0001_x", Change: migrate.Reversible(op.SQL{Other: map[string]string{"cockroach": "SELECT 1"}})})
		_, err := w.migrator().Up(w.ctx(), migrate.Head)
		var e *migrate.StepError
		if !errors.As(err, &e) || !strings.Contains(fmt.Sprint(e), w.migrator().Dialect().Name()) {
			t.Error(err)
		}
	})
}
