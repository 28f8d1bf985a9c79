package migratetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"hash/fnv"
	"net/url"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// prefix begins the names of all databases that are made here. Nothing else on the
// server may be called so: what a run that died has left is dropped.
const prefix = "leaven_test_"

// server makes databases on a PostgreSQL server. Its template stays until the next
// run of any set on that server: a test binary has no end at which to drop it. It is
// known to be in use by a lock, which ends with the process.
type server struct {
	admin *bun.DB // holds the lock
	name  string  // of the template
}

// begin sweeps, and makes the database that becomes the template.
func (s *server) begin(ctx context.Context, address string) (string, error) {
	admin, err := dialect.Open(ctx, address)
	if err != nil {
		return "", err
	}
	admin.SetMaxOpenConns(1) // one session: the lock is its
	s.admin, s.name = admin, prefix+token()
	if err := s.sweep(ctx); err != nil {
		return "", err
	}
	if _, err := admin.ExecContext(ctx, "SELECT pg_advisory_lock(?)", lockOf(s.name)); err != nil {
		return "", err
	}
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE ? TEMPLATE template0", bun.Ident(s.name)); err != nil {
		return "", err
	}
	return named(address, s.name)
}

// sweep drops what runs that died have left.
func (s *server) sweep(ctx context.Context) error {
	var left []string
	err := s.admin.NewSelect().Table("pg_database").Column("datname").Where("datname LIKE ?", prefix+"%").Scan(ctx, &left)
	if err != nil {
		return err
	}
	for _, name := range left {
		var free bool
		if err := s.admin.QueryRowContext(ctx, "SELECT pg_try_advisory_lock(?)", lockOf(name)).Scan(&free); err != nil || !free {
			continue
		}
		_, _ = s.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS ?", bun.Ident(name)) // somebody is connected: another time
		_, _ = s.admin.ExecContext(ctx, "SELECT pg_advisory_unlock(?)", lockOf(name))
	}
	return nil
}

// database makes a database for a test, and returns its address.
func (s *server) database(t testing.TB, address string, migrated bool) (string, error) {
	admin, err := dialect.Open(t.Context(), address)
	if err != nil {
		return "", err
	}
	admin.SetMaxOpenConns(1)
	name, from := prefix+token(), "template0"
	if migrated {
		from = s.name
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // the test's own is over
		defer cancel()
		if _, err := admin.ExecContext(ctx, "DROP DATABASE IF EXISTS ? WITH (FORCE)", bun.Ident(name)); err != nil {
			t.Errorf("migratetest: %s could not be dropped: %v", name, err)
		}
		_ = admin.Close()
	})
	if _, err := admin.ExecContext(t.Context(), "SELECT pg_advisory_lock(?)", lockOf(name)); err != nil {
		return "", err
	}
	query := "CREATE DATABASE ? TEMPLATE ?"
	if copiesFiles(t.Context(), admin) {
		query += " STRATEGY file_copy"
	}
	if _, err := admin.ExecContext(t.Context(), query, bun.Ident(name), bun.Ident(from)); err != nil {
		return "", err
	}
	return named(address, name)
}

// copiesFiles reports whether the server has to be told to copy files (15 and
// later), which is quicker than writing the copy into its log.
func copiesFiles(ctx context.Context, db *bun.DB) bool {
	var version int
	err := db.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version)
	return err == nil && version >= 150000
}

// lockOf is the key of the lock that a database of this name is in use under.
func lockOf(name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return int64(h.Sum64())
}

// named is the address of another database of the same server.
func named(address, name string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return "", fmt.Errorf("Set.Address must be written as postgres://USER:PASSWORD@HOST:5432/NAME")
	}
	u.Path = "/" + name
	return u.String(), nil
}

func token() string {
	return fmt.Sprintf("%x", []byte(rand.Text())[:8])
}
