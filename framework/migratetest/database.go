package migratetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// make makes a database for a test, empty or migrated.
func (s *Set) make(t testing.TB, migrated bool) *bun.DB {
	t.Helper()
	if migrated {
		s.template.once.Do(func() { s.template.err = s.migrateTemplate() })
		if s.template.err != nil {
			t.Fatal("migratetest: the template could not be migrated: ", s.template.err)
		}
	}
	address, err := s.place(t, migrated)
	if err != nil {
		t.Fatal("migratetest: ", err)
	}
	db, err := dialect.Open(t.Context(), address)
	if err != nil {
		t.Fatal("migratetest: ", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// place makes the database, and returns its address. It goes after the pool on it
// is closed: cleaning up goes backwards.
func (s *Set) place(t testing.TB, migrated bool) (string, error) {
	if s.Address != "" {
		return s.template.server.database(t, s.Address, migrated)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if migrated {
		if err := os.WriteFile(path, s.template.file, 0o600); err != nil {
			return "", err
		}
	}
	return "sqlite:" + path, nil
}

// migrateTemplate makes the database that is copied. It outlives the test that
// asks first.
func (s *Set) migrateTemplate() error {
	ctx := context.Background()
	if s.Address != "" {
		address, err := s.template.server.begin(ctx, s.Address)
		if err != nil {
			return err
		}
		return s.migrateAt(ctx, address)
	}
	dir, err := os.MkdirTemp("", "migratetest")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "template.db")
	if err := s.migrateAt(ctx, "sqlite:"+path); err != nil {
		return err
	}
	s.template.file, err = os.ReadFile(path)
	return err
}

// migrateAt migrates a database and closes it, so that all of it is in its file
// and nobody is connected.
func (s *Set) migrateAt(ctx context.Context, address string) error {
	db, err := dialect.Open(ctx, address)
	if err != nil {
		return err
	}
	err = s.migrate(ctx, db)
	if closed := db.Close(); err == nil {
		err = closed
	}
	return err
}

func (s *Set) migrate(ctx context.Context, db *bun.DB) error {
	m, err := migrate.New(db, s.Options)
	if err != nil {
		return err
	}
	if _, err := m.Up(ctx, migrate.Head); err != nil {
		return err
	}
	if !m.Dialect().Capabilities().Schemas { // a file: what is in its journal belongs to the copy
		_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		if err != nil {
			return fmt.Errorf("writing the template's journal into its file: %w", err)
		}
	}
	return nil
}
