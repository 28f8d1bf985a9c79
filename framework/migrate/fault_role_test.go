package migrate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// owners tells who owns the tables in the schema public.
func (s *site) owners() []string {
	s.Helper()
	var rows []string
	if err := s.db.NewRaw("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").Scan(s.ctx(), &rows); err != nil {
		s.Fatal(err)
	}
	return rows
}

// What a run with a Role makes belongs to that role, the history too; so it does
// in a NoTx migration.
func TestRoleOwnsWhatIsMade(t *testing.T) {
	t.Parallel()
	s := pgSite(t).play("mixed")
	role, _ := pgtest.Role(t, s.url)
	if _, err := s.db.Exec("GRANT ALL ON SCHEMA public TO ?", bun.Ident(role)); err != nil {
		t.Fatal(err)
	}
	s.registry.Register(migrate.Migration{ID: "0008_apart", NoTx: true, Change: migrate.Reversible(
		op.CreateTable{Name: "apart", PrimaryKey: []string{"id"}, Columns: []schema.Column{{Name: "id", Type: schema.BigInt, NotNull: true}}},
	)})
	s.options.Role = role
	if report := s.mustUp(); len(report.Notes) > 0 {
		t.Errorf("notes: %q", report.Notes)
	}
	equal(t, "owners", s.owners(), []string{role})
	var left string
	for range 3 {
		if err := s.db.QueryRow("SELECT current_setting('role')").Scan(&left); err != nil || left != "none" {
			t.Errorf("a connection of the pool has the role %q: %v", left, err)
		}
	}
	if _, err := s.migrator().Down(t.Context(), migrate.Base); err != nil {
		t.Fatal(err)
	}
	s.quiet()
}

// Who may not make the history's table is told which flags help.
func TestNoRightToMakeTheHistory(t *testing.T) {
	t.Parallel()
	s := pgSite(t).play("tx")
	role, login := pgtest.Role(t, s.url)
	for _, statement := range []string{"REVOKE CREATE ON SCHEMA public FROM PUBLIC", "CREATE SCHEMA theirs"} {
		if _, err := s.db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.db.Exec("GRANT ALL ON SCHEMA theirs TO ?", bun.Ident(role)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, url, role string }{{"the user", login, ""}, {"the role", s.url, role}} {
		t.Run(c.name, func(t *testing.T) {
			o := s.options
			o.Role = c.role
			m, err := migrate.New(s.pool(c.url), o)
			if err != nil {
				t.Fatal(err)
			}
			_, err = m.Up(t.Context(), migrate.Head)
			var config *migrate.ConfigError
			if !errors.As(err, &config) || !strings.Contains(config.Next, "--history-schema") || !strings.Contains(config.Next, "--role") {
				t.Fatalf("up says %v (%+v)", err, config)
			}
		})
	}
	s.quiet()
}

// A role that is not there, or that the user is not a member of.
func TestRoleThatCannotBeTaken(t *testing.T) {
	t.Parallel()
	s := pgSite(t).play("tx")
	role, login := pgtest.Role(t, s.url)
	for _, c := range []struct{ name, url, role string }{{"unknown", s.url, "no such \"role\""}, {"no member", login, "postgres"}} {
		t.Run(c.name, func(t *testing.T) {
			o := s.options
			o.Role = c.role
			m, err := migrate.New(s.pool(c.url), o)
			if err != nil {
				t.Fatal(err)
			}
			_, err = m.Up(t.Context(), migrate.Head)
			if !errors.Is(err, migrate.ErrConfig) || !strings.Contains(err.Error(), c.role) && !strings.Contains(err.Error(), "role") {
				t.Fatalf("%s: up says %v", role, err)
			}
		})
	}
	s.quiet()
}
