package pgtest_test

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"

	"github.com/leavendb/leaven/framework/internal/pgtest"
)

func value[T any](t *testing.T, db bun.IDB, query string, args ...any) (v T) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func run(t *testing.T, db bun.IDB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func TestNewIsEmptyAndOnesOwn(t *testing.T) {
	a, _ := pgtest.New(t)
	b, _ := pgtest.New(t)
	run(t, a, "CREATE TABLE only_in_a (id int)")
	if n := value[int](t, b, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"); n != 0 {
		t.Errorf("the second database has %d tables of the first", n)
	}
}

func TestDatabaseIsDroppedAtTheEndEvenInUse(t *testing.T) {
	var name string
	var other *sql.DB
	t.Run("inner", func(t *testing.T) {
		db, raw := pgtest.New(t)
		name = value[string](t, db, "SELECT current_database()")
		var err error
		if other, err = sql.Open("pgx", raw); err != nil {
			t.Fatal(err)
		}
		if err := other.PingContext(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	defer other.Close()
	admin := pgtest.Open(t, pgtest.URL(t))
	if value[bool](t, admin, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = ?)", name) {
		t.Errorf("%s is still there", name)
	}
}

func TestURLWorksWithPgxOverTCP(t *testing.T) {
	_, raw := pgtest.New(t)
	db, err := sql.Open("pgx", raw)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var addr sql.NullString
	if err := db.QueryRowContext(t.Context(), "SELECT inet_server_addr()::text").Scan(&addr); err != nil {
		t.Fatal(err)
	}
	if !addr.Valid {
		t.Error("connected over a socket, not TCP")
	}
}

func TestRoleIsOrdinary(t *testing.T) {
	db, raw := pgtest.New(t)
	name, login := pgtest.Role(t, raw)
	mine := pgtest.Open(t, login)
	if got := value[string](t, mine, "SELECT current_user"); got != name {
		t.Fatalf("logged in as %s, want %s", got, name)
	}
	if _, err := mine.ExecContext(t.Context(), "CREATE SCHEMA theirs"); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("an ordinary role made a schema: %v", err)
	}
	run(t, db, "CREATE SCHEMA ours AUTHORIZATION ?", bun.Ident(name))
	run(t, mine, "CREATE TABLE ours.t (id int)")
}

func TestRoleIsGoneAfterItsTest(t *testing.T) {
	db, raw := pgtest.New(t)
	var name string
	t.Run("inner", func(t *testing.T) {
		var login string
		name, login = pgtest.Role(t, raw, "CREATEDB")
		run(t, db, "GRANT CREATE ON SCHEMA public TO ?", bun.Ident(name))
		run(t, pgtest.Open(t, login), "CREATE TABLE theirs (id int)")
	})
	if value[bool](t, db, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ?)", name) {
		t.Errorf("%s is still there", name)
	}
}

func TestPasswordRoleNeedsItsPassword(t *testing.T) {
	_, raw := pgtest.New(t)
	_, login := pgtest.PasswordRole(t, raw)
	if err := pgtest.Open(t, login).PingContext(t.Context()); err != nil {
		t.Fatalf("the right password: %v", err)
	}
	u, err := url.Parse(login)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), "wrong")
	err = pgtest.Open(t, u.String()).PingContext(t.Context())
	if err == nil || !strings.Contains(err.Error(), "28P01") {
		t.Errorf("a wrong password: got %v, want SQLSTATE 28P01", err)
	}
}

func TestStandbyFollowsAndRefusesToWrite(t *testing.T) {
	primary, standby := pgtest.Standby(t)
	run(t, pgtest.Open(t, primary), "CREATE TABLE seen (id int)")
	pgtest.CatchUp(t, primary, standby)
	db := pgtest.Open(t, standby)
	if !value[bool](t, db, "SELECT pg_is_in_recovery()") {
		t.Error("the standby is not in recovery")
	}
	if n := value[int](t, db, "SELECT count(*) FROM seen"); n != 0 {
		t.Errorf("got %d rows, want 0", n)
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO seen VALUES (1)"); err == nil || !strings.Contains(err.Error(), "25006") {
		t.Errorf("writing to a standby: got %v, want SQLSTATE 25006", err)
	}
}

func TestCleaningUpDoesNotNeedTheTestsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	db, _ := pgtest.New(t)
	cancel()
	if err := db.PingContext(ctx); err == nil {
		t.Error("a cancelled context still reached the server")
	}
}
