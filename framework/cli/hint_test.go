package cli

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/uptrace/bun"
)

// The GRANT that is advised is for what was denied, and for who was.
func TestAdvisedGrantIsForWhatWasDenied(t *testing.T) {
	for message, want := range map[string]string{
		"permission denied for schema public":        "GRANT CREATE ON SCHEMA public TO app",
		"permission denied for table leaven_history": "GRANT SELECT, INSERT, UPDATE, DELETE ON leaven_history TO app",
	} {
		if got := privilegeNext(message, "app"); !strings.Contains(got[0], want) {
			t.Errorf("%s: %q", message, got)
		}
	}
}

const failing = "20260109090000_failing"

// failingApp is the shop with one more migration, which runs SQL.
func failingApp(sql ...string) App {
	return withMigration(migrate.Migration{ID: failing, After: []string{likes}, Down: nothing, Up: func(ctx context.Context, db bun.IDB) error {
		for _, s := range sql {
			if _, err := db.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}})
}

func withMigration(m migrate.Migration) App {
	app := fixture("shop")
	app.Sources = nil
	app.Registry.Register(m)
	return app
}

// world is what a provocation may change before the command runs.
type world struct {
	t       *testing.T
	db      *bun.DB
	address string // to change
	app     App    // to change
	args    []string
	environ []string
}

func (w *world) url(f func(u *url.URL, q url.Values)) {
	u, err := url.Parse(w.address)
	if err != nil {
		w.t.Fatal(err)
	}
	q := u.Query()
	f(u, q)
	u.RawQuery = q.Encode()
	w.address = u.String()
}

func (w *world) up() {
	w.t.Helper()
	app := fixture("shop")
	app.Environ = []string{"DATABASE_URL=" + w.address}
	if _, stderr, code := outputOf(w.t, app, "up"); code != 0 {
		w.t.Fatal(stderr)
	}
}

func (w *world) exec(sql string) {
	w.t.Helper()
	if _, err := w.db.Exec(sql); err != nil {
		w.t.Fatal(err)
	}
}

// held keeps a transaction open to the end of the test.
func (w *world) held(sql string) {
	w.t.Helper()
	tx, err := w.db.Begin()
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = tx.Rollback() })
	if _, err := tx.Exec(sql); err != nil {
		w.t.Fatal(err)
	}
}

// deniedFile is a file that this user may not open. The rights of ordinary files
// do not hold root back; those of the kernel's settings do.
func deniedFile(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "linux" {
		return "/proc/sys/vm/compact_memory"
	}
	path := filepath.Join(t.TempDir(), "shop.db")
	if err := os.WriteFile(path, nil, 0); err != nil {
		t.Fatal(err)
	}
	return path
}

type provocation struct {
	key  string
	kind string
	do   func(w *world)
	code int
	says []string // on standard error
}

