package pgtest

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/uptrace/bun"
)

// Role makes a role that may log in and nothing else, and answers with its name
// and with the given URL changed to log in as it. Attributes are words of CREATE
// ROLE such as "CREATEDB" or "NOINHERIT". From PostgreSQL 15 on an ordinary role
// may not create in the schema public: grant what the test is to allow.
//
// When the test ends the role's connections are ended, and what it owns or was
// granted in the database of url is dropped with it.
func Role(t testing.TB, url string, attributes ...string) (name, login string) {
	t.Helper()
	name = "pgtest_" + token()
	role(t, url, name, "CREATE ROLE ? LOGIN "+strings.Join(attributes, " "), bun.Ident(name))
	return name, as(t, url, name, "")
}

// PasswordRole is Role for a role that must give its password, which is in the
// URL it answers with; everybody else is trusted without one. It holds on the
// servers this package starts; the server of TEST_DATABASE_URL has its own rules.
func PasswordRole(t testing.TB, url string, attributes ...string) (name, login string) {
	t.Helper()
	name, password := "pgtest_"+token(), token()
	role(t, url, name, "CREATE ROLE ? LOGIN PASSWORD ? "+strings.Join(attributes, " "), bun.Ident(name), password)
	maintain(t, url, func(ctx context.Context, db *bun.DB) error {
		return group(ctx, db, name)
	})
	return name, as(t, url, name, password)
}

// group puts the role into the group that pg_hba.conf asks for passwords.
func group(ctx context.Context, db *bun.DB, name string) error {
	var ours bool
	err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ?)", passwordGroup).Scan(&ours)
	if err != nil || !ours {
		return err
	}
	_, err = db.ExecContext(ctx, "GRANT ? TO ?", bun.Ident(passwordGroup), bun.Ident(name))
	return err
}

func role(t testing.TB, url, name, create string, args ...any) {
	t.Helper()
	maintain(t, url, func(ctx context.Context, db *bun.DB) error {
		_, err := db.ExecContext(ctx, create, args...)
		return err
	})
	t.Cleanup(func() {
		maintain(t, url, func(ctx context.Context, db *bun.DB) error { return remove(ctx, db, name) })
	})
}

func remove(ctx context.Context, db *bun.DB, name string) error {
	for _, q := range []struct {
		sql string
		arg any
	}{
		{"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ?", name},
		{"DROP OWNED BY ? CASCADE", bun.Ident(name)},
		{"DROP ROLE ?", bun.Ident(name)},
	} {
		if _, err := db.ExecContext(ctx, q.sql, q.arg); err != nil {
			return err
		}
	}
	return nil
}

func as(t testing.TB, raw, name, password string) string {
	t.Helper()
	return change(t, raw, func(u *url.URL) {
		u.User = url.User(name)
		if password != "" {
			u.User = url.UserPassword(name, password)
		}
	})
}
