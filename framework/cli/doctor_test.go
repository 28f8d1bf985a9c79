package cli

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/uptrace/bun"
)

// doctorSays runs the doctor and returns the lines as "status name: detail | next".
func doctorSays(t *testing.T, app App, args ...string) (says []string, code int) {
	t.Helper()
	text, stderr, _ := outputOf(t, app, append([]string{"doctor"}, args...)...)
	t.Log("\n" + text + stderr)
	out, _, code := outputOf(t, app, append([]string{"doctor", "--json"}, args...)...)
	var doc struct {
		Healthy  bool `json:"healthy"`
		ExitCode int  `json:"exit_code"`
		Checks   []finding
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, f := range doc.Checks {
		line := f.Status + " " + f.Name + ": " + f.Detail
		if len(f.Next) > 0 {
			line += " | " + strings.Join(f.Next, " | ")
		}
		says = append(says, line)
	}
	if doc.ExitCode != code || doc.Healthy != (code == codeOK) {
		t.Errorf("healthy %t, exit code %d and %d", doc.Healthy, doc.ExitCode, code)
	}
	return says, code
}

// says looks for a line that matches.
func expect(t *testing.T, says []string, patterns ...string) {
	t.Helper()
	for _, p := range patterns {
		if !slices.ContainsFunc(says, regexp.MustCompile(p).MatchString) {
			t.Errorf("no line matches %s", p)
		}
	}
}

func appAt(set, address string, environ ...string) App {
	app := fixture(set)
	app.Environ = append([]string{"DATABASE_URL=" + address}, environ...)
	return app
}

func TestDoctorFindsNothing(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			_, address := database(t, kind)
			app := appAt("shop", address)
			says, code := doctorSays(t, app)
			expect(t, says, `^ok settings: database .*from DATABASE_URL`, `^ok server: .* takes writes`, `^warn history: 0 applied, 3 pending \| to apply, run: migrate up`, `^ok migrations: 3`)
			if kind == "postgres" {
				expect(t, says, `^ok address: host .*, database .*, user .*, sslmode disable$`, `^ok port: `, `^ok TLS: not encrypted, on this machine`, `^ok login: `,
					`^ok pooler: none`, `^ok rights: .* may create tables in schema public`, `^ok table: public\.leaven_history is not there yet`)
			} else {
				expect(t, says, `^ok file: `, `^ok folder: .* takes files`)
			}
			if code != codeOK {
				t.Error(code)
			}
			if _, stderr, code := outputOf(t, app, "up"); code != 0 {
				t.Fatal(stderr)
			}
			says, code = doctorSays(t, app)
			expect(t, says, `^ok history: 3 applied, 0 pending`)
			if kind == "postgres" {
				expect(t, says, `^ok table: .* may read and write public\.leaven_history`)
			} else {
				expect(t, says, `^ok journal: mode wal`)
			}
			if code != codeOK || slices.ContainsFunc(says, func(s string) bool { return !strings.HasPrefix(s, "ok ") }) {
				t.Error(code, says)
			}
		})
	}
}

func TestDoctorNamesSettings(t *testing.T) {
	dir := t.TempDir()
	app := appAt("shop", "sqlite:"+filepath.Join(dir, "a.db"), "DB_HOST=h", "DB_NAME=n", "MIGRATE_LOCKWAIT=1s", "MIGRATE_TX=each", "APP_ENV=staging")
	says, code := doctorSays(t, app)
	expect(t, says, `^ok settings: not used: DB_HOST, DB_NAME, because DATABASE_URL is stronger`, `^ok settings: APP_ENV is staging: guarded`,
		`^warn settings: MIGRATE_LOCKWAIT is set, and stands for no flag \| did you mean: MIGRATE_LOCK_WAIT`)
	if code != codeOK {
		t.Error(code)
	}
	for _, s := range says {
		if strings.Contains(s, "MIGRATE_TX") {
			t.Error(s)
		}
	}
	readable := filepath.Join(dir, "b.db")
	if err := os.WriteFile(readable, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		environ []string
		says    string
		code    int
	}{
		{[]string{"APP_ENV=production"}, `^fail settings: no database is set.* \| set DATABASE_URL`, 2},
		{[]string{"DB_HOST=h"}, `^fail settings: DB_NAME is missing`, 2},
		{[]string{"DATABASE_URL=shop.db"}, `^fail address: .* is a path, not a URL \| .*DATABASE_URL=sqlite:shop.db`, 2},
		{[]string{"DATABASE_URL=postgres://u:p@h:x/d"}, `^fail address: the address in DATABASE_URL cannot be used: .*port`, 2},
		{[]string{"DATABASE_URL=sqlite:" + dir}, `^fail file: .*is a directory`, 6},
		{[]string{"DATABASE_URL=sqlite:" + dir + "/no.db?mode=rw"}, `^fail file: .*no such file`, 6},
		{[]string{"DATABASE_URL=sqlite:" + readable + "?mode=ro"}, `^fail file: .*for reading only \| leave mode=ro`, 6},
		{[]string{"DATABASE_URL=sqlite::memory:"}, `^warn file: .*in memory`, 0},
	} {
		app := fixture("shop")
		app.Environ = tt.environ
		says, code := doctorSays(t, app)
		expect(t, says, tt.says, `^ok migrations: 3 registered`)
		if code != tt.code {
			t.Errorf("%q: exit code %d, want %d", tt.environ, code, tt.code)
		}
	}
}

