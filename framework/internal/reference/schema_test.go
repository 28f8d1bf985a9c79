// Package reference holds the tests of the reference application: its migrations,
// up and down, with rows, on each database, and its models against them. What a
// migration can do in general is tested where it lives.
package reference

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/dialect"
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/leavendb/leaven/migrations"
	"github.com/leavendb/leaven/models"
	"github.com/uptrace/bun"
)

// each runs a test on an empty database of each kind.
func each(t *testing.T, test func(t *testing.T, db *bun.DB, m *migrate.Migrator)) {
	for kind, open := range map[string]func(testing.TB) (*bun.DB, string){"sqlite": sqlitetest.New, "postgres": pgtest.New} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db, _ := open(t)
			m, err := migrate.New(db, migrate.Options{Sources: []fs.FS{migrations.Sources}})
			if err != nil {
				t.Fatal(err)
			}
			test(t, db, m)
		})
	}
}

// shown compares schemas as they are, with the spellings inside of types and
// expressions.
var shown = cmp.Options{
	cmp.Exporter(func(reflect.Type) bool { return true }),
	cmp.Comparer(slices.Equal[[]string]),
}

// validated: what was found valid stays so when that is reverted.
var validated = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".NotValid" }, cmp.Ignore())

func typeOf(model any) reflect.Type { return reflect.TypeOf(model).Elem() }

func dialectOf(t *testing.T, db *bun.DB) dialect.Dialect {
	t.Helper()
	return must[dialect.Dialect](t)(dialect.For(db))
}

