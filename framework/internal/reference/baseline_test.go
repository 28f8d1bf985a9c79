package reference

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/cli"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/migrations"
	"github.com/leavendb/leaven/models"
	"github.com/uptrace/bun"
)

// A database that is somewhere along the migrations, with its rows, and has lost
// its history, gets it with --baseline=auto: up to where it is, and the rest is
// applied, as if nothing had been lost. One that create-all code has begun is what
// the first migration takes over.
func TestBaselineAutoAlongTheMigrations(t *testing.T) {
	all := migrate.DefaultRegistry().Migrations()
	for _, c := range []struct {
		at   int // migrations that were applied; 0: create-all has made the first table
		kind string
	}{{0, "sqlite"}, {6, "sqlite"}, {16, "sqlite"}, {17, "sqlite"}, {len(all), "sqlite"}, {0, "postgres"}, {16, "postgres"}, {len(all), "postgres"}} {
		name := c.kind + "/create-all"
		if c.at > 0 {
			name = c.kind + "/" + all[c.at-1].ID
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, address := databaseOf(t, c.kind)
			m := must[*migrate.Migrator](t)(migrate.New(db, migrate.Options{Sources: []fs.FS{migrations.Sources}}))
			if c.at == 0 {
				if err := createAll(t.Context(), db); err != nil {
					t.Fatal(err)
				}
			}
			for i := range c.at {
				must[*migrate.Report](t)(m.Up(t.Context(), migrate.Steps(1)))
				_, name, _ := strings.Cut(all[i].ID, "_")
				enter(t, db, name)
			}
			before := contents(t, db)
			for _, table := range []string{"leaven_history", "leaven_history_log"} {
				if _, err := db.Exec("DROP TABLE IF EXISTS " + table); err != nil {
					t.Fatal(err)
				}
			}
			said := upWithBaseline(t, address)
			if status := must[*migrate.Status](t)(m.Status(t.Context())); status.Pending != 0 || status.Problem != nil {
				t.Errorf("%d pending, %v\n%s", status.Pending, status.Problem, said)
			}
			if want := "up to " + name[len(c.kind)+1:] + "\n"; c.at > 0 && !strings.Contains(said, want) {
				t.Errorf("%q is not in\n%s", want, said)
			}
			if after := contents(t, db); len(after["users"]) != len(before["users"]) || len(after["images"]) != len(before["images"]) {
				t.Errorf("rows are lost: %v, %v", before, after)
			}
		})
	}
}

func databaseOf(t *testing.T, kind string) (*bun.DB, string) {
	t.Helper()
	if kind == "postgres" {
		return pgtest.New(t)
	}
	db, path := sqlitetest.New(t)
	return db, "sqlite:" + path
}

// upWithBaseline returns what `up --baseline=auto` says.
func upWithBaseline(t *testing.T, address string) string {
	t.Helper()
	command := cli.New(cli.App{Models: models.All(), Sources: []fs.FS{migrations.Sources}, Environ: []string{"DATABASE_URL=" + address, "MIGRATE_COPIES=0"}})
	var said bytes.Buffer
	command.SetOut(&said)
	command.SetErr(&said)
	command.SetArgs([]string{"up", "--baseline=auto"})
	if err := command.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	return said.String()
}
