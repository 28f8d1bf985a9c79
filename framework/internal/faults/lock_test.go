package faults

import (
	"context"
	"slices"
	"time"
)

var _ = add(
	row{name: "ALTER behind a long SELECT with readers", on: onlyDirect, alone: true, bound: 150 * time.Millisecond, figure: "longest read meanwhile", play: func(w *world) { w.readers(false) }},
	row{name: "ALTER of a down behind a long SELECT with readers", on: onlyDirect, alone: true, bound: 150 * time.Millisecond, figure: "longest read meanwhile", play: func(w *world) { w.readers(true) }},
	row{name: "ALTER behind an idle transaction", on: postgres, steady: true, play: (*world).behindIdle},
	row{name: "a lock that is not given for ten minutes", on: onlyDirect, slow: true, bound: 10*time.Minute + 10*time.Second, figure: "until it is given up", play: (*world).tenMinutes},
	row{name: "a statement longer than the limit of pgdriver", on: postgres, steady: true, play: func(w *world) { w.longStatement(false) }},
	row{name: "a statement of down longer than the limit of pgdriver", on: postgres, steady: true, play: func(w *world) { w.longStatement(true) }},
	row{name: "a data migration on rows that others hold", on: postgres, steady: true, play: (*world).heldRows},
	row{name: "a deadlock once", on: postgres, play: (*world).deadlockOnce},
	row{name: "a deadlock every time", on: postgres, steady: true, play: (*world).deadlockAlways},
)

// blocked stands before a migration that changes effects, with a reader in its way.
func (w *world) blocked() (release func()) {
	w.orders.Shape = "column"
	w.run("up", "--to", "0002_effect").is(w, 0)
	return w.longReport()
}

// blockedDown is blocked for the way back.
func (w *world) blockedDown() (release func()) {
	w.orders.Shape = "column"
	w.run("up").is(w, 0)
	return w.longReport()
}

func (w *world) longReport() (end func()) {
	tx := w.begin("SELECT v AS long_report FROM effects")
	return func() {
		if err := tx.Rollback(); err != nil {
			w.Fatal(err)
		}
	}
}

// readers: while the change waits for a long reader, others read as if nothing
// were.
func (w *world) readers(down bool) {
	args, release := []string{"up"}, w.blocked
	if down {
		args, release = []string{"down", "--to", "0000_effects"}, w.blockedDown
	}
	end := release()
	p := w.start(orders{}, args...)
	w.until("the change waits", waits("%ALTER TABLE%"))
	db := w.another()
	var worst time.Duration
	for until := time.Now().Add(2 * time.Second); time.Now().Before(until); {
		begun := time.Now()
		if _, err := db.ExecContext(context.Background(), "SELECT v FROM effects"); err != nil {
			w.Fatal(err)
		}
		worst = max(worst, time.Since(begun))
		time.Sleep(2 * time.Millisecond) // the readers' pace
	}
	w.took(worst)
	end()
	p.wait().is(w, 0)
	w.sound()
}

func (w *world) behindIdle() {
	release := w.blocked()
	w.run("up", "--lock-wait", "3s").is(w, 5, "0003_effect", "long_report")
	release()
	w.sound()
	release = w.blockedDown()
	w.run("down", "--to", "0000_effects", "--lock-wait", "3s").is(w, 5, "0003_effect", "long_report")
	release()
	w.sound()
}

// tenMinutes is the real budget.
func (w *world) tenMinutes() {
	release := w.blocked()
	e := w.run("up").is(w, 5, "0003_effect", "long_report")
	w.took(e.took)
	release()
	w.sound()
}

func (w *world) longStatement(down bool) {
	e := w.start(orders{Deed: "long"}, w.upOrDown(down)...).wait().is(w, 0)
	w.same("done", slices.Sorted(slices.Values(e.done)), w.wanted(down))
	w.sound()
}

// heldRows: the limit of the lock queue is for changes of structure; who waits for
// a row holds up nobody, and is not started again.
func (w *world) heldRows() {
	w.exec("CREATE TABLE held (v int)", "INSERT INTO held VALUES (0)")
	for i, down := range []bool{false, true} {
		args := w.upOrDown(down)
		tx := w.begin("UPDATE held SET v = v")
		p := w.start(orders{Deed: "rows"}, args...)
		w.until("it has waited for longer than a lock try", `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE `+others+`
			AND wait_event_type = 'Lock' AND query LIKE 'UPDATE held%' AND clock_timestamp() - query_start > interval '700 ms')`)
		if err := tx.Rollback(); err != nil {
			w.Fatal(err)
		}
		p.wait().is(w, 0, `"attempts": 1`).isNot(w, `"attempts": 2`)
		var v []int
		w.scan("SELECT v FROM held", &v)
		if len(v) != 1 || v[0] != i+1 {
			w.Errorf("the row has %v", v)
		}
		w.consistent()
	}
	w.sound()
}

func (w *world) deadlockOnce() {
	for _, down := range []bool{false, true} {
		e := w.start(orders{Deed: "deadlock"}, w.upOrDown(down)...).wait().is(w, 0, `"attempts": 2`)
		w.same("done", slices.Sorted(slices.Values(e.done)), w.wanted(down))
		w.consistent()
	}
	w.sound()
}

func (w *world) deadlockAlways() {
	for _, down := range []bool{false, true} {
		w.start(orders{Deed: "deadlocks"}, w.upOrDown(down)...).wait().is(w, 1, "0003_effect", "40P01")
		w.sound()
	}
}
