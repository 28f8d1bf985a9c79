package postgres_test

import (
	"sync"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/dialecttest"
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/uptrace/bun"
)

func TestConformance(t *testing.T) {
	var urls sync.Map
	dialecttest.Run(t, dialecttest.Target{
		ErrorAborts: true,
		Open: func(t testing.TB) *bun.DB {
			db, url := pgtest.New(t)
			urls.Store(db, url)
			return db
		},
		Again: func(t testing.TB, db *bun.DB) *bun.DB {
			url, _ := urls.Load(db)
			return pgtest.Open(t, url.(string))
		},
	})
}
