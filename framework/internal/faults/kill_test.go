package faults

import (
	"fmt"
	"syscall"
	"time"

	"github.com/uptrace/bun"
)

var _ = add(
	row{name: "killed in a statement", on: everywhere, bound: 2 * time.Second, play: func(w *world) { w.killedIn(false, "sleep", "up") }},
	row{name: "killed in a statement of down", on: everywhere, bound: 2 * time.Second, play: func(w *world) { w.killedIn(true, "sleep", "down", "--to", "0000_effects") }},
	row{name: "killed with its work done", on: everywhere, bound: 2 * time.Second, play: func(w *world) { w.killedAt("after", "up") }},
	row{name: "killed with its work undone", on: everywhere, bound: 2 * time.Second, play: func(w *world) { w.killedAt("after -", "down", "--to", "0000_effects") }},
	row{name: "killed between two migrations", on: everywhere, bound: 2 * time.Second, play: func(w *world) { w.killedAt("between", "up") }},
	row{name: "killed between two of down", on: everywhere, bound: 2 * time.Second, play: func(w *world) { w.killedAt("between -", "down", "--to", "0000_effects") }},
	row{name: "killed in one transaction for all", on: everywhere, bound: 2 * time.Second, play: func(w *world) { w.killedAt("after", "up", "--tx", "all") }},
	row{name: "killed in one transaction for all of down", on: everywhere, bound: 2 * time.Second, play: func(w *world) { w.killedAt("after -", "down", "--to", "0000_effects", "--tx", "all") }},
	row{name: "killed at any moment", on: everywhere, bound: 2 * time.Second, play: func(w *world) { w.killedAnytime("up") }},
	row{name: "killed at any moment of down", on: everywhere, bound: 2 * time.Second, play: func(w *world) { w.killedAnytime("down", "--to", "0000_effects") }},
	row{name: "killed while the history tables are made", on: postgres, steady: true, bound: 2 * time.Second, play: (*world).killedInHistory},
	row{name: "killed in a concurrent index", on: onlyDirect, bound: 2 * time.Second, play: func(w *world) { w.killedInIndex(false) }},
	row{name: "killed in a concurrent index of down", on: onlyDirect, bound: 2 * time.Second, play: func(w *world) { w.killedInIndex(true) }},
	row{name: "an INVALID index is already there", on: onlyDirect, steady: true, play: (*world).invalidIndex},
	row{name: "killed in a rebuild", on: onlyFile, bound: 2 * time.Second, play: func(w *world) { w.killedInRebuild(false) }},
	row{name: "killed in a rebuild of down", on: onlyFile, bound: 2 * time.Second, play: func(w *world) { w.killedInRebuild(true) }},
	row{name: "killed in a rerunnable NoTx", on: []place{direct, file}, bound: 2 * time.Second, play: (*world).killedRerunnable},
	row{name: "killed in a NoTx of which only a person knows", on: []place{direct, file}, steady: true, play: (*world).killedNoTx},
	row{name: "PgBouncer refuses nothing but NoTx", on: onlyPooled, steady: true, play: (*world).refusedNoTx},
	row{name: "killed with noise on the pooler", on: onlyPooled, bound: 2 * time.Second, play: func(w *world) { w.killedInNoise(false) }},
	row{name: "killed in a down with noise on the pooler", on: onlyPooled, bound: 2 * time.Second, play: func(w *world) { w.killedInNoise(true) }},
)

// killedIn kills the program while its third migration's statement runs.
func (w *world) killedIn(down bool, deed string, args ...string) {
	if down {
		w.run("up").is(w, 0)
	}
	p := w.start(orders{Deed: deed, Pause: third("before", down)}, args...).await()
	p.goOn()
	if w.postgres() {
		w.until("the statement runs", runs("%pg_sleep%"))
	}
	w.doze(20)
	p.kill()
	w.sound()
}

// third is a point of the third migration.
func third(when string, down bool) string {
	return when + map[bool]string{false: " 3", true: " -3"}[down]
}

// doze lets a random time pass, up to so many milliseconds: the fault itself.
func (w *world) doze(limit int64) { time.Sleep(time.Duration(w.random.Int64N(limit * 1000000))) }

// killedAt kills the program at a point of one migration or another.
func (w *world) killedAt(point string, args ...string) {
	sign := " "
	if point[len(point)-1] == '-' {
		w.run("up").is(w, 0)
		sign = ""
	}
	p := w.start(orders{Pause: fmt.Sprint(point, sign, 1+w.random.IntN(5))}, args...).await()
	p.kill()
	w.sound()
}

// killedAnytime kills it between its start and about its end.
func (w *world) killedAnytime(args ...string) {
	begun := time.Now()
	w.run("up").is(w, 0)
	span := time.Since(begun)
	if args[0] == "up" {
		w.down()
	}
	for range 5 {
		p := w.start(orders{Pause: "ready"}, args...).await()
		p.goOn()
		w.doze(span.Milliseconds() + 1)
		p.kill()
		w.sound()
		if args[0] == "up" {
			w.down()
		}
	}
}

// killedInHistory: the tester makes the table, in a transaction that stays open, so
// that the program's CREATE TABLE waits.
func (w *world) killedInHistory() {
	for _, table := range []string{"leaven_history", "leaven_history_log"} {
		tx := w.begin("CREATE TABLE " + table + " (x int)")
		p := w.start(orders{}, "up")
		w.until("the program makes the table", waits("%CREATE TABLE%"+table+"%"))
		p.kill()
		if err := tx.Rollback(); err != nil {
			w.Fatal(err)
		}
	}
	w.sound()
}

