package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/leavendb/leaven/framework/dialect/sqlite"
)

func TestParseURL(t *testing.T) {
	for text, want := range map[string]string{
		"sqlite:./data/app.db":         "./data/app.db",
		"sqlite:app.db":                "app.db",
		"sqlite://app.db":              "app.db",
		"sqlite://data/app.db":         "data/app.db",
		"sqlite:/srv/app.db":           "/srv/app.db",
		"sqlite:///srv/app.db":         "/srv/app.db",
		"SQLite:///srv/app.db?mode=ro": "/srv/app.db",
		"file:app.sqlite3":             "app.sqlite3",
		"file://localhost/srv/a":       "/srv/a",
		"file:///srv/a b#c%3Fd%25e":    "/srv/a b#c?d%e",
		"sqlite::memory:":              "",
		"file::memory:?cache=shared":   "",
		"sqlite:app.anything.at.all":   "app.anything.at.all",
		"sqlite:a%2Fb":                 "a/b",
	} {
		at, err := sqlite.ParseURL(text)
		if err != nil || at.Path != want || at.InMemory() != (want == "") {
			t.Errorf("%s: %+v, %v", text, at, err)
		}
	}
	for text, want := range map[string]string{
		"":                    "expected sqlite:",
		"app.db":              "expected sqlite:",
		"postgres://u:pw@h/d": "expected sqlite:",
		"sqlite:":             "names no file",
		"sqlite://":           "names no file",
		"sqlite:?mode=ro":     "names no file",
		"sqlite:a%zz":         "%25",
		"sqlite:a%00b":        "NUL",
		"sqlite:a%ff":         "UTF-8",
		"sqlite:a?x=%zz":      "parameters",
		"file:a?mode=wr":      "mode: must be one of ro, rw, rwc, memory",
	} {
		if _, err := sqlite.ParseURL(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "pw") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestOpenMakesTheFileThatIsNamed(t *testing.T) {
	for _, name := range []string{"app.db", "a b", "qu?estion", "ha#sh", "per%cent", "per%41cent", "plus+", "amp&", "ünï", "'", `"`, "semi;colon", "no-extension", "back\\slash", ":memory:"} {
		path := filepath.Join(t.TempDir(), "made on the way", name)
		db, err := sqlite.Dialect{}.Open(t.Context(), sqlite.FileURL(path))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		exec(t, db, "CREATE TABLE t (a int)")
		if got := file(t, db); filepath.Base(got) != name {
			t.Errorf("%s opens %s", name, got)
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
		for pragma, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "synchronous": "1", "busy_timeout": "5000"} {
			if got := values(t, db, "PRAGMA "+pragma); got != want {
				t.Errorf("%s: %s is %s, want %s", name, pragma, got, want)
			}
		}
		_ = db.Close()
	}
}

func TestOpenTakesParameters(t *testing.T) {
	d := sqlite.Dialect{}
	path := filepath.Join(t.TempDir(), "a.db")
	for query, pragmas := range map[string]string{
		"_pragma=busy_timeout(7)&_pragma=foreign_keys(0)": "7 0 1",
		"_timeout=8&_fk=0&_sync=FULL":                     "8 0 2",
		"":                                                "5000 1 1",
	} {
		db, err := d.Open(t.Context(), "sqlite:"+path+"?"+query)
		if err != nil {
			t.Fatal(err)
		}
		got := values(t, db, "SELECT t.timeout || ' ' || f.foreign_keys || ' ' || s.synchronous FROM pragma_busy_timeout t, pragma_foreign_keys f, pragma_synchronous s")
		if got != pragmas {
			t.Errorf("%s: %s, want %s", query, got, pragmas)
		}
		_ = db.Close()
	}
	missing := filepath.Join(t.TempDir(), "none", "a.db")
	for _, mode := range []string{"ro", "rw"} {
		db, err := d.Open(t.Context(), "sqlite:"+missing+"?mode="+mode)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Ping(); d.Classify(err).Class != "no database" {
			t.Errorf("mode=%s on a missing file: %v", mode, err)
		}
		_ = db.Close()
		if _, err := os.Stat(filepath.Dir(missing)); err == nil {
			t.Errorf("mode=%s has made a directory", mode)
		}
	}
	if _, err := d.Open(t.Context(), "sqlite:"); err == nil {
		t.Error("no file, and no error")
	}
	if _, err := d.Open(t.Context(), sqlite.FileURL(filepath.Join(path, "below a file", "b.db"))); err == nil {
		t.Error("a directory below a file, and no error")
	}
}

func TestRedact(t *testing.T) {
	for text, want := range map[string]string{
		"sqlite:a.db":                          "sqlite:a.db",
		"sqlite:a.db?_foreign_keys=1":          "sqlite:a.db?_foreign_keys=1",
		"file:a.db?_auth_pass=hunter2&mode=ro": "file:a.db?_auth_pass=xxxxx&mode=ro",
		"file:a.db?_pragma=key('hunter2')&x=y": "file:a.db?_pragma=xxxxx&x=y",
		"file:a.db?%6bey=hunter2":              "file:a.db?%6bey=xxxxx",
		"file:a.db?key=hunter2&x=%zz":          "file:xxxxx",
		"hunter2":                              "xxxxx",
		"postgres://u:hunter2@h":               "xxxxx",
		"":                                     "xxxxx",
	} {
		if got := (sqlite.Dialect{}).Redact(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"sqlite:./a.db", "sqlite:///a b?mode=ro", "file:a%3Fb#c", "sqlite::memory:", "sqlite://h/a", "x", "a?b#c%d e", "//x", "%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := sqlite.Dialect{}
		_, _ = sqlite.ParseURL(text)
		_ = d.Redact(text)
		if text == "" || strings.ContainsRune(text, 0) || !utf8.ValidString(text) || filepath.Separator != '/' {
			return
		}
		at, err := sqlite.ParseURL(sqlite.FileURL(text))
		if want := text; err != nil || at.Path != want && !(want == ":memory:" && at.Path == "./:memory:") {
			t.Errorf("the file %q reads back as %q, %v", text, at.Path, err)
		}
	})
}

func ExampleParseURL() {
	at, err := sqlite.ParseURL("sqlite:./data/app.db?_timeout=100")
	fmt.Println(at.Path, at.Params.Get("_timeout"), err)
	// Output: ./data/app.db 100 <nil>
}
