package migratetest_test

import (
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/migratetest"
	_ "github.com/leavendb/leaven/migrations"
)

// What a migrated database costs: a copy, and all migrations of the reference app.
func BenchmarkDatabase(b *testing.B) {
	for kind, address := range map[string]string{"sqlite": "", "postgres": pgtest.URL(b)} {
		set := &migratetest.Set{Address: address}
		set.Fresh(b) // makes the template
		b.Run(kind+"/copied", func(b *testing.B) {
			for b.Loop() {
				if err := set.Fresh(b).PingContext(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(kind+"/migrated", func(b *testing.B) {
			for b.Loop() {
				if _, err := set.Migrator(b, set.Empty(b)).Up(b.Context(), migrate.Head); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(kind+"/empty", func(b *testing.B) {
			for b.Loop() {
				if err := set.Empty(b).PingContext(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
