package faults

import (
	"fmt"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/internal/pgproxy"
)

var _ = add(
	row{name: "cut before COMMIT arrives", on: postgres, play: func(w *world) { w.cutAtCommit(false, pgproxy.Cut, false) }},
	row{name: "cut before COMMIT is answered", on: postgres, play: func(w *world) { w.cutAtCommit(true, pgproxy.Cut, false) }},
	row{name: "cut while the server commits", on: postgres, play: func(w *world) { w.cutAtCommit(false, pgproxy.Passed, false) }},
	row{name: "cut before the COMMIT of a down", on: postgres, play: func(w *world) { w.cutAtCommit(false, pgproxy.Cut, true) }},
	row{name: "cut before the COMMIT of a down is answered", on: postgres, play: func(w *world) { w.cutAtCommit(true, pgproxy.Cut, true) }},
	row{name: "cut before COMMIT arrives and a second runner", on: postgres, play: func(w *world) { w.secondAtCommit(false, false) }},
	row{name: "cut before COMMIT is answered and a second runner", on: postgres, play: func(w *world) { w.secondAtCommit(true, false) }},
	row{name: "cut before the COMMIT of a down and a second runner", on: postgres, play: func(w *world) { w.secondAtCommit(false, true) }},
	row{name: "cut before the COMMIT of a down is answered and a second runner", on: postgres, play: func(w *world) { w.secondAtCommit(true, true) }},
	row{name: "cut at message N of up", on: postgres, steady: true, play: func(w *world) { w.failAtN("up", "--json") }},
	row{name: "cut at message N of down", on: postgres, steady: true, play: func(w *world) { w.failAtN("down", "--to", "0000_effects", "--json") }},
	row{name: "a black hole without FIN", on: postgres, bound: idle + 3*time.Second, figure: "takeover by a second runner", play: func(w *world) { w.blackHole(false) }},
	row{name: "a black hole without FIN in a down", on: postgres, bound: idle + 3*time.Second, figure: "takeover by a second runner", play: func(w *world) { w.blackHole(true) }},
)

// atCommit decides about the COMMIT of the transaction that writes an effect: its
// own fate, or that of the server's answer to it.
func atCommit(v int, answer bool, what pgproxy.Fate, then func()) func(pgproxy.Message) pgproxy.Fate {
	var armed, fired atomic.Bool
	return func(m pgproxy.Message) pgproxy.Fate {
		if !m.FromServer && m.Says(fmt.Sprintf("INSERT INTO EFFECTS (V) VALUES (%d)", v)) {
			armed.Store(true)
		}
		if !armed.Load() || m.FromServer != answer || !m.Says("COMMIT") || !fired.CompareAndSwap(false, true) {
			return pgproxy.Pass
		}
		then()
		return what
	}
}

// victim is the effect of a migration that the seed chooses.
func (w *world) victim(down bool) int {
	v := 1 + w.random.IntN(5)
	if down {
		return -v
	}
	return v
}

// wanted are the IDs that the commands of upOrDown are about, in order.
func (w *world) wanted(down bool) []string {
	if down {
		return upTo(w.count())
	}
	return w.ids()
}

// upOrDown prepares a run up or down and gives its arguments.
func (w *world) upOrDown(down bool) []string {
	w.Helper()
	if !down {
		return []string{"up", "--json"}
	}
	w.run("up").is(w, 0)
	return []string{"down", "--to", "0000_effects", "--json"}
}

// cutAtCommit: the runner finds out by itself what became of it, also when the
// server stays away for a while.
func (w *world) cutAtCommit(answer bool, what pgproxy.Fate, down bool) {
	args := w.upOrDown(down)
	straight := w.url
	p, tries := w.through(nil), 1+w.random.IntN(4)
	p.Decide(atCommit(w.victim(down), answer, what, func() {
		w.strike()
		enough := p.Away(tries)
		go func() { <-enough; p.Back() }()
	}))
	e := w.run(args...).is(w, 0)
	if len(e.done) < 5 {
		w.Errorf("it says that it did %v", e.done)
	}
	w.mustHaveStruck()
	w.url = straight
	w.sound()
}

// secondAtCommit: while the first one is cut off a second one comes and does
// everything that is left.
func (w *world) secondAtCommit(answer, down bool) {
	args := w.upOrDown(down)
	straight := w.url
	p := w.through(nil)
	second := make(chan ended, 1)
	p.Decide(atCommit(w.victim(down), answer, pgproxy.Cut, func() {
		w.strike()
		p.Away(0)
		go func() {
			second <- w.startOn(straight, orders{}, args...).wait()
			p.Back()
		}()
	}))
	first := w.run(args...).is(w, 0)
	w.mustHaveStruck()
	other := (<-second).is(w, 0)
	did := slices.Sorted(slices.Values(slices.Concat(first.done, other.done)))
	w.same("done by somebody", did, w.wanted(down))
	w.url = straight
	w.sound()
}

