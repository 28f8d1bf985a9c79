package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/sqlitetest"
)

// A copy has what was lost, for the same readers; the oldest ones go, and nothing
// else that lies beside the database.
func TestCopiesBeforeALoss(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "shop.db")
	db := sqlitetest.Open(t, path)
	app := fixture("shop")
	app.Environ = []string{"DATABASE_URL=sqlite:" + path}
	do := func(args ...string) {
		t.Helper()
		if _, stderr, code := outputOf(t, app, args...); code != 0 {
			t.Fatalf("%q: %d\n%s", args, code, stderr)
		}
	}
	do("up")
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	bystander := filepath.Join(dir, "shop.db.20200101T000000.000Z.bak.gz")
	if err := os.WriteFile(bystander, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	killed, running := path+".12.copying", path+".34.copying" // by other programs
	for _, half := range []string{killed, running} {
		if err := os.WriteFile(half, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(killed, time.Time{}, time.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if _, err := db.Exec("INSERT INTO likes (id, name) VALUES (?, 'a')", i); err != nil {
			t.Fatal(err)
		}
		do("redo", "--yes", "--copies", "2")
	}
	copies, err := filepath.Glob(path + ".*Z.bak")
	if err != nil || len(copies) != 2 {
		t.Fatalf("%q, %v", copies, err)
	}
	for _, c := range copies {
		var id int
		if err := sqlitetest.Open(t, c).QueryRow("SELECT id FROM likes").Scan(&id); err != nil || id == 0 {
			t.Errorf("%s: the row %d, %v", c, id, err)
		}
		if info, err := os.Stat(c); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	if _, err := os.Stat(bystander); err != nil {
		t.Error(err)
	}
	if half, _ := filepath.Glob(path + ".*.copying"); !slices.Equal(half, []string{running}) {
		t.Errorf("half copies: %q", half)
	}
}

// Where there can be no copy, nothing is lost.
func TestNoLossWithoutACopy(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, strings.Repeat("n", 231)) // a copy's name would be too long
	app := fixture("shop")
	app.Environ = []string{"DATABASE_URL=sqlite:" + path}
	if _, stderr, code := outputOf(t, app, "up"); code != 0 {
		t.Fatal(stderr)
	}
	_, stderr, code := outputOf(t, app, "down")
	if out, _, _ := outputOf(t, app, "current"); code != 1 || out != likes+"\n" {
		t.Errorf("code %d, at %s%s", code, out, stderr)
	}
}
