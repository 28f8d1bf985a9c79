package faults

import (
	"fmt"
	"slices"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
)

var _ = add(
	row{name: "pg_terminate_backend", on: postgres, play: func(w *world) { w.administered("pg_terminate_backend", false) }},
	row{name: "pg_terminate_backend in a down", on: postgres, play: func(w *world) { w.administered("pg_terminate_backend", true) }},
	row{name: "pg_terminate_backend between statements", on: postgres, play: func(w *world) { w.terminatedIdle(false) }},
	row{name: "pg_terminate_backend between statements of down", on: postgres, play: func(w *world) { w.terminatedIdle(true) }},
	row{name: "pg_cancel_backend", on: postgres, play: func(w *world) { w.administered("pg_cancel_backend", false) }},
	row{name: "pg_cancel_backend in a down", on: postgres, play: func(w *world) { w.administered("pg_cancel_backend", true) }},
	row{name: "immediate restart of the server", on: onlyDirect, play: func(w *world) { w.restarted(false) }},
	row{name: "immediate restart of the server in a down", on: onlyDirect, play: func(w *world) { w.restarted(true) }},
	row{name: "immediate restart in one transaction for all", on: onlyDirect, play: func(w *world) { w.restarted(false, "--tx", "all") }},
	row{name: "failover to a lagging standby", on: onlyDirect, play: func(w *world) { w.failover(false) }},
	row{name: "failover to a lagging standby in a down", on: onlyDirect, play: func(w *world) { w.failover(true) }},
	row{name: "a standby that stays one", on: onlyDirect, steady: true, play: (*world).standby},
)

// administered: one who ends the session interrupts, and the migration is tried
// again; one who cancels the statement has decided that it is not to be done.
func (w *world) administered(function string, down bool) {
	args := w.upOrDown(down)
	p := w.start(orders{Deed: "sleep", Pause: third("before", down)}, args...).await()
	p.goOn()
	w.until("the statement runs", runs("%pg_sleep%"))
	w.doze(10)
	w.strike()
	w.onSleepers(function)
	if function == "pg_cancel_backend" {
		p.wait().is(w, 1, "57014")
		w.sound()
		return
	}
	w.until("it runs again", runs("%pg_sleep%"))
	p.kill() // it would sleep for a minute
	w.sound()
}

func (w *world) onSleepers(function string) {
	w.Helper()
	w.exec("SELECT " + function + "(pid) FROM pg_stat_activity WHERE " + others + " AND state = 'active' AND query LIKE '%pg_sleep%'")
}

// terminatedIdle ends the session while it waits for the program, and the same run
// goes on by itself.
func (w *world) terminatedIdle(down bool) {
	args := w.upOrDown(down)
	p := w.start(orders{Pause: fmt.Sprint("after ", w.victim(down))}, args...).await()
	w.strike()
	w.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " + others + " AND state = 'idle in transaction'")
	p.goOn()
	e := p.wait().is(w, 0)
	w.same("done", slices.Sorted(slices.Values(e.done)), w.wanted(down))
	w.sound()
}

// restarted: the server crashes and starts again while a migration runs.
func (w *world) restarted(down bool, flags ...string) {
	w.at(pgtest.Alone(w))
	for range 3 {
		args := append(w.upOrDown(down), flags...)
		p := w.start(orders{Pause: fmt.Sprint("after ", w.victim(down))}, args...).await()
		begun := w.begun()
		w.strike()
		pgtest.Kill(w, w.own)
		p.goOn()
		e := p.wait()
		w.answers(begun)
		if e.code != 0 {
			e.is(w, 6)
		}
		w.sound()
		w.exec("DROP TABLE effects, leaven_history, leaven_history_log")
	}
}

// begun is when the server was started; empty: it does not answer. Connections to
// one that has gone are not asked.
func (w *world) begun() (at string) {
	w.db.SetMaxIdleConns(0)
	defer w.db.SetMaxIdleConns(2)
	if w.db.QueryRow("SELECT pg_postmaster_start_time()::text").Scan(&at) != nil {
		return ""
	}
	return at
}

// answers waits until the server does, and is not the one that was begun then.
func (w *world) answers(then string) {
	w.Helper()
	for deadline := time.Now().Add(w.hangs); ; {
		if at := w.begun(); at != "" && at != then {
			return
		}
		if time.Now().After(deadline) {
			w.Fatal("the server does not come back")
		}
		time.Sleep(5 * time.Millisecond) // asks again
	}
}

// failover: the standby has not yet heard of all that the primary has committed
// when the primary dies and the standby takes its place and address. What it has
// not heard of is done there again; nothing is there twice.
func (w *world) failover(down bool) {
	primary, standby := pgtest.Standby(w)
	w.at(primary)
	number, args := 3+w.random.IntN(3), []string{"up", "--json"}
	before := number - 1 // where the primary stands when it dies
	if down {
		number, args = -1-w.random.IntN(4), w.upOrDown(true)
		before = -number
	} else {
		w.run("up", "2").is(w, 0)
	}
	pgtest.CatchUp(w, primary, standby)
	w.exec("COPY (VALUES ('host replication all all reject'), ('host all all all trust'), ('local all all trust')) TO '"+w.setting("hba_file")+"'",
		"SELECT pg_reload_conf()", "SELECT pg_terminate_backend(pid) FROM pg_stat_replication")
	w.until("the standby has let go", "SELECT NOT EXISTS (SELECT FROM pg_stat_replication)")

	front := w.through(nil)
	p := w.start(orders{Pause: fmt.Sprint("after ", number)}, args...).await()
	if effects := w.effects(); top(effects) != before {
		w.Fatalf("the primary stands at %v", effects)
	}
	w.strike()
	pgtest.Kill(w, primary)
	front.Lead(w, standby)
	p.goOn()
	w.at(standby)
	w.until("the standby is the primary", "SELECT pg_promote()")
	w.url = w.withPassword(front.URL)
	e := p.wait()
	if e.code != 0 && e.code != 6 {
		// It has gone on at the standby and found there less than it had done itself.
		e.is(w, 7, map[bool]string{false: "another runner has reverted", true: "another runner has applied"}[down])
	}
	w.sound()
}

func (w *world) setting(name string) string {
	w.Helper()
	var values []string
	w.scan("SELECT current_setting('"+name+"')", &values)
	return values[0]
}

// standby: it answers who has nothing to do, and refuses who has.
func (w *world) standby() {
	primary, standby := pgtest.Standby(w)
	w.at(primary)
	w.run("up", "2").is(w, 0)
	pgtest.CatchUp(w, primary, standby)
	w.at(standby)
	w.run("up").is(w, 6, "read-only")
	w.run("down", "1").is(w, 6, "read-only")
	w.run("status").is(w, 0)
	w.run("up", "--to", "0001_effect").is(w, 0)
	w.orders.Count = 1
	w.at(primary)
	w.orders.Count = 5
	w.sound()
	pgtest.CatchUp(w, primary, standby)
	w.at(standby)
	for _, e := range open(w.gate(5, "up")) {
		e.is(w, 0)
	}
	w.consistent()
}