// inspect reads the structure, without Leaven's own tables.
func inspect(t *testing.T, db *bun.DB) *schema.Schema {
	t.Helper()
	s := must[*schema.Schema](t)(dialectOf(t, db).Inspect(t.Context(), db))
	s.Remove("", "leaven_history")
	s.Remove("", "leaven_history_log")
	if len(s.Tables) == 0 {
		s.Tables = nil // none, whether or not Leaven's own were there
	}
	return s
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

func names(s *schema.Schema) []string {
	var out []string
	for _, table := range s.Tables {
		out = append(out, table.Name)
	}
	return out
}

// createAll is what applications do at start before they have migrations.
func createAll(ctx context.Context, db *bun.DB) error {
	if _, err := db.NewCreateTable().Model((*models.Image)(nil)).IfNotExists().Exec(ctx); err != nil {
		return err
	}
	for _, q := range []*bun.CreateIndexQuery{
		db.NewCreateIndex().Model((*models.Image)(nil)).Index("images_owner_idx").Column("owner_type", "owner_id"),
		db.NewCreateIndex().Model((*models.Image)(nil)).Index("images_path_idx").Column("path").Unique(),
		db.NewCreateIndex().Model((*models.Image)(nil)).Index("images_created_at_idx").Column("created_at"),
	} {
		if _, err := q.IfNotExists().Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func TestUpDownUpLeavesTheSameSchema(t *testing.T) {
	each(t, func(t *testing.T, db *bun.DB, m *migrate.Migrator) {
		report := must[*migrate.Report](t)
		if n := len(report(m.Up(t.Context(), migrate.Head)).Steps); n != 19 {
			t.Errorf("%d migrations", n)
		}
		first := inspect(t, db)
		report(m.Down(t.Context(), migrate.Base))
		if left := names(inspect(t, db)); len(left) > 0 {
			t.Errorf("down left %q", left)
		}
		report(m.Up(t.Context(), migrate.Head))
		if diff := cmp.Diff(first, inspect(t, db), shown); diff != "" {
			t.Error(diff)
		}
		want := []string{"activities", "clients", "companies", "company_settings", "images", "invitations", "project_members", "projects", "time_entries", "users"}
		if got := names(first); !slices.Equal(got, want) {
			t.Errorf("tables %q", got)
		}
		images := first.Table("", "images")
		if len(images.Columns) != 14 || len(images.Indexes) != 3 {
			t.Errorf("images has %d columns and %d indexes", len(images.Columns), len(images.Indexes))
		}
	})
}

// Each migration alone comes back to where it began.
func TestEachStepUpDownUp(t *testing.T) {
	each(t, func(t *testing.T, db *bun.DB, m *migrate.Migrator) {
		report := must[*migrate.Report](t)
		for range migrate.DefaultRegistry().Migrations() {
			before := inspect(t, db)
			id := report(m.Up(t.Context(), migrate.Steps(1))).To
			after := inspect(t, db)
			report(m.Down(t.Context(), migrate.Steps(1)))
			if diff := cmp.Diff(before, inspect(t, db), shown, validated); diff != "" {
				t.Errorf("%s, down: %s", id, diff)
			}
			report(m.Up(t.Context(), migrate.Steps(1)))
			if diff := cmp.Diff(after, inspect(t, db), shown); diff != "" {
				t.Errorf("%s, up again: %s", id, diff)
			}
		}
	})
}

// What code at start has made is taken over, and stays with its rows when
// everything is reverted.
func TestTheFirstMigrationTakesOverWhatCreateAllMade(t *testing.T) {
	each(t, func(t *testing.T, db *bun.DB, m *migrate.Migrator) {
		report := must[*migrate.Report](t)
		if err := createAll(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		image := &models.Image{OwnerType: "user", OwnerID: 1, Path: "a.jpg", FileName: "a.jpg", ByteSize: 3}
		if _, err := db.NewInsert().Model(image).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := inspect(t, db)
		up := report(m.Up(t.Context(), migrate.Head))
		if found := up.Steps[0].Found; len(found) != 4 {
			t.Errorf("found %q", found)
		}
		down := report(m.Down(t.Context(), migrate.Base))
		if kept := down.Steps[len(down.Steps)-1].Kept; len(kept) != 4 {
			t.Errorf("kept %q", kept)
		}
		if diff := cmp.Diff(before, inspect(t, db), shown); diff != "" {
			t.Error(diff)
		}
		if n := must[int64](t)(db.NewSelect().Model((*models.Image)(nil)).Count(t.Context())); n != 1 {
			t.Errorf("%d images", n)
		}
	})
}

// A table that is not the one that is meant is not taken over in silence.
func TestTheFirstMigrationRefusesAnotherTable(t *testing.T) {
	each(t, func(t *testing.T, db *bun.DB, m *migrate.Migrator) {
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE images (id integer PRIMARY KEY, path text)"); err != nil {
			t.Fatal(err)
		}
		_, err := m.Up(t.Context(), migrate.Head)
		if err == nil {
			t.Fatal("no error")
		}
		t.Log(err)
		if s := must[*migrate.Status](t)(m.Status(t.Context())); s.Applied != 0 {
			t.Errorf("%d applied", s.Applied)
		}
	})
}

func TestDisplayNamesAreFilled(t *testing.T) {
	each(t, func(t *testing.T, db *bun.DB, m *migrate.Migrator) {
		report := must[*migrate.Report](t)
		report(m.Up(t.Context(), migrate.To("time_entries")))
		for _, statement := range []string{
			"INSERT INTO companies (id, name, slug) VALUES (1, 'Acme', 'acme')",
			"INSERT INTO users (company_id, email, first_name, last_name) VALUES (1, 'ann@acme.example', 'Ann', 'Lee'), (1, 'bob@acme.example', '', '')",
		} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 1200 { // more than two pages
			_, err := db.ExecContext(t.Context(), fmt.Sprintf("INSERT INTO users (company_id, email, first_name, last_name) VALUES (1, 'u%d@acme.example', 'U', '%d')", i, i))
			if err != nil {
				t.Fatal(err)
			}
		}
		report(m.Up(t.Context(), migrate.Head))
		for email, want := range map[string]string{"ann@acme.example": "Ann Lee", "bob@acme.example": "bob", "u1199@acme.example": "U 1199"} {
			var got string
			if err := db.NewSelect().Table("users").Column("display_name").Where("email = ?", email).Scan(t.Context(), &got); err != nil || got != want {
				t.Errorf("%s: %q %v", email, got, err)
			}
		}
		if n := must[int64](t)(db.NewSelect().Table("users").Where("display_name = ''").Count(t.Context())); n != 0 {
			t.Errorf("%d users without a name", n)
		}
	})
}

// The models read and write what the migrations have made.
func TestModelsFitTheMigrations(t *testing.T) {
	each(t, func(t *testing.T, db *bun.DB, m *migrate.Migrator) {
		must[*migrate.Report](t)(m.Up(t.Context(), migrate.Head))
		db.RegisterModel((*models.ProjectMember)(nil))
		for _, model := range models.All() {
			if _, err := db.NewSelect().Model(model).Where("1 = 0").Count(t.Context()); err != nil {
				t.Errorf("%T: %v", model, err)
			}
			table := db.Table(typeOf(model))
			made := inspect(t, db).Table("", table.Name)
			if made == nil {
				t.Errorf("%T has no table %s", model, table.Name)
				continue
			}
			var want, got []string
			for _, f := range table.Fields {
				want = append(want, fmt.Sprintf("%s not null %v", f.Name, f.NotNull))
			}
			for _, c := range made.Columns {
				got = append(got, fmt.Sprintf("%s not null %v", c.Name, c.NotNull))
			}
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%T: %s", model, diff)
			}
		}
		company := &models.Company{Name: "Acme", Slug: "acme"}
		user := &models.User{Email: "ann@acme.example", FirstName: "Ann", LastName: "Lee", Role: models.RoleOwner}
		project := &models.Project{Name: "Site", HourlyRate: "99.50", Tags: []string{"web", "a,b"}}
		insert := func(model any) {
			t.Helper()
			if _, err := db.NewInsert().Model(model).Exec(t.Context()); err != nil {
				t.Fatalf("%T: %v", model, err)
			}
		}
		insert(company)
		user.CompanyID, project.CompanyID = company.ID, company.ID
		insert(user)
		insert(project)
		insert(&models.CompanySettings{CompanyID: company.ID, Preferences: map[string]any{"theme": "dark"}})
		insert(&models.ProjectMember{ProjectID: project.ID, UserID: user.ID})
		var read models.Project
		if err := db.NewSelect().Model(&read).Relation("Members").Where("project.id = ?", project.ID).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(read.Tags, project.Tags) || len(read.Members) != 1 || read.Members[0].Email != user.Email {
			t.Errorf("%+v", read)
		}
	})
}

// What bun makes of the models on an empty database is what the migrations make,
// apart from what bun's tags have no words for.
func TestTheMigrationsMakeWhatTheModelsSay(t *testing.T) {
	each(t, func(t *testing.T, db *bun.DB, m *migrate.Migrator) {
		if err := op.Run(t.Context(), db, op.CreateEnum{Name: "user_role", Values: []string{"member"}}); err != nil {
			t.Fatal(err)
		}
		db.RegisterModel((*models.ProjectMember)(nil))
		for _, model := range models.All() {
			must[sql.Result](t)(db.NewCreateTable().Model(model).Exec(t.Context()))
		}
		said := inspect(t, db)
		for _, table := range slices.Backward(said.Tables) {
			must[sql.Result](t)(db.NewDropTable().Table(table.Name).Exec(t.Context()))
		}
		if err := op.Run(t.Context(), db, op.DropEnum{Name: "user_role"}); err != nil {
			t.Fatal(err)
		}
		must[*migrate.Report](t)(m.Up(t.Context(), migrate.Head))
		made := inspect(t, db)
		for _, want := range said.Tables {
			found := made.Table("", want.Name)
			found.Checks, found.ForeignKeys, want.PrimaryKeyName = nil, nil, "" // a renamed table's key keeps its name
			for i := range found.Columns {
				found.Columns[i].Comment = ""
			}
			for _, line := range schema.Differences(found, want) {
				if line != "column users.role: found enum user_role, want USER_ROLE" { // bun on SQLite knows no enum
					t.Error(line)
				}
			}
		}
	})
}

func TestMigrationsAreValid(t *testing.T) {
	for _, f := range migrate.ValidateOffline(migrate.Options{Sources: []fs.FS{migrations.Sources}}) {
		t.Errorf("%s: %s", f.ID, f.Message)
	}
}