// inIndex starts a program that makes an index concurrently, or drops it; a
// transaction that has written to the table keeps it from being finished.
func (w *world) inIndex(down bool) (*process, bun.Tx) {
	w.orders.Shape = "index"
	args, statement := []string{"up"}, "CREATE"
	if down {
		args, statement = []string{"down", "1"}, "DROP"
		w.run("up").is(w, 0)
	} else {
		w.run("up", "--to", "0005_effect").is(w, 0)
	}
	tx := w.begin("INSERT INTO effects (v) VALUES (100)")
	p := w.start(orders{}, args...)
	w.until("the index is at work", runs("%"+statement+" INDEX CONCURRENTLY%"))
	w.doze(20)
	return p, tx
}

// killedInIndex: a writer keeps the index from being finished until it is killed.
func (w *world) killedInIndex(down bool) {
	p, tx := w.inIndex(down)
	p.kill()
	if err := tx.Rollback(); err != nil {
		w.Fatal(err)
	}
	if down {
		w.indexGone()
	}
	w.sound()
	w.until("the index is valid", "SELECT indisvalid FROM pg_index WHERE indexrelid = 'effects_v'::regclass")
	w.indexGone()
	w.sound()
}

// indexGone: a down ends well, and the index is not there any more.
func (w *world) indexGone() {
	w.Helper()
	w.run("down", "1").is(w, 0)
	if since := w.recovered(); since > 0 {
		w.took(since)
	}
	w.until("the index is gone", "SELECT to_regclass('effects_v') IS NULL")
}

// invalidIndex: somebody has tried it before and failed.
func (w *world) invalidIndex() {
	const spoil = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'effects_v'::regclass"
	w.orders.Shape = "index"
	w.run("up", "--to", "0005_effect").is(w, 0)
	w.exec("CREATE INDEX effects_v ON effects (v)", spoil)
	w.sound()
	w.until("the index is valid", "SELECT indisvalid FROM pg_index WHERE indexrelid = 'effects_v'::regclass")
	w.exec(spoil)
	w.indexGone()
	w.sound()
}

// killedInRebuild: SQLite's own way to change a table, with rows that refer to it.
func (w *world) killedInRebuild(down bool) {
	w.orders.Shape = "rebuild"
	w.run("up", "--to", "0002_effect").is(w, 0)
	w.exec("CREATE TABLE child (v integer REFERENCES effects (id) ON DELETE CASCADE)", "INSERT INTO child VALUES (1), (2)",
		"CREATE INDEX effects_by_v ON effects (v)")
	args := w.upOrDown(down)
	p := w.start(orders{Pause: third("after", down)}, args...).await()
	p.goOn()
	w.doze(15)
	p.kill()
	w.sound()
	var left []string
	w.scan("SELECT 'child ' || v FROM child UNION ALL SELECT name FROM sqlite_master WHERE name = 'effects_by_v' ORDER BY 1", &left)
	w.same("children and index", left, []string{"child 1", "child 2", "effects_by_v"})
}

func (w *world) killedRerunnable() {
	w.orders.Shape = "rerunnable"
	for _, point := range []string{"before 3", "after 3"} {
		p := w.start(orders{Pause: point}, "up").await()
		p.kill()
		w.sound()
		w.down()
	}
	w.run("up").is(w, 0)
	p := w.start(orders{Pause: "after -3"}, "down", "--to", "0000_effects").await()
	p.kill()
	w.down()
	w.sound()
}

// killedNoTx: nobody but a person can say whether its work is done; the program
// observes, and names the two commands.
func (w *world) killedNoTx() {
	w.orders.Shape, w.decided = "notx", true
	for point, answer := range map[string]string{"before 3": "--pending", "after 3": "--applied"} {
		w.start(orders{Pause: point}, "up").await().kill()
		w.recovered() // it needs a person here
		w.run("up").is(w, 7, "resolve --applied 0003_effect", "resolve --pending 0003_effect")
		w.run("resolve", answer, "0003_effect").is(w, 0)
		w.sound()
		w.down()
	}
}

func (w *world) refusedNoTx() {
	w.orders.Shape = "notx"
	w.run("up").is(w, 2, "0003_effect", "DIRECT_DATABASE_URL")
	var tables []string
	w.scan("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'", &tables)
	w.same("tables", tables, nil)
	w.startOn(w.own, orders{}, "up").wait().is(w, 0)
	w.run("down", "--to", "0000_effects").is(w, 2, "0003_effect", "DIRECT_DATABASE_URL")
	if effects, _ := w.consistent(); top(effects) != 5 {
		w.Errorf("something was reverted: %v", effects)
	}
	w.orders.Shape = ""
	w.sound()
}

// killedInNoise: other clients of the pooler keep its few sessions busy.
func (w *world) killedInNoise(down bool) {
	defer w.noise(4)()
	for range 3 {
		args := w.upOrDown(down)
		w.start(orders{Pause: fmt.Sprint("after ", w.victim(down))}, args...).await().kill()
		w.sound()
		w.down()
	}
	w.sound()
}

// signalled is used by rows that end the program politely.
func (p *process) signalled(s ...syscall.Signal) ended {
	for _, s := range s {
		p.signal(s)
	}
	return p.wait()
}
