package cli

import (
	"net/url"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
)

// A user without rights is told which right is missing and who can give it.
func TestWithoutPrivilege(t *testing.T) {
	_, address := pgtest.New(t)
	_, login := pgtest.PasswordRole(t, address)
	app := fixture("shop")
	app.Environ = []string{"DATABASE_URL=" + login}
	out, stderr, code := outputOf(t, app, "up")
	t.Logf("%d\n%s%s", code, out, stderr)
	if code == 0 || !strings.Contains(stderr, "42501") || !strings.Contains(stderr, "GRANT CREATE ON SCHEMA") || !strings.Contains(stderr, "--history-schema") || strings.Contains(out+stderr, passwordOf(t, login)) {
		t.Errorf("code %d\n%s", code, stderr)
	}
	if _, _, code := outputOf(t, app, "status"); code != 0 {
		t.Errorf("status needs rights to write: code %d", code)
	}
}

func passwordOf(t *testing.T, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	password, ok := u.User.Password()
	if !ok {
		t.Fatal("the role has no password")
	}
	return password
}

// Who holds a lock for too long is named, and nothing was changed.
func TestTheLockHolderIsNamed(t *testing.T) {
	db, address := pgtest.New(t)
	app := fixture("shop")
	app.Environ = []string{"DATABASE_URL=" + address}
	if _, stderr, code := outputOf(t, app, "up"); code != 0 {
		t.Fatal(stderr)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.Exec("SELECT count(*) FROM authors"); err != nil {
		t.Fatal(err)
	}
	app.Registry = migrate.NewRegistry()
	for _, m := range append(shop(), change("20260104090000_again", likes, op.DropTable{Name: "authors"})) {
		register(app.Registry, m)
	}
	out, stderr, code := outputOf(t, app, "up", "--lock-wait", "1s")
	t.Logf("%d\n%s%s", code, out, stderr)
	if code != 5 || !strings.Contains(stderr, "held by pid") || !strings.Contains(stderr, "SELECT count(*) FROM authors") || !strings.Contains(stderr, "--lock-wait") {
		t.Errorf("code %d\n%s", code, stderr)
	}
}
