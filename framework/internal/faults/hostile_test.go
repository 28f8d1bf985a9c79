package faults

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

var _ = add(
	row{name: "a password in every kind of error", on: onlyDirect, steady: true, play: (*world).hostileURLs},
	row{name: "hostile addresses of files", on: onlyFile, steady: true, play: (*world).hostileFiles},
	row{name: "hostile names of the history table", on: everywhere, steady: true, play: (*world).hostileTables},
	row{name: "hostile names for new", on: onlyFile, steady: true, play: (*world).hostileNew},
)

// hostileURLs: whatever is wrong with a URL, its password is not repeated.
func (w *world) hostileURLs() {
	u, err := url.Parse(w.url)
	if err != nil {
		w.Fatal("the database's URL is not understood")
	}
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	closed := nobody.Addr().String()
	nobody.Close()
	name := strings.TrimPrefix(u.Path, "/")
	for _, raw := range []string{
		"postgres://postgres:" + canary + "@" + closed + "/" + name + "?sslmode=disable",
		"postgres://postgres:" + canary + "@" + u.Host + "/no_such_database?sslmode=disable",
		"postgres://no_such_role:" + canary + "@" + u.Host + "/" + name + "?sslmode=disable",
		"postgres://postgres:" + canary + "%zz@" + u.Host + "/" + name,
		"postgres://postgres:" + canary + "@" + u.Host + "/" + name + "?sslmode=" + canary,
		"postgres://postgres:" + canary + "@" + u.Host + ":x/" + name,
		"postgres://postgres@" + u.Host + "/" + name + "?sslmode=disable&password=" + canary + "&no_such_option=1",
		"host=" + u.Hostname() + " port=x password=" + canary,
		"host=" + u.Hostname() + " password='" + canary,
		"mysql://root:" + canary + "@localhost/x",
		"://" + canary,
		canary,
	} {
		for _, args := range [][]string{{"up"}, {"status", "--json"}, {"info"}} {
			if e := w.startOn(raw, orders{}, args...).wait(); e.code == 0 && args[0] != "info" {
				w.Errorf("%v succeeds with a broken URL:\n%s", args, e.out)
			}
		}
	}
	_, login := w.passwordRole()
	wrong := strings.Replace(login, "@", "x@", 1)
	w.startOn(wrong, orders{}, "up", "--debug").wait().is(w, 6)
	w.sound()
}

// hostileFiles: what is wrong with a file's address is said without its secrets,
// and no file is made elsewhere.
func (w *world) hostileFiles() {
	before := w.outside()
	for _, raw := range []string{
		"sqlite:" + w.path + "?_pragma=key('" + canary + "')&mode=" + canary,
		"sqlite:" + w.path + "?key=" + canary + "&_pragma=no_such(1",
		"sqlite:" + w.path + "?password=" + canary + "&vfs=no_such",
		"sqlite://root:" + canary + "@host/outside.db",
		"sqlite:%zz" + canary + "?password=" + canary,
		"sqlite:" + w.path + "?_pragma=hexkey(" + canary + ")",
		"sqlite:" + w.dir + "?token=" + canary,
		"file:",
		"sqlite:",
	} {
		for _, args := range [][]string{{"status", "--json"}, {"info"}} {
			w.startOn(raw, orders{}, args...).wait()
		}
	}
	w.same("files elsewhere", w.outside(), before)
	w.sound()
}

// hostileTables: a name is a name, also when it looks like SQL.
func (w *world) hostileTables() {
	names := []string{`we"ird`, `x'; DROP TABLE effects; --`, `leaven history`, "Ünïcödé 表", `%s$1?`, `a\b`}
	for _, name := range names {
		w.run("up", "--history-table", name).is(w, 0)
		w.run("status", "--history-table", name).is(w, 0, "applied")
		w.run("down", "base", "--history-table", name).is(w, 0)
	}
	var tables []string
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%_log' ORDER BY name"
	if w.postgres() {
		query = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%\\_log' ORDER BY 1"
	}
	w.scan(query, &tables)
	slices.Sort(tables)
	slices.Sort(names)
	w.same("history tables", tables, names)
	for _, name := range []string{"", strings.Repeat("x", 200), "nul\x00"} {
		if name != "" && !strings.Contains(name, "\x00") {
			if e := w.run("up", "--history-table", name); e.code == 0 {
				w.run("down", "base", "--history-table", name).is(w, 0)
			}
		}
	}
	w.sound()
}

// outside are files of that name above the folder of migrations.
func (w *world) outside() (found []string) {
	for _, at := range []string{w.dir, filepath.Dir(w.dir)} {
		here, err := filepath.Glob(filepath.Join(at, "*outside*"))
		if err != nil {
			w.Fatal(err)
		}
		found = append(found, here...)
	}
	return found
}

// hostileNew: a file is written in the folder of migrations or nowhere.
func (w *world) hostileNew() {
	dir := filepath.Join(w.dir, "migrations")
	if err := os.Mkdir(dir, 0o755); err != nil {
		w.Fatal(err)
	}
	before := w.outside()
	for _, name := range []string{"../../outside", "/etc/outside", "a; rm -rf .", "$(touch x)", "..", "x/y", "a\nb", `c:\x`, "日本", strings.Repeat("long ", 100), "-rf", "--", ""} {
		w.run("new", "--", name)
	}
	w.same("files outside of it", w.outside(), before)
	files, err := os.ReadDir(dir)
	if err != nil {
		w.Fatal(err)
	}
	for _, f := range files {
		if !f.Type().IsRegular() || strings.Trim(f.Name(), "abcdefghijklmnopqrstuvwxyz0123456789_.") != "" {
			w.Errorf("it wrote %q", f.Name())
		}
	}
	w.sound()
}
