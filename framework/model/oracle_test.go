package model_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/model"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// The oracle is bun itself: what Load makes of models must be what a real
// database has after bun's own CREATE TABLE with foreign keys.
type oracle struct {
	name   string
	models []any  // as bun creates them, one after the other
	joins  []any  // those of them that bun must know first
	extra  []any  // given to Load too; they make no table of their own
	only   string // a dialect; empty: both

	types string // SQL that runs before bun, which makes no types

	as   dialect.Dialect // loads for another database than the one that is made
	also []dialect.Dialect
}

func TestTablesAreThoseOfBun(t *testing.T) {
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		byBun, _ := pgtest.New(t)
		byUs, _ := pgtest.New(t)
		for _, db := range []*bun.DB{byBun, byUs} {
			run(t, db, "CREATE TYPE pair AS (a int, b int); CREATE TYPE feeling AS ENUM ('sad', 'ok'); CREATE DOMAIN percent AS int CHECK (VALUE BETWEEN 0 AND 100)")
		}
		t.Run("columns", func(t *testing.T) { columnsOf(t, "postgres").compare(t, byBun, byUs) })
		for _, c := range oracles() {
			if c.only != "sqlite" {
				t.Run(c.name, func(t *testing.T) { c.compare(t, wiped(t, byBun), wiped(t, byUs)) })
			}
		}
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fresh := func(t *testing.T, c oracle) {
			byBun, _ := sqlitetest.New(t)
			byUs, _ := sqlitetest.New(t)
			c.compare(t, byBun, byUs)
		}
		t.Run("columns", func(t *testing.T) { fresh(t, columnsOf(t, "sqlite")) })
		t.Run("columns loaded for both", func(t *testing.T) {
			c := columnsOf(t, "neither")
			c.as, c.also = pg, []dialect.Dialect{lite}
			fresh(t, c)
		})
		for _, c := range oracles() {
			if c.only != "postgres" {
				t.Run(c.name, func(t *testing.T) { fresh(t, c) })
			}
		}
	})
}

func wiped(t *testing.T, db *bun.DB) *bun.DB {
	t.Helper()
	run(t, db, "DROP SCHEMA IF EXISTS public, app, audit CASCADE; CREATE SCHEMA public; CREATE SCHEMA app; CREATE SCHEMA audit")
	return db
}

func run(t *testing.T, db bun.IDB, sql string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func dialectOf(t *testing.T, db *bun.DB) dialect.Dialect {
	t.Helper()
	d, err := dialect.For(db)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (c oracle) compare(t *testing.T, byBun, byUs *bun.DB) {
	t.Helper()
	d := dialectOf(t, byBun)
	as := d
	if c.as != nil {
		as = c.as
	}
	want, err := model.Load(as, slices.Concat(c.extra, c.models), model.Options{Also: c.also})
	if err != nil {
		t.Fatal(err)
	}
	if c.types != "" {
		run(t, byBun, c.types)
	}
	bunMakes(t, byBun, c.joins, c.models)
	create(t, byUs, want.Schema)
	var schemas []string
	if len(want.Schema.Schemas) > 0 {
		schemas = append([]string{"public"}, want.Schema.Schemas...)
	}
	same(t, inspect(t, d, byBun, schemas), inspect(t, d, byUs, schemas), len(c.models))
}

// bunMakes creates the tables as an app does. The cache of models is the case's
// own.
func bunMakes(t *testing.T, db *bun.DB, joins, models []any) {
	t.Helper()
	fresh := bun.NewDB(db.DB, dialectOf(t, db).(dialect.Offline).BunDialect())
	fresh.RegisterModel(joins...)
	fresh.RegisterModel(models...)
	for _, m := range models {
		if _, err := fresh.NewCreateTable().Model(m).WithForeignKeys().Exec(t.Context()); err != nil {
			t.Fatalf("bun: %v", err)
		}
	}
}

func create(t *testing.T, db *bun.DB, s *schema.Schema) {
	t.Helper()
	var ops []op.Op
	for _, e := range s.Enums {
		ops = append(ops, op.CreateEnum{Schema: e.Schema, Name: e.Name, Values: e.Values})
	}
	for _, table := range s.Tables {
		ops = append(ops, op.Creating(table)...)
	}
	if err := op.Run(t.Context(), db, ops...); err != nil {
		t.Fatal(err)
	}
}

func inspect(t *testing.T, d dialect.Dialect, db *bun.DB, schemas []string) *schema.Schema {
	t.Helper()
	s, err := d.Inspect(t.Context(), db, schemas...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func same(t *testing.T, byBun, byUs *schema.Schema, tables int) {
	t.Helper()
	if len(byBun.Tables) != tables || len(byUs.Tables) != tables {
		t.Fatalf("bun made %d tables, we %d, want %d", len(byBun.Tables), len(byUs.Tables), tables)
	}
	for _, b := range byBun.Tables {
		u := byUs.Table(b.Schema, b.Name)
		if u == nil {
			t.Errorf("bun made table %s.%s, we did not", b.Schema, b.Name)
			continue
		}
		for _, line := range schema.Differences(b, u) {
			t.Error("(found is bun's, want is ours)", line)
		}
		for _, line := range schema.Differences(u, b) { // which is stricter about identity
			t.Error("(found is ours, want is bun's)", line)
		}
		if b, u := columnNames(b), columnNames(u); b != u {
			t.Errorf("bun's order of columns is %s, ours %s", b, u)
		}
	}
}

func columnNames(t *schema.Table) string {
	var names []string
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// typed is a model of table t1, t2, … with one more column than its key.
type typed struct {
	name, only string
	make       func(table string) any
}

// of is a column of type T with a tag, for one dialect or for both.
func of[T any](tag string, only ...string) typed {
	c := typed{name: fmt.Sprintf("%s `%s`", reflect.TypeFor[T](), tag), make: func(table string) any {
		return reflect.New(reflect.StructOf([]reflect.StructField{
			{Name: "BaseModel", Type: reflect.TypeFor[bun.BaseModel](), Anonymous: true, Tag: reflect.StructTag(`bun:"table:` + table + `"`)},
			{Name: "ID", Type: reflect.TypeFor[int64](), Tag: `bun:",pk,autoincrement"`},
			{Name: "V", Type: reflect.TypeFor[T](), Tag: reflect.StructTag(fmt.Sprintf("bun:%q", tag))},
		})).Interface()
	}}
	if len(only) > 0 {
		c.only = only[0]
	}
	return c
}

// columnsOf is one case of all columns that a dialect can have, to ask each
// database once.
func columnsOf(t *testing.T, name string) oracle {
	t.Helper()
	c := oracle{}
	for i, typed := range columnCases() {
		if typed.only == "" || typed.only == name {
			c.models = append(c.models, typed.make(fmt.Sprintf("t%d", i)))
			t.Logf("t%d is %s", i, typed.name)
		}
	}
	return c
}
