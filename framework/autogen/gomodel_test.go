package autogen_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
)

// Models that are written of the reference application's database say what its
// own models do: with them in their place, nothing differs.
func TestGoModelsSayWhatTheDatabaseHas(t *testing.T) {
	t.Parallel()
	db, url := pgtest.New(t)
	migrated(t, db)
	live, err := autogen.Inspect(t.Context(), postgres.Dialect{}, db, own(), "")
	check(t, err)
	text, err := autogen.GoModels("postgres", "models", live)
	check(t, err)

	top, err := filepath.Abs("../..")
	check(t, err)
	replace := map[string]string{}
	files, err := filepath.Glob(filepath.Join(top, "models", "*.go"))
	check(t, err)
	for _, f := range files {
		replace[f] = "" // not there
	}
	replace[filepath.Join(top, "models", "models.go")] = filepath.Join(t.TempDir(), "models.go")
	check(t, os.WriteFile(replace[filepath.Join(top, "models", "models.go")], text, 0o600))
	w := walker{T: t, bin: reference(t, top, replace, "build"), url: url, dir: filepath.Join(t.TempDir(), "migrations")}
	w.says(w.must(0, "check"), "models, migrations and database agree")
}
