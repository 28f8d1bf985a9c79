package project_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/leavendb/leaven/scaffold/project"
)

func tree(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestLook(t *testing.T) {
	f, err := project.Look(tree(map[string]string{
		"main.go":               "package main\nimport \"github.com/uptrace/bun/dialect/pgdialect\"\nfunc main() {}",
		"tool/main.go":          "package main\nfunc main() {}\nfunc (t T) main() {}",
		"tool/broken.go":        "package main\nfunc {",
		"cmd/migrate/main.go":   "package main\nfunc main() {}",
		"store/lite.go":         "package store\nimport (\n\"github.com/uptrace/bun/dialect/sqlitedialect\"\n\"example.com/dialect/mydialect\"\n)",
		"store/create.go":       "package store\nfunc create() {\n\tdb.NewCreateTable().\n\t\tModel(m).IfNotExists().Exec(ctx)\n\tdb.NewDropTable().IfNotExists()\n\tdb.NewCreateTable().Exec(ctx)\n}",
		"store/create_test.go":  "package store\nfunc f() { db.NewCreateTable().IfNotExists() }",
		"history/migrations.go": "package history\nimport \"github.com/uptrace/bun/migrate\"\nvar Migrations = migrate.NewMigrations()\nfunc init() { db.NewCreateTable().IfNotExists() }",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{".", "tool"}; !slices.Equal(f.Programs, want) {
		t.Errorf("programs %q, want %q", f.Programs, want)
	}
	if want := []string{"postgres", "sqlite"}; !slices.Equal(f.Dialects, want) {
		t.Errorf("dialects %q, want %q", f.Dialects, want)
	}
	if got := fmt.Sprint(f.Creates); got != "[store/create.go:3]" {
		t.Errorf("creates %s", got)
	}
	if !f.Occupied("history") || f.Occupied("store") {
		t.Errorf("histories %v", f.Histories)
	}
}

func TestLookKnowsOtherTools(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"bun/migrate in m":    {"m/main.go": "package m\nimport \"github.com/uptrace/bun/migrate\"\nvar M = migrate.NewMigrations()", "m/1_a.up.sql": "SELECT 1"},
		"goose in m":          {"m/1_a.sql": "-- +goose Up\nSELECT 1"},
		"goose in g":          {"g/1_a.go": "package g\nimport \"github.com/pressly/goose/v3\"\nfunc init() { goose.AddMigrationContext(a, b) }"},
		"golang-migrate in m": {"m/000001_a.up.sql": "SELECT 1", "m/000001_a.down.sql": "SELECT 1"},
		"dbmate in db":        {"db/1_a.sql": "-- migrate:up\nSELECT 1"},
		"sql-migrate in m":    {"m/1_a.sql": "-- +migrate Up\nSELECT 1"},
		"tern in m":           {"m/001_a.sql": "SELECT 1;\n---- create above / drop below ----\n"},
		"Atlas in m":          {"m/atlas.sum": "h1:"},
		"Alembic in py":       {"py/alembic.ini": ""},
		"Flyway in sql":       {"sql/V1_2__a.sql": "SELECT 1"},
		"Liquibase in db":     {"db/db.changelog-master.yaml": ""},
		"":                    {"queries/users.sql": "SELECT 1", "vendor/m/1_a.up.sql": "", ".git/1_a.up.sql": "", "CHANGELOG.md": ""},
	} {
		f, err := project.Look(tree(files))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range f.Histories {
			got = append(got, h.Tool+" in "+h.Dir)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestUnequalDialects(t *testing.T) {
	text := "module m\n\nrequire (\n\tgithub.com/uptrace/bun v1.4.0\n\tgithub.com/uptrace/bun/dialect/pgdialect v1.3.0\n\tgithub.com/uptrace/bun/dialect/sqlitedialect v1.4.0\n\tgithub.com/uptrace/bun/driver/pgdriver v1.2.18\n)\n"
	if got, want := project.UnequalDialects([]byte(text)), []string{"github.com/uptrace/bun/dialect/pgdialect@v1.4.0"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, text := range []string{"module m\n", "what", "module m\n\nrequire github.com/uptrace/bun/dialect/pgdialect v1.3.0\n"} {
		if got := project.UnequalDialects([]byte(text)); len(got) > 0 {
			t.Errorf("%q: %q", text, got)
		}
	}
}
