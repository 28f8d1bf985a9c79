package autogen_test

import (
	"testing"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/models"
)

// Rights to read suffice; what they make of the comparison is said, and nothing
// is found that is not there.
func TestRightsToReadSuffice(t *testing.T) {
	t.Parallel()
	owner, url := pgtest.New(t)
	migrated(t, owner)
	name, login := pgtest.Role(t, url)
	known, err := migrate.NewOffline(migrate.Options{})
	check(t, err)
	fold, err := record.Fold(t.Context(), postgres.Dialect{}, known.Known(), "", record.Options{})
	check(t, err)
	for _, c := range []struct{ what, grant string }{
		{"temporary tables", "GRANT USAGE ON SCHEMA public TO " + name + "; GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + name},
		{"nothing but reading", "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$"},
	} {
		_, err := owner.ExecContext(t.Context(), c.grant)
		check(t, err)
		db := pgtest.Open(t, login)
		found, err := autogen.Compare(t.Context(), autogen.Request{Dialect: postgres.Dialect{}, DB: db, Own: own(), Models: models.All(), Fold: fold})
		check(t, err)
		if !found.Empty() || len(found.Weaker) == 0 {
			t.Errorf("%s:\n%s", c.what, show(found))
		}
		t.Logf("%s: %q", c.what, found.Weaker)
	}
}
