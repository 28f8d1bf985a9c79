package record_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/leavendb/leaven/migrations"
	"github.com/uptrace/bun"
)

var update = flag.Bool("update", false, "write the golden files anew")

// script records steps on what from leaves, and writes the script.
func script(t *testing.T, d dialect.Dialect, f *migrate.Offline, from []record.Step, steps []record.Step) *record.Script {
	t.Helper()
	_, state, err := record.Run(t.Context(), d, record.State{}, from, record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	recorded, _, err := record.Run(t.Context(), d, state, steps, record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := record.NewScript(t.Context(), record.Plan{
		Dialect: d, Store: history.NewStore(d, "", ""), Offline: f, Migrations: recorded,
		Create: len(from) == 0, Batch: 1, Name: "migrate",
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func text(t *testing.T, s *record.Script) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := s.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestScripts(t *testing.T) {
	table := users()
	table.IfNotExists = true
	reads := by(func(ctx context.Context, db bun.IDB) error {
		_, err := db.NewSelect().Table("users").Count(ctx)
		return err
	})
	concurrently := ops(op.CreateIndex{Table: "users", Concurrently: true, Index: schema.Index{Name: "users_email_idx", Parts: schema.Columns("email")}})
	concurrently.NoTx, concurrently.Rerunnable = true, true
	f := offline(t,
		ops(table),
		ops(op.CreateTable{Name: "posts", Columns: []schema.Column{{Name: "author", Type: schema.BigInt}},
			ForeignKeys: []schema.ForeignKey{{Name: "posts_author", Columns: []string{"author"}, RefTable: "users", RefColumns: []string{"id"}}}}),
		reads,
		ops(nickname, notEmpty),
		concurrently,
		ops(op.SQL{All: "UPDATE users SET nickname = 'it''s' -- a name", Reverse: op.SQL{All: "UPDATE users SET nickname = NULL; "}}),
	)
	up := ups(f)
	var down []record.Step
	for _, s := range slices.Backward(up) {
		down = append(down, record.Step{Known: s.Known, Direction: migrate.Down})
	}
	down[len(down)-1].Found = []string{"table users"}
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		golden(t, d.Name()+"_up.sql", text(t, script(t, d, f, nil, up)))
		golden(t, d.Name()+"_down.sql", text(t, script(t, d, f, up, down)))
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// place is a database and the way in which scripts get into it.
type place struct {
	db  *bun.DB
	m   *migrate.Migrator
	run func(t *testing.T, parts []record.Part)
}

// follow does what a script says: what is not in it is done by the migrator, in
// its place.
func (p place) follow(t *testing.T, s *record.Script, migrator func(context.Context, migrate.Target) (*migrate.Report, error)) {
	t.Helper()
	var parts []record.Part
	for _, part := range s.Parts {
		if part.Tainted != "" {
			p.run(t, parts)
			parts = nil
			if r, err := migrator(t.Context(), migrate.Steps(1)); err != nil || !slices.Equal(r.IDs(), []string{part.ID}) {
				t.Fatalf("the migrator in the place of %s: %q %v", part.ID, r.IDs(), err)
			}
		}
		parts = append(parts, part)
	}
	p.run(t, parts)
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// places are the ways to run a script: statement by statement through the driver,
// and as a file by the database's own program, where the machine has it.
func places(t *testing.T, kind string, o migrate.Options) map[string]func(t *testing.T) place {
	driver := func(db *bun.DB) func(t *testing.T, parts []record.Part) {
		return func(t *testing.T, parts []record.Part) {
			t.Helper()
			conn, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			for _, p := range parts {
				for _, sql := range p.Statements() {
					if _, err := conn.ExecContext(t.Context(), sql); err != nil {
						t.Fatalf("%s: %v\n%s", p.ID, err, sql)
					}
				}
			}
		}
	}
	program := func(name string, args ...string) func(t *testing.T, parts []record.Part) {
		return func(t *testing.T, parts []record.Part) {
			t.Helper()
			cmd := exec.CommandContext(t.Context(), name, args...)
			cmd.Stdin = strings.NewReader(text(t, &record.Script{Parts: parts}))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		}
	}
	at := func(t *testing.T, db *bun.DB, run func(*testing.T, []record.Part)) place {
		t.Helper()
		m, err := migrate.New(db, o)
		if err != nil {
			t.Fatal(err)
		}
		return place{db, m, run}
	}
	if kind == "postgres" {
		all := map[string]func(t *testing.T) place{"driver": func(t *testing.T) place {
			db, _ := pgtest.New(t)
			return at(t, db, driver(db))
		}}
		if psql, err := exec.LookPath("psql"); err == nil {
			all["psql"] = func(t *testing.T) place {
				db, url := pgtest.New(t)
				return at(t, db, program(psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url))
			}
		}
		return all
	}
	all := map[string]func(t *testing.T) place{"driver": func(t *testing.T) place {
		db, _ := sqlitetest.New(t)
		return at(t, db, driver(db))
	}}
	if shell, err := exec.LookPath("sqlite3"); err == nil {
		all["sqlite3"] = func(t *testing.T) place {
			db, path := sqlitetest.New(t)
			if _, err := db.ExecContext(t.Context(), "SELECT 1"); err != nil {
				t.Fatal(err)
			}
			return at(t, db, program(shell, "-bail", path))
		}
	}
	return all
}

// The reference app's script leaves what up leaves: structure and history. What
// reads data is not in the script; as it says, up does that one in between.
func TestScriptOfTheReferenceAppDoesWhatUpDoes(t *testing.T) {
	scriptDoesWhatUpDoes(t, migrate.Options{Sources: []fs.FS{migrations.Sources}})
}

// The key of a renamed table is called what the database calls it, also when
// nobody has named it and the table is made anew afterwards; views and triggers
// say of it what the database has made of their text.
func TestScriptAfterATableWasRenamed(t *testing.T) {
	column := func(name string, typ schema.Type) schema.Column {
		return schema.Column{Name: name, Type: typ, NotNull: true}
	}
	counting := column("id", schema.BigInt)
	counting.AutoIncrement = true
	positive := schema.Check{Name: "positive", Expr: schema.Expr("id > 0")}
	r := migrate.NewRegistry()
	for i, ops := range [][]op.Op{
		{
			op.CreateTable{Name: "members", Columns: []schema.Column{column("id", schema.BigInt), column("role", schema.Text), column("note", schema.Text)}, PrimaryKey: []string{"id", "role"}},
			op.CreateTable{Name: "events", Columns: []schema.Column{counting}, PrimaryKey: []string{"id"}},
			op.CreateTable{Name: "chosen", Columns: []schema.Column{column("id", schema.BigInt)}, PrimaryKey: []string{"id"}, PrimaryKeyName: "chosen_pkey"},
			op.CreateTable{Name: "log", Columns: []schema.Column{column("note", schema.Text)}},
			op.CreateView{Name: "noted", Query: schema.Expr("SELECT members.note, m.role FROM members AS m, members WHERE members.note <> 'note'")},
			op.CreateTrigger{Trigger: schema.Trigger{Table: "log", Name: "logged", Event: schema.Expr("BEFORE UPDATE OF note"),
				Action: schema.Expr("FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()").On("sqlite", "BEGIN UPDATE members SET note = new.note WHERE note = old.note; END")}},
			op.CreateTrigger{Trigger: schema.Trigger{Table: "members", Name: "changed", Event: schema.Expr("BEFORE UPDATE OF note"),
				Action: schema.Expr("FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()").On("sqlite", "BEGIN INSERT INTO log (note) SELECT note FROM noted WHERE note = new.note; END")}},
		},
		{op.RenameTable{Name: "members", To: "people"}, op.RenameColumn{Table: "log", Name: "note", To: "line"}, op.RenameTable{Name: "events", To: "activities"}, op.RenameTable{Name: "chosen", To: "kept"}},
		{op.AddCheck{Table: "people", Check: positive}, op.AddCheck{Table: "activities", Check: positive}, op.AddCheck{Table: "kept", Check: positive}},
		{op.RenameTable{Name: "people", To: "folk"}, op.DropConstraint{Table: "folk", Name: "positive", Was: positive}},
		{op.RenameConstraint{Table: "folk", Name: "members_pkey", To: "k"}, op.RenameConstraint{Table: "folk", Name: "k", To: "members_pkey"},
			op.AddCheck{Table: "folk", Check: positive}},
		{op.DropPrimaryKey{Table: "folk", Was: &schema.PrimaryKey{Name: "members_pkey", Columns: []string{"id", "role"}}}, op.AddPrimaryKey{Table: "folk", Columns: []string{"id"}}},
	} {
		r.Register(migrate.Migration{ID: fmt.Sprintf("%04d", i+1), Change: migrate.Reversible(ops...)})
	}
	scriptDoesWhatUpDoes(t, migrate.Options{Registry: r})
}

func scriptDoesWhatUpDoes(t *testing.T, o migrate.Options) {
	t.Helper()
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		f, err := migrate.NewOffline(o)
		if err != nil {
			t.Fatal(err)
		}
		s := script(t, d, f, nil, ups(f))
		for way, open := range places(t, d.Name(), o) {
			t.Run(way, func(t *testing.T) {
				by, up := open(t), open(t)
				if _, err := up.m.Up(t.Context(), migrate.Head); err != nil {
					t.Fatal(err)
				}
				by.follow(t, s, by.m.Up)
				same(t, d, by, up)

				if r, err := by.m.Up(t.Context(), migrate.Head); err != nil || len(r.Steps) > 0 {
					t.Errorf("up after the script: %q %v", r.IDs(), err)
				}
				for _, f := range must[[]migrate.Finding](t)(by.m.Validate(t.Context())) {
					if !f.Warning {
						t.Errorf("%+v", f)
					}
				}
				var down []record.Step
				for _, k := range slices.Backward(ups(f)) {
					down = append(down, record.Step{Known: k.Known, Direction: migrate.Down})
				}
				by.follow(t, script(t, d, f, ups(f), down), by.m.Down)
				if _, err := up.m.Down(t.Context(), migrate.Base); err != nil {
					t.Fatal(err)
				}
				same(t, d, by, up)
			})
		}
	})
}

// same compares structure and history of two databases.
func same(t *testing.T, d dialect.Dialect, got, want place) {
	t.Helper()
	look := func(p place) (*schema.Schema, []history.Record, []history.LogEntry) {
		s, err := d.Inspect(t.Context(), p.db)
		if err != nil {
			t.Fatal(err)
		}
		records, current, err := p.m.Records(t.Context())
		if err != nil || !current {
			t.Fatal(err, current)
		}
		for i, r := range records {
			records[i] = history.Record{ID: r.ID, State: r.State, Raw: r.Raw, Tokens: r.Tokens, Batch: 1, Target: "", Tool: r.Tool, AppVersion: r.AppVersion, AppCommit: r.AppCommit, Found: r.Found}
			if r.AppliedAt.IsZero() || r.Attempt == "" {
				t.Errorf("%+v", r)
			}
		}
		log, err := p.m.History(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range log {
			log[i] = history.LogEntry{ID: e.ID, Action: e.Action, Outcome: e.Outcome, Tool: e.Tool}
		}
		return s, records, log
	}
	gotSchema, gotRecords, gotLog := look(got)
	wantSchema, wantRecords, wantLog := look(want)
	exported := cmp.Exporter(func(reflect.Type) bool { return true })
	for _, diff := range []string{cmp.Diff(wantSchema, gotSchema, exported), cmp.Diff(wantRecords, gotRecords), cmp.Diff(wantLog, gotLog)} {
		if diff != "" {
			t.Error(diff)
		}
	}
}

// A role owns what a script makes; a migration that was interrupted is taken up
// where its row is.
func TestScriptWithARoleAndAnInterruptedMigration(t *testing.T) {
	again := ops(op.CreateIndex{Table: "users", Concurrently: true, Index: schema.Index{Name: "users_email_idx", Parts: schema.Columns("email")}})
	again.NoTx, again.Rerunnable = true, true
	f := offline(t, ops(users()), again)
	d := dialects[0]
	db, url := pgtest.New(t)
	role, _ := pgtest.Role(t, url)
	for _, sql := range []string{"GRANT CREATE ON SCHEMA public TO " + d.Quote(role), "GRANT " + d.Quote(role) + " TO CURRENT_USER"} {
		if _, err := db.ExecContext(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	recorded, _, err := record.Run(t.Context(), d, record.State{}, ups(f), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	store := history.NewStore(d, "", "")
	plan := record.Plan{Dialect: d, Store: store, Offline: f, Migrations: recorded, Create: true, Role: role,
		Interrupted: map[string]history.State{"0002": history.Running}}
	s, err := record.NewScript(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, p := range s.Parts {
		statements := p.Statements()
		if p.ID == "0002" {
			left := f.Record("0002")
			left.Attempt = "killed"
			statements = append([]string{store.InsertRunning([]history.Record{left})}, statements...)
		}
		for _, sql := range statements {
			if _, err := conn.ExecContext(t.Context(), sql); err != nil {
				t.Fatalf("%v\n%s", err, sql)
			}
		}
	}
	var owners []string
	if err := db.NewRaw("SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'public'").Scan(t.Context(), &owners); err != nil || !slices.Equal(owners, []string{role}) {
		t.Errorf("owned by %q, %v", owners, err)
	}
	read, err := store.Read(t.Context(), db)
	records := read.Records
	if err != nil || len(records) != 2 || records[1].State != history.Applied {
		t.Errorf("%+v %v", records, err)
	}
	var user string
	if err := conn.QueryRowContext(t.Context(), "SELECT current_user::text").Scan(&user); err != nil || user == role {
		t.Errorf("still %s, %v", user, err)
	}
}

// What stands behind a migration that is not in the script does not run before
// that is done; nor is undone what is not applied.
func TestScriptDemandsWhatIsNotInIt(t *testing.T) {
	reads := by(func(ctx context.Context, db bun.IDB) error {
		_, err := db.NewSelect().Table("users").Count(ctx)
		return err
	})
	reads.Down = reads.Up
	f := offline(t, ops(users()), reads, ops(nickname))
	var down []record.Step
	for _, s := range slices.Backward(ups(f)) {
		down = append(down, record.Step{Known: s.Known, Direction: migrate.Down})
	}
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		db, _ := pgtest.New(t)
		if d.Name() == "sqlite" {
			db, _ = sqlitetest.New(t)
		}
		store := history.NewStore(d, "", "")
		up := script(t, d, f, nil, ups(f))
		if bad := up.Tainted(); len(bad) != 1 || bad[0].ID != "0002" {
			t.Fatalf("%+v", bad)
		}
		applied := func() string {
			read, err := store.Read(t.Context(), db)
			records := read.Records
			if err != nil {
				t.Fatal(err)
			}
			var words []string
			for _, r := range records {
				words = append(words, r.ID+" "+string(r.State))
			}
			return strings.Join(words, " ")
		}
		for _, c := range []struct {
			s          *record.Script
			stops, has string
		}{
			{script(t, d, f, ups(f), down), "", ""}, // nothing is applied: no table
			{up, "0002", "0001 applied"},
			{script(t, d, f, ups(f), down), "0003", "0001 applied"},
		} {
			stopped := ""
			conn, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
		parts:
			for _, p := range c.s.Parts {
				for _, sql := range p.Statements() {
					if _, err := conn.ExecContext(t.Context(), sql); err != nil {
						stopped = p.ID
						_, _ = conn.ExecContext(t.Context(), "ROLLBACK")
						break parts
					}
				}
			}
			_ = conn.Close()
			if c.stops != "" && stopped != c.stops || stopped == "" {
				t.Errorf("stopped at %q, want %q", stopped, c.stops)
			}
			if got := applied(); got != c.has {
				t.Errorf("history %q, want %q", got, c.has)
			}
		}
	})
}

// Running a script twice changes nothing the second time.
func TestScriptTwice(t *testing.T) {
	f := offline(t, ops(users()))
	eachDialect(t, func(t *testing.T, d dialect.Dialect) {
		s := script(t, d, f, nil, ups(f))
		db, _ := pgtest.New(t)
		if d.Name() == "sqlite" {
			db, _ = sqlitetest.New(t)
		}
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		run := func() (failed string) {
			for _, p := range s.Parts {
				for _, sql := range p.Statements() {
					if _, err := conn.ExecContext(t.Context(), sql); err != nil {
						_, _ = conn.ExecContext(t.Context(), "ROLLBACK")
						return sql
					}
				}
			}
			return ""
		}
		if sql := run(); sql != "" {
			t.Fatal(sql)
		}
		if sql := run(); !strings.HasPrefix(sql, "INSERT INTO") { // the row is there
			t.Errorf("stopped at %q", sql)
		}
	})
}
