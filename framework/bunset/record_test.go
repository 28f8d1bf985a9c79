package bunset_test

import (
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/bunset"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/record"
	bunmigrate "github.com/uptrace/bun/migrate"
)

// The SQL of a set is shown before it runs, and a down that is empty is told.
func TestSetIsRecorded(t *testing.T) {
	r := migrate.NewRegistry()
	bunset.Register(r, set(), bunset.Options{Migrator: []bunmigrate.MigratorOption{next}})
	offline, err := migrate.NewOffline(migrate.Options{Registry: r})
	if err != nil {
		t.Fatal(err)
	}
	known := offline.Known()
	recorded, _, err := record.Run(t.Context(), sqlite.Dialect{}, record.State{}, []record.Step{
		{Known: &known[0], Direction: migrate.Up}, {Known: &known[1], Direction: migrate.Up}, {Known: &known[2], Direction: migrate.Down},
	}, record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var sent []string
	for _, m := range recorded[:2] {
		if m.Tainted != "" {
			t.Errorf("%s is not shown: it %s", m.ID, m.Tainted)
		}
		for _, s := range m.Statements {
			sent = append(sent, s.SQL)
		}
	}
	all := strings.Join(sent, "\n")
	for _, want := range []string{`CREATE TABLE "users"`, "'Ada'", "CREATE TABLE orders", "INSERT INTO orders VALUES (1)"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in\n%s", want, all)
		}
	}
	if got := recorded[2].Tainted; !strings.Contains(got, "nothing was reverted") {
		t.Errorf("an empty down: %q", got)
	}
}
