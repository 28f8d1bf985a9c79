package record_test

import (
	"fmt"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
)

// The fold of a thousand migrations.
func BenchmarkFold(b *testing.B) {
	var all []migrate.Migration
	for i := range 1000 {
		table := fmt.Sprintf("t%d", i/10)
		change := ops(op.AddColumn{Table: table, Column: schema.Column{Name: fmt.Sprintf("c%d", i), Type: schema.Text}})
		if i%10 == 0 {
			change = ops(op.CreateTable{Name: table, Columns: []schema.Column{{Name: "id", Type: schema.BigInt}}})
		}
		change.ID = fmt.Sprintf("%04d", i+1)
		all = append(all, change)
	}
	f := offline(b, all...)
	for b.Loop() {
		if s, err := record.Fold(b.Context(), sqlite.Dialect{}, f.Known(), "", record.Options{}); err != nil || len(s.Schema().Tables) != 100 {
			b.Fatal(err)
		}
	}
}
