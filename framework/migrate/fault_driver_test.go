package migrate_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/leavendb/leaven/framework/internal/pgproxy"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// onDrivers runs a test on the other ways in which programs open their pools: pgx
// in its default mode, and pools of one connection.
func onDrivers(t *testing.T, test func(*testing.T, *site)) {
	t.Helper()
	pgx := func(t *testing.T) *site {
		s := pgSite(t)
		pool, err := sql.Open("pgx", s.url)
		if err != nil {
			t.Fatal(err)
		}
		s.db = bun.NewDB(pool, pgdialect.New())
		t.Cleanup(func() { pool.Close() })
		return s
	}
	for _, d := range []struct {
		name string
		site func(*testing.T) *site
		one  bool
	}{
		{"pgx", pgx, false},
		{"pgx, one connection", pgx, true},
		{"pgdriver, one connection", pgSite, true},
		{"sqlite, one connection", sqliteSite, true},
	} {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := d.site(t)
			if d.one {
				s.db.SetMaxOpenConns(1)
			}
			test(t, s)
		})
	}
}

func TestDriversUpAndDown(t *testing.T) {
	t.Parallel()
	onDrivers(t, func(t *testing.T, s *site) {
		s.play("mixed")
		report := s.mustUp()
		if report.To != "0007_column" || len(report.Steps) != 8 || len(report.Notes) > 0 {
			t.Errorf("the report says %+v", report)
		}
		equal(t, "effects", s.effects(), []int{1, 2, 3, 4, 5})
		if again := s.mustUp(); len(again.Steps) > 0 {
			t.Errorf("once more: %+v", again)
		}
		down, err := s.migrator().Down(t.Context(), migrate.To("0002"))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "reverted", down.IDs(), []string{"0007_column", "0006_index", "0005_effect", "0004_effect", "0003_effect"})
		equal(t, "effects", s.effects(), []int{1, 2, 3, 4, 5, -5, -4, -3})
		status, err := s.migrator().Status(t.Context())
		if err != nil || status.Applied != 3 || status.Pending != 5 || status.Problem != nil {
			t.Errorf("status: %+v, %v", status, err)
		}
		if _, err := s.migrator().Down(t.Context(), migrate.Base); err != nil {
			t.Fatal(err)
		}
		equal(t, "history", s.applied(), nil)
		s.mustUp()
		s.quiet()
	})
}

// pgx prepares statements and remembers them; a change of the table between two
// equal ones must not be in the way of the runner's own.
func TestDriversChangeTheHistoryTable(t *testing.T) {
	t.Parallel()
	onDrivers(t, func(t *testing.T, s *site) {
		s.seed(2)
		s.mustUp()
		if _, err := s.db.Exec("ALTER TABLE leaven_history ADD COLUMN theirs integer"); err != nil {
			t.Fatal(err)
		}
		s.add(3, func(*migrate.Migration) {})
		s.mustUp()
		s.sound(3)
		s.quiet()
	})
}

func TestDriversFailure(t *testing.T) {
	t.Parallel()
	onDrivers(t, func(t *testing.T, s *site) {
		s.seed(2)
		s.add(3, func(m *migrate.Migration) {
			m.Up = func(ctx context.Context, db bun.IDB) error {
				if err := write(ctx, db, 3); err != nil {
					return err
				}
				_, err := db.ExecContext(ctx, "INSERT INTO nowhere (v) VALUES (1)")
				return err
			}
		})
		_, err := s.migrator().Up(t.Context(), migrate.Head)
		var step *migrate.StepError
		if !errors.As(err, &step) || step.ID != "0003_effect" || step.Statement != 2 || step.Fault.Class != "no table" {
			t.Fatalf("up says %v", err)
		}
		s.sound(2)
		s.quiet()
	})
}

func TestDriversOwnCommit(t *testing.T) {
	t.Parallel()
	onDrivers(t, func(t *testing.T, s *site) {
		s.seed(2)
		s.add(3, func(m *migrate.Migration) {
			m.Up = func(ctx context.Context, db bun.IDB) error {
				if err := write(ctx, db, 3); err != nil {
					return err
				}
				_, err := db.ExecContext(ctx, "COMMIT")
				return err
			}
		})
		for range 2 {
			_, err := s.migrator().Up(t.Context(), migrate.Head)
			if !errors.Is(err, migrate.ErrInterrupted) {
				t.Fatalf("up says %v", err)
			}
		}
		equal(t, "effects", s.effects(), []int{1, 2, 3})
		if err := s.migrator().Resolve(t.Context(), "0003", migrate.Applied, ""); err != nil {
			t.Fatal(err)
		}
		s.sound(3)
		s.quiet()
	})
}

// Without a second connection for cancelling, the socket is closed instead.
func TestDriversCancel(t *testing.T) {
	t.Parallel()
	onDrivers(t, func(t *testing.T, s *site) {
		slow := s.slowThird()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-slow
			cancel()
		}()
		_, err := s.migrator().Up(ctx, migrate.Head)
		if !errors.Is(err, migrate.ErrStopped) {
			t.Fatalf("up says %v", err)
		}
		if s.postgres() {
			s.until("nothing runs any more", "SELECT NOT ("+busyWith("%pg_sleep%")+")")
		}
		s.sound(2)
		s.quiet()
		s.again()
		s.sound(5)
	})
}

// Operations send their limit of the lock with their statement, in one message.
func TestDriversOperations(t *testing.T) {
	t.Parallel()
	onDrivers(t, func(t *testing.T, s *site) {
		s.seed(2)
		s.registry.Register(migrate.Migration{ID: "0003_note", Change: migrate.Reversible(addNote, op.DropColumn{Table: "effects", Name: "note", Was: &addNote.Column})})
		s.mustUp()
		if _, err := s.migrator().Redo(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	})
}

// pgx minds the context itself: it asks the server to cancel, and closes the
// connection some time later. If its question does not arrive, the runner's does.
func TestPgxCancelsInVain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		noTx  bool
		conns int
	}{{false, 0}, {true, 0}, {false, 1}, {true, 1}} {
		t.Run(fmt.Sprintf("NoTx %t, connections %d", c.noTx, c.conns), func(t *testing.T) {
			t.Parallel()
			s := pgSite(t)
			p := s.through(func(m pgproxy.Message) pgproxy.Fate {
				if m.Kind == pgproxy.CancelRequest {
					return pgproxy.Cut
				}
				return pgproxy.Pass
			})
			pool, err := sql.Open("pgx", p.URL)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { pool.Close() })
			pool.SetMaxOpenConns(c.conns)
			s.seed(2).add(3, func(m *migrate.Migration) {
				m.NoTx = c.noTx
				m.Up = func(ctx context.Context, db bun.IDB) error {
					_, err := db.ExecContext(ctx, "SELECT pg_sleep(60)")
					return err
				}
			})
			ctx, cancel := context.WithCancel(t.Context())
			ended := s.meanwhile(ctx, s.migratorOn(bun.NewDB(pool, pgdialect.New())))
			s.until("the statement runs", busyWith("%pg_sleep%"))
			cancel()
			if err := ends(t, ended); !errors.Is(err, migrate.ErrStopped) {
				t.Fatalf("up says %v", err)
			}
			var runs bool
			if err := s.db.QueryRow(busyWith("%pg_sleep%")).Scan(&runs); err != nil || runs {
				t.Errorf("the statement still runs when up has ended: %v", err)
			}
			s.quiet()
		})
	}
}
