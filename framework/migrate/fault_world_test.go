package migrate_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/driver/pgdriver"
	"github.com/uptrace/bun/driver/sqliteshim"
)

// patience is how long a test waits for what must happen, before it says that
// it did not.
const patience = 30 * time.Second

// site is a world that other processes can reach.
type site struct {
	*world
	url string
}

func pgSite(t *testing.T) *site {
	db, url := pgtest.New(t)
	return &site{newWorld(t, db, func(t testing.TB) *bun.DB { return pgtest.Open(t, url) }), url}
}

func sqliteSite(t *testing.T) *site {
	db, path := sqlitetest.New(t)
	return &site{newWorld(t, db, func(t testing.TB) *bun.DB { return sqlitetest.Open(t, path) }), sqlitetest.DSN(path)}
}

// sites runs a test on both databases, at the same time as others.
func sites(t *testing.T, test func(*testing.T, *site)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, pgSite(t)) })
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, sqliteSite(t)) })
}

// play registers a fixture.
func (s *site) play(fixture string) *site {
	fixtures[fixture](s.registry, quietly)
	return s
}

func (s *site) postgres() bool { return !strings.HasPrefix(s.url, "file:") }

// openURL opens what a site's url names, without a test.
func openURL(url string) (*bun.DB, error) {
	if strings.HasPrefix(url, "file:") {
		pool, err := sql.Open(sqliteshim.ShimName, url)
		if err != nil {
			return nil, err
		}
		return bun.NewDB(pool, sqlitedialect.New()), nil
	}
	return bun.NewDB(sql.OpenDB(pgdriver.NewConnector(
		pgdriver.WithDSN(url), pgdriver.WithReadTimeout(0), pgdriver.WithWriteTimeout(0),
	)), pgdialect.New()), nil
}

// pool opens one more pool, which the test closes.
func (s *site) pool(url string) *bun.DB {
	s.Helper()
	db, err := openURL(url)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { db.Close() })
	return db
}

// quiet waits until nobody holds an advisory lock in the database or sits in an
// open transaction.
func (s *site) quiet() {
	s.Helper()
	if !s.postgres() {
		return
	}
	s.until("no lock and no open transaction is left", `SELECT NOT EXISTS (
		SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
		AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%')`)
}

// until waits for a condition that the server knows.
func (s *site) until(what, condition string) {
	s.Helper()
	deadline := time.Now().Add(patience)
	for {
		var is bool
		if err := s.db.QueryRowContext(context.Background(), condition).Scan(&is); err != nil {
			s.Fatalf("waiting until %s: %v", what, err)
		}
		if is {
			return
		}
		if time.Now().After(deadline) {
			s.Fatalf("it is not so after %s: %s\n%s", patience, what, s.activity())
		}
		time.Sleep(5 * time.Millisecond) // asks again
	}
}

// activity shows the sessions of the database, for messages.
func (s *site) activity() string {
	var rows []string
	_ = s.db.NewRaw(`SELECT pid || ' ' || coalesce(state, '') || ' ' || coalesce(wait_event_type, '') || ' ' || left(query, 200)
		FROM pg_stat_activity WHERE datname = current_database()`).Scan(context.Background(), &rows)
	return strings.Join(rows, "\n")
}

// busyWith is the condition that some session's running statement is like this.
func busyWith(pattern string) string {
	return "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE '" + pattern + "')"
}

// waitsForLock is the condition that some session waits for a lock with such a
// statement.
func waitsForLock(pattern string) string {
	return "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '" + pattern + "')"
}

// child is a runner in a process of its own.
type child struct {
	testing.TB
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
	said  []string
}

// child starts a process on the site.
func (s *site) child(o orders) *child {
	s.Helper()
	if o.URL == "" {
		o.URL = s.url
	}
	text, err := json.Marshal(o)
	if err != nil {
		s.Fatal(err)
	}
	c := &child{TB: s, cmd: exec.Command(os.Args[0]), lines: make(chan string, 64)}
	c.cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		s.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		s.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	go func() {
		for in := bufio.NewScanner(out); in.Scan(); {
			c.lines <- in.Text()
		}
		close(c.lines)
	}()
	s.Cleanup(func() { _ = c.cmd.Process.Kill() })
	return c
}

// await waits until the child has stopped at a point.
func (c *child) await(point string) {
	c.Helper()
	timeout := time.After(patience)
	for {
		select {
		case line, open := <-c.lines:
			switch {
			case !open:
				c.Fatalf("the child ended before %q; it said %q", point, c.said)
			case line == "at "+point:
				return
			}
			c.said = append(c.said, line)
		case <-timeout:
			c.Fatalf("the child did not reach %q within %s; it said %q", point, patience, c.said)
		}
	}
}

// goOn lets it leave the point.
func (c *child) goOn() {
	c.Helper()
	if _, err := fmt.Fprintln(c.in); err != nil {
		c.Fatal(err)
	}
}

// wait waits for its end, and returns its exit code (-1: killed).
func (c *child) wait() int {
	timeout := time.AfterFunc(patience, func() { _ = c.cmd.Process.Kill() })
	defer timeout.Stop()
	for line := range c.lines {
		c.said = append(c.said, line)
	}
	_ = c.cmd.Wait() // its code says it
	return c.cmd.ProcessState.ExitCode()
}

// did lists the IDs that it has applied or reverted itself; after wait.
func (c *child) did() []string {
	var ids []string
	for _, line := range c.said {
		if id, ok := strings.CutPrefix(line, "did "); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// again runs Up to the head on the site itself, undisturbed.
func (s *site) again() *migrate.Report {
	s.Helper()
	r, err := s.migrator().Up(context.Background(), migrate.Head)
	if err != nil {
		s.Fatalf("the run after it: %v", err)
	}
	return r
}