// provocations make each hint appear by the real error. Those whose key is not
// among hints are explained by the state of the history, not by a fault.
func provocations() []provocation {
	return []provocation{
		{"refused", "postgres", func(w *world) { w.address = "postgres://u@127.0.0.1:1/d" }, 6, []string{"connection refused", "start the database, or correct the address in DATABASE_URL", "wait --for 60s"}},
		{"host-name", "postgres", func(w *world) { w.address = "postgres://u@no-such-host.invalid/d" }, 6, []string{"no such host", "correct the host name in DATABASE_URL"}},
		{"password", "postgres", func(w *world) {
			_, w.address = pgtest.PasswordRole(w.t, w.address)
			w.url(func(u *url.URL, _ url.Values) { u.User = url.UserPassword(u.User.Username(), "wr0ng-canary") })
		}, 6, []string{"28P01", "correct user and password in DATABASE_URL"}},
		{"no-database", "postgres", func(w *world) { w.url(func(u *url.URL, _ url.Values) { u.Path = "/nowhere" }) }, 6, []string{"3D000", "createdb nowhere", "correct its name in DATABASE_URL"}},
		{"no-file", "sqlite", func(w *world) { w.address = "sqlite:" + filepath.Join(w.t.TempDir(), "no.db") + "?mode=rw" }, 6, []string{"correct the path in DATABASE_URL", "mode=rw"}},
		{"tls", "postgres", func(w *world) { w.url(func(_ *url.URL, q url.Values) { q.Set("sslmode", "require") }) }, 6, []string{"does not offer TLS", "sslmode=disable"}},
		{"privilege", "postgres", func(w *world) { _, w.address = pgtest.PasswordRole(w.t, w.address) }, 2, []string{"42501", "GRANT CREATE ON SCHEMA public TO pgtest_", "--role OWNER"}},
		{"too-many-connections", "postgres", func(w *world) { _, w.address = pgtest.PasswordRole(w.t, w.address, "CONNECTION LIMIT 0") }, 6, []string{"53300", "raise max_connections"}},
		{"connection-lost", "postgres", func(w *world) { w.app = failingApp("SELECT pg_terminate_backend(pg_backend_pid())") }, 1, []string{"57P01", "run the same command again"}},
		{"read-only", "postgres", func(w *world) { w.url(func(_ *url.URL, q url.Values) { q.Set("default_transaction_read_only", "on") }) }, 6, []string{"25006", "connect to the primary"}},
		{"read-only-file", "sqlite", func(w *world) {
			w.up()
			w.app = failingApp()
			w.address += "?mode=ro"
		}, 6, []string{"may not write the file", "name another database in DATABASE_URL"}},
		{"file-rights", "sqlite", func(w *world) {
			w.address = "sqlite:" + deniedFile(w.t)
		}, 6, []string{"this user may not open the database", "permission denied", "let this user read and write the file and its folder"}},
		{"no folder", "sqlite", func(w *world) { w.address = "sqlite:/proc/nowhere/x.db" }, 6, []string{"the folder of the database's file cannot be made", "name another database in DATABASE_URL"}},
		{"lock-timeout", "postgres", func(w *world) {
			w.up()
			w.exec("INSERT INTO authors VALUES (1, 'a')")
			w.held("SELECT 1 FROM authors FOR UPDATE")
			w.app = withMigration(migrate.Migration{ID: failing, After: []string{likes}, Down: nothing, NoTx: true, Up: func(ctx context.Context, db bun.IDB) error {
				_, err := db.ExecContext(ctx, "SELECT 1 FROM authors FOR UPDATE NOWAIT")
				return err
			}})
		}, 1, []string{"55P03", "another session holds a lock", "--lock-wait"}},
		{"busy", "sqlite", func(w *world) {
			w.up()
			w.held("INSERT INTO authors VALUES (1, 'a')")
			w.address += "?_busy_timeout=1"
			w.app = withMigration(migrate.Migration{ID: failing, After: []string{likes}, Down: nothing, NoTx: true, Up: func(ctx context.Context, db bun.IDB) error {
				_, err := db.ExecContext(ctx, "INSERT INTO authors VALUES (2, 'a')")
				return err
			}})
			w.args = []string{"up", "--lock-wait", "50ms"}
		}, 5, []string{"when the other runner has ended", "--lock-wait"}},
		{"exists", "both", func(w *world) { w.app = failingApp("CREATE TABLE authors (id int)") }, 1, []string{"already exists", "IfNotExists: true", "stamp " + failing}},
		{"there before", "both", func(w *world) { w.exec("CREATE TABLE authors (id int)") }, 1, []string{"already exists", "run: migrate baseline", "--baseline=auto", "IfNotExists: true"}},
		{"there before, of another tool", "both", func(w *world) {
			w.exec("CREATE TABLE authors (id int)")
			w.exec("CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp)")
		}, 1, []string{"already exists", "to take over the history of goose, run: migrate adopt --from goose", "IfNotExists: true"}},
		{"unique", "both", func(w *world) { w.app = failingApp("INSERT INTO authors VALUES (1, 'a'), (1, 'b')") }, 1, []string{"already have the same value", "correct those rows in a migration before"}},
		{"not-null", "both", func(w *world) { w.app = failingApp("INSERT INTO authors VALUES (1, NULL)") }, 1, []string{"no value there", "give the column a default"}},
		{"constraint", "both", func(w *world) {
			w.app = failingApp("CREATE TABLE positive (n int CHECK (n > 0))", "INSERT INTO positive VALUES (-1)")
		}, 1, []string{"already break it", "correct those rows"}},
		{"enum", "postgres", func(w *world) {
			w.exec("CREATE TYPE mood AS ENUM ('ok')")
			w.app = failingApp("ALTER TYPE mood ADD VALUE 'sad'", "SELECT 'sad'::mood")
		}, 1, []string{"55P04", "only after it was committed", "in a migration of its own"}},
		{"full", "sqlite", func(w *world) {
			w.address += "?_pragma=max_page_count(40)"
			w.app = withMigration(migrate.Migration{ID: failing, After: []string{likes}, Down: nothing, NoTx: true, Up: func(ctx context.Context, db bun.IDB) error {
				_, err := db.ExecContext(ctx, "INSERT INTO authors VALUES (1, printf('%1000000d', 1))")
				return err
			}})
		}, 1, []string{"full", "free space"}},
		{"idle", "postgres", func(w *world) {
			w.app = withMigration(migrate.Migration{ID: failing, After: []string{likes}, Down: nothing, IdleTimeout: 50 * time.Millisecond, Up: func(ctx context.Context, db bun.IDB) error {
				for range 600 { // until the server has ended the transaction
					time.Sleep(50 * time.Millisecond)
					if _, err := db.ExecContext(ctx, "SELECT 1"); err != nil {
						return err
					}
					time.Sleep(250 * time.Millisecond)
				}
				return nil
			}})
		}, 1, []string{"25P03", "did nothing in the database for too long", "IdleTimeout"}},

		{"table", "both", func(w *world) { w.app = failingApp("ALTER TABLE author ADD COLUMN x int") }, 1, []string{"did you mean authors?"}},
		{"column", "both", func(w *world) { w.app = failingApp("ALTER TABLE authors RENAME COLUMN namee TO title") }, 1, []string{"did you mean name?"}},
		{"caret", "postgres", func(w *world) { w.app = failingApp("SELECT id\nFROM authors\nWHERE nme = 'x'") }, 1, []string{"  WHERE nme = 'x'\n        ^\n", "the server's hint: Perhaps you meant"}},
		{"caret, of an operation", "postgres", func(w *world) {
			w.app = withMigration(migrate.Migration{ID: failing, After: []string{likes}, Down: nothing, Up: func(ctx context.Context, db bun.IDB) error {
				return op.Run(ctx, db, op.SQL{All: "CREATE TABLE x (n int REFERENCES)"})
			}})
		}, 1, []string{"  CREATE TABLE x (n int REFERENCES)\n                                  ^\n"}},
		{"who blocks", "postgres", func(w *world) {
			w.up()
			w.held("SELECT 1 FROM authors")
			w.app = withMigration(migrate.Migration{ID: failing, After: []string{likes}, Down: nothing, Up: func(ctx context.Context, db bun.IDB) error {
				return op.Run(ctx, db, op.DropTable{Name: "authors"})
			}})
			w.args = []string{"up", "--lock-wait", "300ms"}
		}, 5, []string{"held by pid", "SELECT 1 FROM authors", "pg_terminate_backend("}},
		{"waits for itself", "postgres", func(w *world) {
			w.up()
			w.exec("INSERT INTO authors VALUES (1, 'a')")
			pool := pgtest.Open(w.t, w.address)
			w.app = withMigration(migrate.Migration{ID: failing, After: []string{likes}, Down: nothing, Up: func(ctx context.Context, db bun.IDB) error {
				if _, err := db.ExecContext(ctx, "UPDATE authors SET name = 'b'"); err != nil {
					return err
				}
				_, err := pool.ExecContext(context.Background(), "UPDATE authors SET name = 'c'")
				return err
			}})
			w.app.Open = func(context.Context) (*bun.DB, error) { return pool, nil }
		}, 1, []string{"use the db that the function is given"}},
		{"path", "sqlite", func(w *world) { w.address = "shop.db" }, 2, []string{"write: DATABASE_URL=sqlite:shop.db"}},
		{"no database", "sqlite", func(w *world) { w.address, w.environ = "", []string{"APP_ENV=production"} }, 2, []string{"set DATABASE_URL, or DB_HOST"}},
		{"revision", "both", func(w *world) { w.args = []string{"up", "--to", "post"} }, 2, []string{`no migration is called "post"`, "did you mean: " + posts}},
		{"newer database", "both", func(w *world) { w.up(); w.app, w.args = fixture("older"), []string{"up", "--strict"} }, 7, []string{"not known to this program: " + likes, "this program is older than the database", "migrate history"}},
		{"two heads", "both", func(w *world) { w.app = fixture("heads") }, 7, []string{"two heads", "migrate merge", "migrate rebase"}},
		{"edited", "both", func(w *world) { w.up(); w.app = fixture("edited") }, 7, []string{"edited after it was applied: " + posts, "to accept the file as it is now: migrate repair " + posts}},
		{"out of order", "both", func(w *world) { w.up(); w.app = fixture("late") }, 7, []string{"out of order: 20260101120000_late", "out-of-order"}},
		{"interrupted", "both", func(w *world) {
			w.app = fixture("halfway")
			w.app.Environ = []string{"DATABASE_URL=" + w.address}
			if _, stderr, code := outputOf(w.t, w.app, "up"); code != 1 || !strings.Contains(stderr, "recorded as interrupted") {
				w.t.Errorf("exit code %d\n%s", code, stderr)
			}
		}, 7, []string{"interrupted, and nobody knows", "migrate resolve --applied ", "migrate resolve --pending "}},
		{"database up late", "postgres", func(w *world) {
			w.address, w.args = "postgres://u@127.0.0.1:1/d", []string{"exec", "--for", "300ms", "--", "true"}
		}, 6, []string{"did not answer within", "cannot connect to 127.0.0.1:1"}},
		{"pooler", "postgres", func(w *world) {
			w.address = pgtest.Pooler(w.t, w.address)
			w.app = withMigration(migrate.Migration{ID: failing, After: []string{likes}, Down: nothing, NoTx: true, Up: nothing})
		}, 2, []string{"a connection pooler in transaction mode", "set DIRECT_DATABASE_URL to the server's own address"}},
		{"adopt, dirty", "both", func(w *world) {
			w.exec("CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)")
			w.exec("INSERT INTO schema_migrations VALUES (20260102090000, true)")
			w.args = []string{"adopt", "--yes"}
		}, 7, []string{"cannot be taken as it is", "dirty: version 20260102090000 failed", "migrate adopt --allow dirty"}},
		{"adopt, the rest", "both", func(w *world) {
			w.exec("CREATE TABLE bun_migrations (id integer PRIMARY KEY, name varchar(255), group_id bigint, migrated_at timestamp)")
			w.exec("CREATE TABLE bun_migration_locks (id integer PRIMARY KEY, table_name varchar(255))")
			w.exec("INSERT INTO bun_migrations (id, name) VALUES (1, '20260102090000'), (2, '7')")
			w.exec("INSERT INTO bun_migration_locks VALUES (1, 'bun_migrations')")
			w.args = []string{"adopt", "--yes"}
		}, 7, []string{"locked: ", "unknown: no migration here is version 7", "gaps: not applied there", "migrate adopt --allow locked,unknown,gaps"}},
		{"duplicate", "both", func(w *world) { w.app = fixture("twice") }, 7, []string{posts, "20260102090000_posts.go:10"}},
	}
}

