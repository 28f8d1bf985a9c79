package faults

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

var _ = add(
	row{name: "a statement fails", on: everywhere, steady: true, play: func(w *world) { w.fails("fail", 1, "nowhere", "rolled back") }},
	row{name: "a panic", on: everywhere, steady: true, play: func(w *world) { w.fails("panic", 1, "out of flour", "0003_effect") }},
	row{name: "a panic in a goroutine", on: everywhere, steady: true, play: func(w *world) { w.fails("goroutine", 2, "out of flour") }},
	row{name: "exit 0 inside a migration", on: everywhere, steady: true, play: func(w *world) { w.fails("exit", 0) }},
	row{name: "an error with the password in it", on: postgres, steady: true, play: func(w *world) { w.fails("secret", 1) }},
	row{name: "COMMIT inside a migration", on: everywhere, steady: true, play: func(w *world) { w.endsItself("commit") }},
	row{name: "ROLLBACK inside a migration", on: everywhere, steady: true, play: func(w *world) { w.endsItself("rollback") }},
	row{name: "SET search_path inside a migration", on: postgres, steady: true, play: func(w *world) { w.sets("search_path", "search_path") }},
	row{name: "SET ROLE inside a migration", on: postgres, steady: true, play: func(w *world) { w.sets("role", "role") }},
	row{name: "settings of a migration do not leak", on: postgres, steady: true, play: func(w *world) { w.sets("gucs", "") }},
	row{name: "a migration that waits for itself", on: postgres, steady: true, bound: 5 * time.Second, figure: "until it is found", play: func(w *world) { w.itself(5) }},
	row{name: "a migration that waits for itself on a pool of one", on: postgres, steady: true, bound: 5 * time.Second, figure: "until it is found", play: func(w *world) { w.itself(1) }},
	row{name: "a migration that waits for itself on a pool of its own", on: postgres, steady: true, figure: "until it is found", play: (*world).itselfElsewhere},
)

// fails: the third migration does a deed, and nothing of it remains; up and down.
func (w *world) fails(deed string, code int, words ...string) {
	w.start(orders{Deed: deed}, "up").wait().is(w, code, words...)
	if effects, _ := w.consistent(); top(effects) != 2 {
		w.Errorf("it stands at %d, not at 2", top(effects))
	}
	w.sound()
	w.start(orders{Deed: deed}, "down", "--to", "0000_effects").wait().is(w, code, words...)
	if effects, _ := w.consistent(); top(effects) != 3 {
		w.Errorf("it stands at %d, not at 3", top(effects))
	}
	w.sound()
}

// endsItself: what a migration does behind the runner's back is found, and needs a
// person; nothing is done again by itself.
func (w *world) endsItself(deed string) {
	w.decided = true
	committed := deed == "commit"
	for _, c := range []struct {
		args []string
		did  string // what a person finds
		not  string
	}{
		{[]string{"up"}, "--applied", "--pending"},
		{[]string{"down", "--to", "0000_effects"}, "--pending", "--applied"},
	} {
		w.start(orders{Deed: deed}, c.args...).wait().is(w, 7, "resolve --applied 0003_effect", "resolve --pending 0003_effect")
		w.run("up").is(w, 7, "0003_effect")
		answer := c.not
		if committed {
			answer = c.did
		}
		w.run("resolve", answer, "0003_effect").is(w, 0)
		w.sound()
	}
}

// sets: what a migration sets for its session does not reach the next one, the
// runner's own statements, nor the pooler's other clients.
func (w *world) sets(deed, note string) {
	db := w.client()
	for _, down := range []bool{false, true} {
		w.start(orders{Deed: deed}, w.upOrDown(down)...).wait().is(w, 0, note)
		w.plain(db)
		w.consistent()
	}
	w.sound()
}

// plain looks at the sessions which the programs' pooler gives out.
func (w *world) plain(db *bun.DB) {
	w.Helper()
	for range 6 {
		var said string
		err := db.QueryRowContext(context.Background(), `SELECT concat_ws(' ', current_setting('search_path'), current_setting('role'), current_setting('work_mem'),
			current_setting('leaven.canary', true), current_setting('statement_timeout'), current_setting('lock_timeout'),
			current_setting('idle_in_transaction_session_timeout')) FROM pg_sleep(0.01)`).Scan(&said)
		if want := `"$user", public none 4MB  0 0 0`; err != nil || said != want && said != `"$user", public none 4MB 0 0 0` {
			w.Errorf("a session of the programs' kind has the settings %s, want %s (%v)", said, want, err)
		}
	}
}

// itselfElsewhere: where the connection is not of the runner's pool, it cannot be
// told from an application that waits. The limit for idling ends it.
func (w *world) itselfElsewhere() {
	w.orders.Idle = idle
	for _, down := range []bool{false, true} {
		e := w.start(orders{Deed: "itself"}, w.upOrDown(down)...).wait().is(w, 1, "25P03")
		w.took(e.took)
		w.sound()
	}
}

// itself: a migration that uses another connection and waits for its own
// transaction is found and told.
func (w *world) itself(pool int) {
	for _, down := range []bool{false, true} {
		e := w.start(orders{Deed: "itself", Pool: pool}, w.upOrDown(down)...).wait().is(w, 1, "waits for its own transaction")
		w.took(e.took)
		w.sound()
	}
}
