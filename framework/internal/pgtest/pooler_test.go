package pgtest

import (
	"net/url"
	"strings"
	"testing"
)

// What answers is PgBouncer, and behind it the database that the URL names.
func TestPooler(t *testing.T) {
	t.Parallel()
	_, direct := New(t)
	through := Through(t, direct, Pooler(t, URL(t)))
	var name, version string
	if err := Open(t, through).QueryRow("SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(direct[:strings.IndexByte(direct, '?')], "/"+name) {
		t.Errorf("behind it is the database %s", name)
	}
	console := change(t, through, func(u *url.URL) { u.Path = "/pgbouncer" })
	if err := Open(t, console).QueryRow("SHOW VERSION").Scan(&version); err != nil || !strings.HasPrefix(version, "PgBouncer") {
		t.Errorf("what answers is %q (%v)", version, err)
	}
}