func TestEachHintByTheRealError(t *testing.T) {
	var mu sync.Mutex
	var all strings.Builder
	ran := map[string]bool{}
	t.Cleanup(func() { // when all of them are through
		if len(ran) < len(provocations()) {
			return // of some that were picked, nothing follows
		}
		for _, text := range troubles(t) {
			if !t.Failed() && !strings.Contains(all.String(), text) {
				t.Errorf("troubleshooting.md explains %q, which none of these errors says", text)
			}
		}
	})
	for _, p := range provocations() {
		for _, kind := range []string{"sqlite", "postgres"} {
			if p.kind != "both" && p.kind != kind {
				continue
			}
			t.Run(p.key+"/"+kind, func(t *testing.T) {
				t.Parallel()
				w := &world{t: t, app: fixture("shop"), args: []string{"up"}}
				w.db, w.address = database(t, kind)
				p.do(w)
				w.app.Environ = append([]string{"DATABASE_URL=" + w.address}, w.environ...)
				stdout, stderr, code := outputOf(t, w.app, w.args...)
				t.Log("\n" + stdout + stderr)
				mu.Lock()
				all.WriteString(stderr)
				ran[p.key] = true
				mu.Unlock()
				if code != p.code {
					t.Errorf("exit code %d, want %d", code, p.code)
				}
				for _, s := range p.says {
					if !strings.Contains(stderr, s) {
						t.Errorf("it does not say %q", s)
					}
				}
				if strings.Contains(stdout+stderr, "canary") {
					t.Error("the password shows")
				}
			})
		}
	}
}

// troubles are the texts of errors that the chapter explains: headings, of which
// some have several.
func troubles(t *testing.T) []string {
	text, err := os.ReadFile("../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		if heading, ok := strings.CutPrefix(line, "### "); ok {
			found = append(found, strings.Split(strings.TrimSpace(heading), " / ")...)
		}
	}
	return found
}

// Each hint has its provocation.
func TestEachHintIsProvoked(t *testing.T) {
	for _, key := range hints {
		if !slices.ContainsFunc(provocations(), func(p provocation) bool { return p.key == key }) {
			t.Errorf("no test provokes the hint %q", key)
		}
	}
}
