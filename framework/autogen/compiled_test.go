package autogen_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/rowtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/leavendb/leaven/scaffold"
	"github.com/uptrace/bun"
)

var update = flag.Bool("update", false, "write the golden files anew")

// world is one scenario on one database.
type world struct {
	scenario
	d      dialect.Dialect
	db     *bun.DB
	url    string
	name   string // part of its IDs
	first  migrate.Migration
	before *schema.Schema
	rows   *rowtest.Rows
	files  map[string][]byte // by base name
	ids    []string
}

// What is generated compiles, passes vet, and does what it says: the second
// comparison is empty, down gives the schema back, and up does it again. The rows
// that the tables had are there each time.
func TestGeneratedFilesDoWhatTheySay(t *testing.T) {
	var worlds []*world
	for _, d := range []dialect.Dialect{postgres.Dialect{}, sqlite.Dialect{}} {
		for i, s := range scenarios() {
			if s.only != "" && s.only != d.Name() {
				continue
			}
			w := &world{scenario: s, d: d, name: fmt.Sprintf("%s%02d", d.Name(), i)}
			w.open(t)
			worlds = append(worlds, w)
		}
	}
	t.Run("generate", func(t *testing.T) {
		for _, w := range worlds {
			t.Run(w.name, func(t *testing.T) {
				t.Parallel()
				w.generate(t)
			})
		}
	})
	for _, name := range []string{"postgres", "sqlite"} {
		var told strings.Builder
		for _, w := range worlds {
			if w.d.Name() == name {
				told.WriteString(w.tell())
			}
		}
		golden(t, name, told.String())
	}
	program := build(t, worlds)
	each := func(what string, test func(t *testing.T, w *world)) {
		t.Run(what, func(t *testing.T) {
			program.run(t, what, worlds)
			for _, w := range worlds {
				t.Run(w.d.Name()+"/"+w.scenario.name, func(t *testing.T) {
					t.Parallel()
					test(t, w)
				})
			}
		})
	}
	kept := func(t *testing.T, w *world, lost func(context.Context, bun.IDB) (string, error)) {
		text, err := lost(t.Context(), w.db)
		check(t, err)
		if text != "" {
			t.Error(text)
		}
	}
	done := func(t *testing.T, w *world) {
		if c := w.compare(t, w.to, w.fold(t, w.to)); !c.Empty() {
			t.Errorf("the second comparison finds\n%s", show(c))
		}
		kept(t, w, w.rows.Forward)
	}
	each("up", done)
	each("down", func(t *testing.T, w *world) {
		if d := cmp.Diff(forget(w.before), forget(w.inspect(t)), shown); d != "" {
			t.Error(d)
		}
		kept(t, w, w.rows.Back)
	})
	each("again", done)
}

// open makes the database with what there was.
func (w *world) open(t *testing.T) {
	t.Helper()
	if w.d.Name() == "postgres" {
		w.db, w.url = pgtest.New(t)
	} else {
		var path string
		w.db, path = sqlitetest.New(t)
		w.url = "sqlite:" + path
	}
	w.first = makes(t, "20260101000000_"+w.name+"_before", w.from)
	m, err := migrate.New(w.db, migrate.Options{Registry: registry(w.first)})
	check(t, err)
	_, err = m.Up(t.Context(), migrate.Head)
	check(t, err)
	w.before = w.inspect(t)
}

// makes is a migration that makes a schema.
func makes(t *testing.T, id string, s *schema.Schema) migrate.Migration {
	t.Helper()
	r, err := diff.Compare(&schema.Schema{}, s, diff.Options{})
	check(t, err)
	return migrate.Migration{ID: id, Up: func(ctx context.Context, db bun.IDB) error { return op.Run(ctx, db, r.Ops()...) }}
}

func registry(all ...migrate.Migration) *migrate.Registry {
	r := migrate.NewRegistry()
	for _, m := range all {
		r.Register(m)
	}
	return r
}

// fold is what migrations have made when they have made s.
func (w *world) fold(t *testing.T, s *schema.Schema) record.State {
	t.Helper()
	known, err := migrate.NewOffline(migrate.Options{Registry: registry(makes(t, "20260101000000_all", s))})
	check(t, err)
	state, err := record.Fold(t.Context(), w.d, known.Known(), "", record.Options{})
	check(t, err)
	return state
}

func (w *world) inspect(t *testing.T) *schema.Schema {
	t.Helper()
	var more []string
	if w.d.Name() == "postgres" {
		more = []string{"app"}
	}
	s, err := autogen.Inspect(t.Context(), w.d, w.db, own(), "", more...)
	check(t, err)
	return s
}

func (w *world) compare(t *testing.T, to *schema.Schema, fold record.State, renames ...diff.Rename) *autogen.Comparison {
	t.Helper()
	c, err := autogen.Compare(t.Context(), autogen.Request{Dialect: w.d, DB: w.db, Own: own(), Models: []any{to}, Fold: fold, Renames: renames})
	check(t, err)
	return c
}

