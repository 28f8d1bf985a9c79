package sqlite_test

import (
	"fmt"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// thousand makes a database of 1,000 tables with an index and a key each.
func thousand(b *testing.B) *bun.DB {
	db, _ := sqlitetest.New(b)
	tx, err := db.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 1000 {
		name := fmt.Sprint("t", i)
		if err := op.Run(b.Context(), tx, op.CreateTable{Name: name, Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true}, {Name: "a", Type: schema.Varchar(80)}, {Name: "b", Type: schema.Integer},
			{Name: "at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
		}, PrimaryKey: []string{"id"}, ForeignKeys: []schema.ForeignKey{{Columns: []string{"b"}, RefTable: "t0", RefColumns: []string{"id"}}}},
			op.CreateIndex{Table: name, Index: schema.Index{Name: name + "_a", Parts: schema.Columns("a")}}); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return db
}

// BenchmarkInspect reads 1,000 tables.
func BenchmarkInspect(b *testing.B) {
	db := thousand(b)
	for b.Loop() {
		if s, err := (sqlite.Dialect{}).Inspect(b.Context(), db); err != nil || len(s.Tables) != 1000 {
			b.Fatal(err)
		}
	}
}

// BenchmarkDropTable renders the drop of one table among 1,000.
func BenchmarkDropTable(b *testing.B) {
	db := thousand(b)
	for b.Loop() {
		if _, err := (sqlite.Dialect{}).Render(b.Context(), op.DropTable{Name: "t999"}, sqlite.Dialect{}.Live(db)); err != nil {
			b.Fatal(err)
		}
	}
}
