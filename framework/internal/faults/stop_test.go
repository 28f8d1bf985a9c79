package faults

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"
)

// idle is how long a transaction may idle in the rows that wait for its end. The
// real default, a minute, is played by the slow rows.
const idle = time.Second

var _ = add(
	row{name: "SIGTERM once", on: everywhere, play: func(w *world) { w.asked(syscall.SIGTERM, 143) }},
	row{name: "SIGINT once", on: everywhere, play: func(w *world) { w.asked(syscall.SIGINT, 130) }},
	row{name: "SIGTERM once and the grace is over", on: everywhere, play: func(w *world) { w.urged("100ms", 143, syscall.SIGTERM) }},
	row{name: "SIGTERM twice", on: everywhere, play: func(w *world) { w.urged("1h", 143, syscall.SIGTERM, syscall.SIGTERM) }},
	row{name: "SIGTERM twice in a concurrent index", on: onlyDirect, play: func(w *world) { w.urgedInIndex(false) }},
	row{name: "SIGTERM twice in a concurrent index of down", on: onlyDirect, play: func(w *world) { w.urgedInIndex(true) }},
	row{name: "SIGSTOP in a transaction", on: postgres, bound: idle + 3*time.Second, figure: "takeover by a second runner", play: func(w *world) { w.stopped("", idle, false) }},
	row{name: "SIGSTOP outside a transaction", on: onlyDirect, bound: idle + 3*time.Second, figure: "takeover by a second runner", play: func(w *world) { w.stopped("rerunnable", idle, false) }},
	row{name: "SIGSTOP outside a transaction of down", on: onlyDirect, bound: idle + 3*time.Second, figure: "takeover by a second runner", play: func(w *world) { w.stopped("rerunnable", idle, true) }},
	row{name: "SIGSTOP in a down", on: postgres, bound: idle + 3*time.Second, figure: "takeover by a second runner", play: func(w *world) { w.stopped("", idle, true) }},
	row{name: "SIGSTOP between two migrations", on: everywhere, play: func(w *world) { w.stoppedBetween(false) }},
	row{name: "SIGSTOP between two of down", on: everywhere, play: func(w *world) { w.stoppedBetween(true) }},
	row{name: "SIGSTOP with the real idle timeout", on: onlyDirect, slow: true, bound: 63 * time.Second, figure: "takeover by a second runner", play: func(w *world) { w.stopped("", 0, false) }},
	row{name: "SIGSTOP outside a transaction with the real idle timeout", on: onlyDirect, slow: true, bound: 63 * time.Second, figure: "takeover by a second runner", play: func(w *world) { w.stopped("rerunnable", 0, false) }},
)

// asked: the running migration may finish, and no other begins.
func (w *world) asked(s syscall.Signal, code int) {
	p := w.start(orders{Pause: "after 3"}, "up").await()
	p.signal(s)
	p.saysStopping()
	p.goOn()
	p.wait().is(w, code, "0003_effect")
	if effects, _ := w.consistent(); top(effects) != 3 {
		w.Errorf("it stands at %d, not at 3", top(effects))
	}
	w.sound()
	p = w.start(orders{Pause: "after -3"}, "down", "--to", "0000_effects").await()
	p.signal(s)
	p.saysStopping()
	p.goOn()
	p.wait().is(w, code)
	if effects, _ := w.consistent(); top(effects) != 2 {
		w.Errorf("it stands at %d, not at 2", top(effects))
	}
	w.sound()
}

// saysStopping waits until the program has heard the signal.
func (p *process) saysStopping() {
	p.w.Helper()
	for deadline := time.Now().Add(p.w.hangs); !strings.Contains(p.err.String(), "stopping: no new migration begins"); {
		if time.Now().After(deadline) {
			p.w.Fatalf("%s does not say that it stops", p.name)
		}
		time.Sleep(time.Millisecond) // looks again
	}
}

// urged: the running statement is cancelled on the server too.
func (w *world) urged(grace string, code int, signals ...syscall.Signal) {
	for _, down := range []bool{false, true} {
		w.urgedIn(down, grace, code, signals...)
	}
}

func (w *world) urgedIn(down bool, grace string, code int, signals ...syscall.Signal) {
	args := append(slices.DeleteFunc(w.upOrDown(down), func(arg string) bool { return arg == "--json" }), "--grace", grace) // in JSON it does not say that it stops
	p := w.start(orders{Deed: "sleep", Pause: third("before", down)}, args...).await()
	p.goOn()
	if w.postgres() {
		w.until("the statement runs", runs("%pg_sleep%"))
	}
	w.doze(20)
	w.strike()
	for i, s := range signals {
		p.signal(s)
		if i == 0 {
			p.saysStopping()
		}
	}
	p.wait().is(w, code, "0003_effect")
	if w.postgres() {
		w.until("nothing runs any more", "SELECT NOT ("+runs("%pg_sleep%")+")")
	}
	w.sound()
}

func (w *world) urgedInIndex(down bool) {
	p, tx := w.inIndex(down)
	w.strike()
	p.signal(syscall.SIGTERM)
	p.saysStopping()
	p.signalled(syscall.SIGTERM).is(w, 143)
	if err := tx.Rollback(); err != nil {
		w.Fatal(err)
	}
	if down {
		w.indexGone()
	}
	w.sound()
	w.until("the index is valid", "SELECT indisvalid FROM pg_index WHERE indexrelid = 'effects_v'::regclass")
}

// stopped: a frozen holder of the lock does not keep others waiting for ever, and
// when it wakes it commits nothing.
func (w *world) stopped(shape string, limit time.Duration, down bool) {
	w.orders.Shape, w.orders.Idle = shape, limit
	args, victim := w.upOrDown(down), w.victim(down)
	point := fmt.Sprint("after ", victim)
	if shape != "" {
		point = third("after", down)
	}
	p := w.start(orders{Pause: point}, args...).await()
	p.signal(syscall.SIGSTOP)
	w.strike()
	w.takeover(args...)
	p.signal(syscall.SIGCONT)
	p.goOn()
	e := p.wait()
	if id := fmt.Sprintf("%04d_effect", max(victim, -victim)); shape == "" && slices.Contains(e.done, id) {
		w.Errorf("the stopped one says that it did %v", e.done)
	}
	if effects, _ := w.consistent(); down && top(effects) != 0 {
		w.Errorf("it stands at %d, not at 0", top(effects))
	}
	w.sound()
}

// takeover is a second runner's, beside one that is stopped.
func (w *world) takeover(args ...string) {
	w.Helper()
	w.run(args...).is(w, 0)
	w.took(w.recovered())
}

// stoppedBetween: who holds no lock keeps nobody waiting.
func (w *world) stoppedBetween(down bool) {
	args := w.upOrDown(down)
	p := w.start(orders{Pause: fmt.Sprint("between ", w.victim(down))}, args...).await()
	p.signal(syscall.SIGSTOP)
	w.strike()
	w.takeover(args...)
	p.signal(syscall.SIGCONT)
	p.goOn()
	p.wait().is(w, 0)
	w.sound()
}
