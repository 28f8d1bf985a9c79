package faults

import (
	"fmt"
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
	row{name: "SIGTERM twice in a concurrent index", on: onlyDirect, play: (*world).urgedInIndex},
	row{name: "SIGSTOP in a transaction", on: postgres, bound: idle + 3*time.Second, figure: "takeover by a second runner", play: func(w *world) { w.stopped("", idle) }},
	row{name: "SIGSTOP outside a transaction", on: onlyDirect, bound: idle + 3*time.Second, figure: "takeover by a second runner", play: func(w *world) { w.stopped("rerunnable", idle) }},
	row{name: "SIGSTOP in a down", on: postgres, bound: idle + 3*time.Second, figure: "takeover by a second runner", play: (*world).stoppedDown},
	row{name: "SIGSTOP between two migrations", on: everywhere, play: (*world).stoppedBetween},
	row{name: "SIGSTOP with the real idle timeout", on: onlyDirect, slow: true, bound: 63 * time.Second, figure: "takeover by a second runner", play: func(w *world) { w.stopped("", 0) }},
	row{name: "SIGSTOP outside a transaction with the real idle timeout", on: onlyDirect, slow: true, bound: 63 * time.Second, figure: "takeover by a second runner", play: func(w *world) { w.stopped("rerunnable", 0) }},
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
	for deadline := time.Now().Add(patience); !strings.Contains(p.err.String(), "stopping: no new migration begins"); {
		if time.Now().After(deadline) {
			p.w.Fatalf("%s does not say that it stops", p.name)
		}
		time.Sleep(time.Millisecond) // looks again
	}
}

// urged: the running statement is cancelled on the server too.
func (w *world) urged(grace string, code int, signals ...syscall.Signal) {
	p := w.start(orders{Deed: "sleep", Pause: "before 3"}, "up", "--grace", grace).await()
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

func (w *world) urgedInIndex() {
	p, tx := w.inIndex()
	w.strike()
	p.signal(syscall.SIGTERM)
	p.saysStopping()
	p.signalled(syscall.SIGTERM).is(w, 143)
	if err := tx.Rollback(); err != nil {
		w.Fatal(err)
	}
	w.sound()
	w.until("the index is valid", "SELECT indisvalid FROM pg_index WHERE indexrelid = 'effects_v'::regclass")
}

// stopped: a frozen holder of the lock does not keep others waiting for ever, and
// when it wakes it commits nothing.
func (w *world) stopped(shape string, limit time.Duration) {
	w.orders.Shape, w.orders.Idle = shape, limit
	number := 3
	if shape == "" {
		number = 1 + w.random.IntN(5)
	}
	p := w.start(orders{Pause: fmt.Sprint("after ", number)}, "up", "--json").await()
	p.signal(syscall.SIGSTOP)
	w.strike()
	w.takeover("up")
	p.signal(syscall.SIGCONT)
	p.goOn()
	e := p.wait()
	if len(e.done) > number {
		w.Errorf("the stopped one says that it did %v", e.done)
	}
	w.sound()
}

// takeover is a second runner's, beside one that is stopped.
func (w *world) takeover(args ...string) {
	w.Helper()
	w.run(args...).is(w, 0)
	w.took(w.recovered())
}

func (w *world) stoppedDown() {
	w.orders.Idle = idle
	w.run("up").is(w, 0)
	p := w.start(orders{Pause: fmt.Sprint("after -", 1+w.random.IntN(5))}, "down", "--to", "0000_effects").await()
	p.signal(syscall.SIGSTOP)
	w.strike()
	w.takeover("down", "--to", "0000_effects")
	p.signal(syscall.SIGCONT)
	p.goOn()
	p.wait()
	if effects, _ := w.consistent(); top(effects) != 0 {
		w.Errorf("it stands at %d, not at 0", top(effects))
	}
	w.sound()
}

// stoppedBetween: who holds no lock keeps nobody waiting.
func (w *world) stoppedBetween() {
	p := w.start(orders{Pause: fmt.Sprint("between ", 1+w.random.IntN(4))}, "up", "--json").await()
	p.signal(syscall.SIGSTOP)
	w.strike()
	w.sound()
	p.signal(syscall.SIGCONT)
	p.goOn()
	p.wait().is(w, 0)
	w.sound()
}
