package faults

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/internal/pgtest"
)

var _ = add(
	row{name: "no right to CREATE", on: onlyDirect, steady: true, play: (*world).noCreate},
	row{name: "a role that only reads", on: onlyDirect, steady: true, play: (*world).readOnly},
	row{name: "the migrator is not the app", on: onlyDirect, steady: true, play: func(w *world) { w.roles() }},
	row{name: "the migrator does not inherit", on: onlyDirect, steady: true, play: func(w *world) { w.roles("NOINHERIT") }},
)

// role makes an ordinary role, and gives the URL of programs that log in as it.
func (w *world) role(attributes ...string) (name, login string) {
	w.Helper()
	name, login = pgtest.Role(w, w.own, attributes...)
	return name, w.withPassword(login)
}

// passwordRole makes one that must give its password.
func (w *world) passwordRole() (name, login string) {
	w.Helper()
	return pgtest.PasswordRole(w, w.own)
}

func (w *world) noCreate() {
	_, login := w.role()
	w.exec("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
	w.startOn(login, orders{}, "up").wait().is(w, 2, "--history-schema", "--role")
	w.sound()
}

// readOnly: who may only read can ask, and can wait for others; with something to
// do it is refused.
func (w *world) readOnly() {
	name, login := w.role()
	w.run("up", "4").is(w, 0)
	w.exec("GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + name)
	w.startOn(login, orders{}, "status").wait().is(w, 0, "0004_effect")
	if e := w.startOn(login, orders{}, "up").wait(); e.code == 0 || !strings.Contains(e.err, "42501") && !strings.Contains(e.err, "permission denied") {
		w.Errorf("exit code %d:\n%s%s", e.code, e.out, e.err)
	}
	if effects, _ := w.consistent(); top(effects) != 3 {
		w.Errorf("it stands at %d", top(effects))
	}
	w.sound()
	w.startOn(login, orders{}, "up").wait().is(w, 0)
	if e := w.startOn(login, orders{}, "down", "1").wait(); e.code == 0 || !strings.Contains(e.err, "42501") && !strings.Contains(e.err, "permission denied") {
		w.Errorf("exit code %d:\n%s%s", e.code, e.out, e.err)
	}
	if effects, _ := w.consistent(); top(effects) != 5 {
		w.Errorf("it stands at %d", top(effects))
	}
}

// roles are the grants of the chapter on security: one role owns, the migrator may
// become it, and the application neither owns nor migrates. attributes are the
// migrator's.
func (w *world) roles(attributes ...string) {
	owner, _ := w.role()
	role, migrator := w.role(attributes...)
	app, application := w.role()
	named := strings.NewReplacer("shop_owner", owner, "shop_migrator", role, "shop_app", app)
	before, after := chapter(w).statements(0), chapter(w).statements(1)
	w.exec(strings.Split(named.Replace(before), ";\n")...)
	w.startOn(migrator, orders{}, "up", "1", "--role", owner).wait().is(w, 0)
	w.exec(strings.Split(named.Replace(after), ";\n")...)
	w.failsAs(migrator, owner)
	w.racesAs(migrator, owner)
	w.consistent()
	w.looksAs(migrator, owner)
	var owners []string
	w.scan("SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'public'", &owners)
	w.same("owners", owners, []string{owner})

	theirs := pgtest.Open(w, application)
	for q, may := range map[string]bool{
		"INSERT INTO effects (v) SELECT 1 WHERE false": true,
		"SELECT count(*) FROM leaven_history":          true,
		"DELETE FROM leaven_history":                   false,
		"ALTER TABLE effects ADD COLUMN note text":     false,
		"DROP TABLE effects":                           false,
		"CREATE TABLE mine (x int)":                    false,
		"SET ROLE " + owner:                            false,
	} {
		if _, err := theirs.Exec(q); (err == nil) != may {
			w.Errorf("%s, as the application: %v", q, err)
		}
	}
	w.startOn(application, orders{}, "up").wait().is(w, 0)
	if e := w.startOn(application, orders{}, "down").wait(); e.code == 0 {
		w.Errorf("the application may revert a migration:\n%s", e.out)
	}
	w.startOn(migrator, orders{}, "down", "--to", "0000_effects", "--role", owner).wait().is(w, 0)
	w.consistent()
	w.startOn(migrator, orders{}, "up", "--role", owner).wait().is(w, 0)
	w.sound()
}

// looksAs: the commands that only look have no flag for the role, but its variable.
func (w *world) looksAs(login, role string) {
	settings := filepath.Join(w.dir, "settings.env")
	if err := os.WriteFile(settings, []byte("MIGRATE_ROLE="+role+"\n"), 0o644); err != nil {
		w.Fatal(err)
	}
	for _, command := range []string{"status", "history", "current", "pending"} {
		w.startOn(login, orders{}, command, "--env-file", settings).wait().is(w, 0)
	}
}

// failsAs: a role's failed try is in the log too.
func (w *world) failsAs(login, role string) {
	w.startOn(login, orders{Deed: "fail"}, "up", "--role", role).wait().is(w, 1, "0003_effect")
	var failed []string
	w.scan("SELECT id FROM leaven_history_log WHERE outcome = 'failed'", &failed)
	w.same("failed tries in the log", failed, []string{"0003_effect"})
}

// racesAs: who waits for another runner looks at the history as the role.
func (w *world) racesAs(login, role string) {
	first := w.startOn(login, orders{Pause: "after 4"}, "up", "--role", role, "--json").await()
	second := w.startOn(login, orders{}, "up", "--role", role, "--json")
	w.until("the second one asks for the lock", "SELECT count(*) > 2 FROM pg_stat_activity WHERE datname = current_database()")
	first.goOn()
	done := slices.Concat(first.wait().is(w, 0).done, second.wait().is(w, 0).done)
	w.same("done by somebody", slices.Sorted(slices.Values(done)), w.ids()[3:])
}