// failAtN cuts the connection at message 1, 2, 3 and so on of either side, until a
// run is not disturbed any more. After each cut the next run, or the same command
// again, leads to what there is without a disturbance.
func (w *world) failAtN(args ...string) {
	w.orders = orders{Count: 2}
	if w.place == direct {
		w.orders = orders{Shape: "index", Count: 1}
	}
	every := *seeds > 1 // "make faults" cuts in the middle of an answer too
	if every {
		w.orders.Count = 3
	}
	down := args[0] == "down"
	straight := w.url
	w.run("up").is(w, 0)
	if down {
		w.run(args...).is(w, 0)
	}
	want := w.picture()
	undisturbed := w.through(nil)
	w.prepare(down, straight)
	w.url = undisturbed.URL
	w.run(args...).is(w, 0)
	undisturbed.Close()
	for _, fromServer := range []bool{false, true} {
		kinds := undisturbed.Kinds(fromServer)
		for i, kind := range kinds {
			if fromServer && !every && kind != 'Z' {
				continue
			}
			w.prepare(down, straight)
			p := pgproxy.New(w, straight, func(m pgproxy.Message) pgproxy.Fate {
				if m.FromServer == fromServer && m.Number == i+1 {
					w.strike()
					return pgproxy.Cut
				}
				return pgproxy.Pass
			})
			w.url = p.URL
			first := w.run(args...)
			p.Close()
			w.url = straight
			next := w.run(args...)
			w.took(next.took)
			w.consistent()
			if diff := cmp.Diff(want, w.picture()); diff != "" || next.code != 0 {
				w.Errorf("cut at message %d (%c) of %d, from the server: %t; the first run ended with %d and the next one with %d (-want +got):\n%s\n%s%s",
					i+1, kind, len(kinds), fromServer, first.code, next.code, diff, first.out, first.err)
				return
			}
			if first.code != 0 && first.code != 6 {
				w.Errorf("cut at message %d (%c) of %d, from the server: %t; the run ended with %d:\n%s%s", i+1, kind, len(kinds), fromServer, first.code, first.out, first.err)
			}
		}
	}
	w.recovered()
	w.discreet()
}

// prepare brings the database to where the disturbed run begins.
func (w *world) prepare(down bool, straight string) {
	w.Helper()
	w.url = straight
	w.exec("DROP TABLE IF EXISTS effects, leaven_history, leaven_history_log")
	if down {
		w.run("up").is(w, 0)
	}
}

// picture is everything in the database that must be the same.
func (w *world) picture() (lines []string) {
	w.Helper()
	w.scan(`SELECT * FROM (SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
			FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position) a
		UNION ALL SELECT * FROM (SELECT 'index ' || c.relname || ' ' || i.indisvalid || ' ' || pg_get_indexdef(i.indexrelid)
			FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' ORDER BY c.relname) b
		UNION ALL SELECT * FROM (SELECT 'effect ' || v FROM effects ORDER BY id) c
		UNION ALL SELECT * FROM (SELECT 'history ' || id || ' ' || state || ' ' || batch FROM leaven_history ORDER BY seq) d
		UNION ALL SELECT * FROM (SELECT 'logged ' || id || ' ' || action || ' ' || count(*) FROM leaven_history_log WHERE outcome = 'done' GROUP BY id, action ORDER BY id, action) e`, &lines)
	return lines
}

// blackHole: from one moment on nothing arrives any more, in either direction, and
// nobody is told. The server frees the lock when the transaction has idled too
// long, and then a second runner takes over. The first one still waits, and can be
// ended.
func (w *world) blackHole(down bool) {
	w.orders.Idle = idle
	args := w.upOrDown(down)
	straight := w.url
	var lost atomic.Bool
	hole := make(chan struct{})
	victim := fmt.Sprintf("INSERT INTO EFFECTS (V) VALUES (%d)", w.victim(down))
	w.through(func(m pgproxy.Message) pgproxy.Fate {
		if m.FromServer && lost.Load() {
			return pgproxy.Pass
		}
		if !m.FromServer && m.Says(victim) && lost.CompareAndSwap(false, true) {
			close(hole)
			return pgproxy.Hole
		}
		return pgproxy.Pass
	})
	first := w.start(orders{}, append(args, "--grace", "0s")...)
	select {
	case <-hole:
	case <-first.ended:
		w.Fatal("the fault did not come")
	}
	w.strike()
	w.url = straight
	w.takeover(args...)
	w.sound()
	e := first.signalled(syscall.SIGTERM)
	if e.code == 0 {
		w.Errorf("it says that it is done:\n%s%s", e.out, e.err)
	}
	w.sound()
}
