package faults

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/witness"
	"github.com/uptrace/bun"
)

// A proof is worth what its checks notice. Here each invariant is broken by hand,
// and sound must say so.
func TestInvariantsNotice(t *testing.T) {
	t.Parallel()
	both := []place{direct, file}
	for _, c := range []struct {
		name  string
		on    []place
		spoil func(*world)
		want  string
	}{
		{"an effect twice", both, func(w *world) { w.exec("INSERT INTO effects (v) VALUES (5)") }, "effect 5 is lost, there twice or out of order"},
		{"an effect lost", onlyFile, func(w *world) { w.exec("DELETE FROM effects WHERE v = 3") }, "effect 4 is lost, there twice or out of order"},
		{"the last effect lost", onlyFile, func(w *world) { w.exec("DELETE FROM effects WHERE v = 5") }, "the history has"},
		{"two effects out of order", onlyFile, func(w *world) { w.exec("UPDATE effects SET v = 7 - v WHERE v IN (3, 4)") }, "effect 4 is lost, there twice or out of order"},
		{"an effect of nobody", onlyFile, func(w *world) { w.exec("INSERT INTO effects (v) VALUES (6)") }, "the history has"},
		{"the effects lost", onlyFile, func(w *world) { w.exec("DROP TABLE effects") }, "effects before the next run"},
		{"a row of the history lost", onlyFile, func(w *world) { w.exec("DELETE FROM leaven_history WHERE id = '0005_effect'") }, "the history has"},
		{"a row of the history too much", onlyFile, func(w *world) {
			w.exec("INSERT INTO leaven_history (id, state) VALUES ('0006_effect', 'applied')")
		}, "the history has"},
		{"an entry of the log lost", both, func(w *world) {
			w.exec("DELETE FROM leaven_history_log WHERE id = '0002_effect'")
		}, "the log"},
		{"an entry of the log twice", onlyFile, func(w *world) {
			w.exec("UPDATE leaven_history_log SET id = '0002_effect' WHERE id = '0003_effect'")
		}, "the log"},
		{"a next run that refuses", onlyFile, func(w *world) {
			w.exec("INSERT INTO leaven_history (seq, id, state) VALUES (-1, '0002_stranger', 'applied')")
		}, "the next run ended with 7"},
		{"a password in what was printed", onlyFile, func(w *world) { w.note("it is %s", canary) }, "the password is in what a program printed"},
		{"a data race", onlyFile, func(w *world) { w.note("WARNING: DATA RACE") }, "a data race"},
		{"a scratch table", both, func(w *world) { w.exec("CREATE TABLE leaven_scratch_x (x integer)") }, "scratch"},
		{"a scratch schema", onlyDirect, func(w *world) { w.exec("CREATE SCHEMA leaven_scratch_x") }, "scratch"},
		{"a scratch database", onlyDirect, (*world).leaveDatabase, "scratch"},
		{"an advisory lock", onlyDirect, func(w *world) { w.hold("SELECT pg_advisory_lock(1)") }, "no lock"},
		{"an open transaction", onlyDirect, func(w *world) { w.begin("SELECT 1") }, "no open transaction"},
		{"a transaction after an error", onlyDirect, func(w *world) { _, _ = w.begin("SELECT 1").Exec("SELECT 1 / 0") }, "no open transaction"},
		{"a program that does not end", both, func(w *world) {
			w.start(orders{Pause: "ready"}, "up").await()
			p := w.start(orders{Pause: "ready"}, "up").await()
			w.hangs = 100 * time.Millisecond
			p.wait()
		}, "did not end within"},
	} {
		for _, on := range c.on {
			t.Run(fmt.Sprintf("%s/%s", c.name, on), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, on, "")
				w.run("up").is(w, 0)
				said := witness.Of(t, func(tb testing.TB) {
					w.TB = tb
					c.spoil(w)
					if strings.HasPrefix(c.want, "no ") || strings.HasPrefix(c.want, "scratch") {
						w.hangs = 100 * time.Millisecond // it waits for what does not come
					}
					w.sound()
				})
				if !strings.Contains(said, c.want) {
					t.Errorf("nobody says %q, but:\n%s", c.want, said)
				}
			})
		}
	}
}

// hold does something in a session that stays.
func (w *world) hold(statement string) {
	w.Helper()
	db := w.another()
	conn, err := db.Conn(context.Background())
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.ExecContext(context.Background(), statement); err != nil {
		w.Fatal(err)
	}
}

// leaveDatabase leaves a scratch database behind, to which nobody is connected.
func (w *world) leaveDatabase() {
	w.Helper()
	var name []string
	w.scan("SELECT 'leaven_scratch_' || current_database()", &name)
	w.exec("CREATE DATABASE " + name[0])
	w.Cleanup(func() {
		db := pgtest.Open(w, pgtest.URL(w))
		if _, err := db.Exec("DROP DATABASE ?", bun.Ident(name[0])); err != nil {
			w.Error(err)
		}
	})
}
