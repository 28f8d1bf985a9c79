package dialect_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
)

func TestOpen(t *testing.T) {
	db, err := dialect.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE a (b int)"); err != nil {
		t.Error(err)
	}
	for url, want := range map[string]string{"canary": "has no scheme", "canary://x:canary@h/d": "understands the scheme", "": "has no scheme"} {
		if _, err := dialect.Open(t.Context(), url); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestOpenerFor(t *testing.T) {
	for address, want := range map[string]bool{
		"sqlite:a.db": true, "SQLITE:a.db": true, "file:a.db": true, "postgres://h/d": true, "postgresql://h/d": true, "host=h dbname=d": true,
		"mysql://h/d": false, "a.db": false, "": false,
	} {
		if _, _, ok := dialect.OpenerFor(address); ok != want {
			t.Errorf("%q: %v, want %v", address, ok, want)
		}
	}
}
