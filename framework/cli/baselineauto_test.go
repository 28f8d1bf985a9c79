package cli

import (
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
)

// Where rights are missing, --baseline=auto says which, and records nothing.
func TestBaselineAutoWithoutRights(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.New(t)
	role, address := pgtest.PasswordRole(t, admin)
	as := func(address string, code int, says ...string) {
		t.Helper()
		app := fixture("shop")
		app.Environ = []string{"DATABASE_URL=" + address, "MIGRATE_BASELINE=auto"}
		_, stderr, got := outputOf(t, app, "up")
		if got != code {
			t.Fatalf("exit code %d, want %d\n%s", got, code, stderr)
		}
		for _, s := range says {
			if !strings.Contains(stderr, s) {
				t.Errorf("%q is not in\n%s", s, stderr)
			}
		}
	}
	do := func(statements ...string) {
		t.Helper()
		for _, s := range statements {
			if _, err := db.Exec(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	as(admin, 0)
	do("DROP TABLE leaven_history, leaven_history_log", "DROP INDEX likes_name_idx", "GRANT CREATE ON SCHEMA public TO "+role)
	as(address, 4, "add index likes_name_idx on likes", "the comparison was a weaker one", "may not create databases (ALTER ROLE", "State: nothing was recorded, and nothing was run.")
	do("CREATE INDEX likes_name_idx ON likes (name)", "REVOKE CREATE ON SCHEMA public FROM "+role)
	as(address, 2, "permission denied for schema public (SQLSTATE 42501)", "GRANT CREATE ON SCHEMA public TO "+role, "State: nothing was touched.")
	do("GRANT CREATE ON SCHEMA public TO " + role)
	as(address, 0, "3 migrations are recorded as applied without being run")
}
