package faults

import (
	"slices"
	"time"
)

var _ = add(
	row{name: "12 race on an empty database", on: everywhere, play: func(w *world) { w.racersOnEmpty(12) }},
	row{name: "50 race with data statements", on: everywhere, play: func(w *world) { w.racersOnEmpty(50) }, alone: true},
	row{name: "50 with nothing pending", on: everywhere, play: (*world).replicas, alone: true, bound: time.Second, figure: "all 50 together"},
	row{name: "up against down", on: everywhere, play: (*world).upAgainstDown},
	row{name: "two up 1", on: everywhere, play: (*world).twoUpOne},
	row{name: "two down 1", on: everywhere, play: (*world).twoDownOne},
)

// gate holds n programs at their start.
func (w *world) gate(n int, args ...string) []*process {
	w.Helper()
	all := make([]*process, n)
	for i := range all {
		all[i] = w.start(orders{Pause: "ready"}, args...)
	}
	for _, p := range all {
		p.await()
	}
	return all
}

// open lets them go at the same moment, and returns how they ended.
func open(all []*process) []ended {
	for _, p := range all {
		p.goOn()
	}
	ends := make([]ended, len(all))
	for i, p := range all {
		ends[i] = p.wait()
	}
	return ends
}

// racersOnEmpty: all succeed, and together they have done each migration once;
// then the same on the way down.
func (w *world) racersOnEmpty(n int) {
	for _, down := range []bool{false, true} {
		args, did := w.upOrDown(down), []string(nil)
		for _, e := range open(w.gate(n, args...)) {
			e.is(w, 0)
			did = append(did, e.done...)
		}
		slices.Sort(did)
		w.same("done by somebody", did, w.wanted(down))
		w.consistent()
	}
	w.sound()
}

// replicas: none has anything to do.
func (w *world) replicas() {
	w.run("up").is(w, 0)
	all := w.gate(50, "up", "--json")
	begun := time.Now()
	for _, e := range open(all) {
		e.is(w, 0)
		w.same("done", e.done, nil)
	}
	w.took(time.Since(begun))
	w.sound()
}

// upAgainstDown: some go up while others go down. One may be told (7) that another
// has built upon what it wanted to revert, or reverted what it wanted to build on.
func (w *world) upAgainstDown() {
	w.run("up").is(w, 0)
	for range 2 {
		ups, downs := w.gate(3, "up"), w.gate(3, "down", "--to", "0001_effect")
		for _, e := range open(slices.Concat(ups, downs)) {
			if e.code != 0 && e.code != 7 {
				e.is(w, 0)
			}
		}
		w.consistent()
	}
	w.sound()
}

// twoUpOne: both want the same one, so one is done.
func (w *world) twoUpOne() {
	w.run("up", "2").is(w, 0)
	first := w.start(orders{Pause: "before 2"}, "up", "1", "--json").await()
	second := w.start(orders{}, "up", "1", "--json")
	if w.postgres() {
		w.until("the second one asks for the lock", "SELECT count(*) > 2 FROM pg_stat_activity WHERE datname = current_database()")
	}
	first.goOn()
	done := slices.Concat(first.wait().is(w, 0).done, second.wait().is(w, 0).done)
	if effects, _ := w.consistent(); len(done) != len(effects)-1 || len(done) > 2 {
		w.Errorf("together they say that they did %v; effects: %v", done, effects)
	}
	w.sound()
}

// twoDownOne: each reverts the newest that it saw; none is reverted twice.
func (w *world) twoDownOne() {
	w.run("up").is(w, 0)
	for _, e := range open(w.gate(2, "down", "1", "--json")) {
		e.is(w, 0)
	}
	w.consistent()
	w.sound()
}