func TestDoctorFollowsTheWayToTheServer(t *testing.T) {
	_, address := pgtest.New(t)
	_, login := pgtest.PasswordRole(t, address)
	change := func(raw string, f func(u *url.URL)) string {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		f(u)
		return u.String()
	}
	with := func(raw, query string) string {
		return change(raw, func(u *url.URL) { u.RawQuery += "&" + query })
	}
	for _, tt := range []struct {
		name, address, says string
		code                int
	}{
		{"name", "postgres://u@no-such-host.invalid/d", `^fail name: .*no-such-host.invalid.* \| correct the host name`, 6},
		{"socket", "postgres://u@/d?host=/nowhere", `^fail name: there is no socket /nowhere/`, 6},
		{"port", "postgres://u@127.0.0.1:1/d", `^fail port: .*refused \| start the database`, 6},
		{"TLS", with(login, "sslmode=require"), `^fail TLS: the server does not offer TLS`, 6},
		{"password", change(login, func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "wrong-canary") }), `^fail login: .*28P01.* \| correct user and password in DATABASE_URL`, 6},
		{"database", change(address, func(u *url.URL) { u.Path = "/nowhere" }), `^fail login: .*3D000.* \| create it`, 6},
		{"rights", login, `^fail rights: .* may not create tables in schema public \| let its owner run: GRANT CREATE ON SCHEMA`, 2},
		{"read-only", with(address, "default_transaction_read_only=on"), `^fail server: .*read-only`, 6},
		{"role", address, `^fail rights: role nobody does not exist`, 2},
		{"schema", login, `^fail rights: schema elsewhere does not exist, and .* may not create it`, 2},
		{"second host", change(address, func(u *url.URL) { u.Host = "127.0.0.1:1," + u.Host }), `^warn port: 127.0.0.1:1: .*refused`, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			app := appAt("shop", tt.address)
			switch tt.name {
			case "role":
				app.Environ = append(app.Environ, "MIGRATE_ROLE=nobody")
			case "schema":
				app.Environ = append(app.Environ, "MIGRATE_HISTORY_SCHEMA=elsewhere")
			}
			says, code := doctorSays(t, app)
			expect(t, says, tt.says, `^ok migrations`)
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if strings.Contains(strings.Join(says, ""), "canary") {
				t.Error("the password shows")
			}
		})
	}
}

func TestDoctorLooksAtAStandby(t *testing.T) {
	_, standby := pgtest.Standby(t)
	says, code := doctorSays(t, appAt("shop", standby))
	expect(t, says, `^fail server: it is a standby`)
	if code != codeDatabase {
		t.Error(code)
	}
}

func TestDoctorReadsHistoryAndMigrations(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			_, address := database(t, kind)
			if _, stderr, code := outputOf(t, appAt("shop", address), "up"); code != 0 {
				t.Fatal(stderr)
			}
			for set, pattern := range map[string]string{
				"edited": `^fail history: .*edited.* \| `,
				"twice":  `^fail migrations: .*` + posts,
				"heads":  `^fail migrations: .*two heads`,
				"older":  `^(warn|fail) history: .*` + likes,
			} {
				says, code := doctorSays(t, appAt(set, address))
				expect(t, says, pattern)
				if strings.Contains(pattern, "^fail") && code != codeHistory {
					t.Errorf("%s: exit code %d", set, code)
				}
			}
		})
	}
}

type unreadable struct {
	bun.BaseModel `bun:"table:unreadable"`
	ID            int64       `bun:",pk"`
	Friend        *unreadable `bun:"rel:belongs-to,join:friend_id=id"`
}

func TestDoctorNamesModelsThatBunCannotRead(t *testing.T) {
	_, address := database(t, "sqlite")
	app := appAt("shop", address)
	app.Models = []any{(*unreadable)(nil), 7}
	says, code := doctorSays(t, app)
	expect(t, says, `^fail models: bun cannot read \*cli\.unreadable: .*friend_id`, `^fail models: bun cannot read int: it is no struct`)
	if code != codeFailed {
		t.Error(code)
	}
}

func TestDoctorWhereNothingCanBeWritten(t *testing.T) {
	if os.Getuid() == 0 { // may write everywhere: what refuses is no folder
		dir := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(dir, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		says, code := doctorSays(t, appAt("shop", "sqlite:"+dir+"/x.db"))
		expect(t, says, `^fail f(ile|older): .*not a directory`)
		if code != codeDatabase {
			t.Error(code)
		}
		return
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	says, code := doctorSays(t, appAt("shop", "sqlite:"+dir+"/x.db"))
	expect(t, says, `^fail folder: no files can be made in .*permission denied`)
	if code != codeDatabase {
		t.Error(code)
	}
}