func (w *world) generate(t *testing.T) {
	t.Helper()
	var renames []diff.Rename
	for _, text := range w.renames {
		renames = append(renames, rename(text))
	}
	fold := w.fold(t, w.from)
	c := w.compare(t, w.to, fold, renames...)
	if c.Empty() || len(c.Weaker) > 0 {
		t.Fatalf("%s: nothing to do, or %q", w.scenario.name, c.Weaker)
	}
	var err error
	w.rows, err = rowtest.Fill(t.Context(), w.db, w.d, w.from, w.to, c.Result, rowtest.Both)
	check(t, err)
	if w.rows.Len() < len(w.from.Tables) || c.Has(diff.WayBack) {
		t.Errorf("%d rows in %d tables, or none can be there on the way back", w.rows.Len(), len(w.from.Tables))
	}
	folder := scaffold.Folder{Package: "main", Migrations: []scaffold.Node{{ID: w.first.ID}}}
	write := func(c *autogen.Comparison) map[string][]byte {
		f, files := folder, map[string][]byte{}
		w.ids = nil
		for _, s := range autogen.Sources(c.Result) {
			m, err := f.Draft(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), w.name+" "+s.Title)
			check(t, err)
			m.Up, m.Down, m.UsesSchema, m.NoTx, m.Final = s.Up, s.Down, s.UsesSchema, s.NoTx, s.Final
			text, err := m.File()
			check(t, err)
			files[m.ID+".go"] = text
			w.ids = append(w.ids, m.ID)
			f.Add(scaffold.Node{ID: m.ID, After: m.After})
		}
		return files
	}
	w.files = write(c)
	request := autogen.Request{Dialect: w.d, Models: []any{w.to}, Fold: fold, Renames: renames}
	offline, err := autogen.Compare(t.Context(), request)
	check(t, err)
	first := write(offline)
	times := 2
	if w.scenario.name == "add a table of every type" || w.scenario.name == "circle" {
		times = 50
	}
	for range times {
		again, err := autogen.Compare(t.Context(), request)
		check(t, err)
		if d := cmp.Diff(first, write(again)); d != "" {
			t.Fatalf("%s: other bytes the second time:\n%s", w.scenario.name, d)
		}
	}
	if d := cmp.Diff(text(w.files), text(first)); d != "" {
		t.Errorf("%s: without a server it is (+):\n%s", w.scenario.name, d)
	}
}

func text(files map[string][]byte) string {
	var b strings.Builder
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b.Write(files[name])
	}
	return b.String()
}

func rename(text string) diff.Rename {
	from, to, _ := strings.Cut(text, ":")
	object := func(name string) op.Object {
		table, part, is := strings.Cut(name, ".")
		switch {
		case !is:
			return op.Object{Kind: "table", Table: table}
		case table == "role":
			return op.Object{Kind: "enum value", Table: table, Name: part}
		}
		return op.Object{Kind: "column", Table: table, Name: part}
	}
	return diff.Rename{From: object(from), To: object(to)}
}

// tell is the scenario with its files, from the first operation on.
func (w *world) tell() string {
	var b strings.Builder
	fmt.Fprintf(&b, "== %s\n", w.scenario.name)
	for _, id := range w.ids {
		_, after, _ := strings.Cut(string(w.files[id+".go"]), "migrate.Register")
		fmt.Fprintf(&b, "-- %s\n%s", strings.ReplaceAll(id, w.name, "name"), strings.ReplaceAll(after, w.name, "name"))
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		check(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	check(t, err)
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("not as in %s (-want +got); -update writes it anew:\n%s", path, d)
	}
}

type program string

// build makes one program of all files. They are in a folder for the compiler
// only.
func build(t *testing.T, worlds []*world) program {
	t.Helper()
	folder, err := filepath.Abs("testdata")
	check(t, err)
	dir := t.TempDir()
	replace := map[string]string{filepath.Join(folder, "main.go"): filepath.Join(folder, "runner.go.txt")}
	for _, w := range worlds {
		for name, text := range w.files {
			at := filepath.Join(dir, name)
			check(t, os.WriteFile(at, text, 0o600))
			replace[filepath.Join(folder, name)] = at
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	check(t, err)
	list, bin := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "runner")
	check(t, os.WriteFile(list, overlay, 0o600))
	for _, args := range [][]string{{"vet", "-overlay", list, "./testdata"}, {"build", "-overlay", list, "-o", bin, "./testdata"}} {
		if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", args[0], err, out)
		}
	}
	return program(bin)
}

// run runs a direction in all worlds.
func (p program) run(t *testing.T, what string, worlds []*world) {
	t.Helper()
	args := []string{what}
	for _, w := range worlds {
		args = append(args, w.name+"="+w.url)
	}
	out, err := exec.CommandContext(t.Context(), string(p), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", what, err, out)
	}
}
