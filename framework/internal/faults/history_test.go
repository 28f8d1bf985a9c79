package faults

import (
	"slices"
)

var _ = add(
	row{name: "an old program on a newer database", on: everywhere, steady: true, play: (*world).oldProgram},
	row{name: "a gap in the program", on: everywhere, steady: true, play: func(w *world) { w.refused("gap", 0, "0002_effect") }},
	row{name: "two heads", on: everywhere, steady: true, play: (*world).twoHeads},
	row{name: "one ID twice", on: everywhere, steady: true, play: func(w *world) { w.refused("twice", 7, "0003_effect", "twice") }},
	row{name: "an edited migration", on: everywhere, steady: true, play: (*world).edited},
	row{name: "an irreversible migration on the way down", on: everywhere, steady: true, play: (*world).irreversible},
	row{name: "a row of the history deleted", on: everywhere, steady: true, play: func(w *world) {
		w.tampered("DELETE FROM leaven_history WHERE id = '0002_effect'", "INSERT INTO leaven_history SELECT * FROM kept WHERE id = '0002_effect'", "0002_effect")
	}},
	row{name: "the newest row of the history deleted", on: everywhere, steady: true, play: func(w *world) {
		w.tampered("DELETE FROM leaven_history WHERE id = '0005_effect'", "INSERT INTO leaven_history SELECT * FROM kept WHERE id = '0005_effect'", "0005_effect")
	}},
	row{name: "a row of the history added", on: everywhere, steady: true, play: func(w *world) {
		w.tampered("INSERT INTO leaven_history (seq, id, state) VALUES (-1, '0002_stranger', 'applied')", "DELETE FROM leaven_history WHERE id = '0002_stranger'", "0002_stranger")
	}},
	row{name: "a row of the history renamed", on: everywhere, steady: true, play: func(w *world) {
		w.tampered("UPDATE leaven_history SET id = '0003_changed' WHERE id = '0003_effect'", "UPDATE leaven_history SET id = '0003_effect' WHERE id = '0003_changed'", "0003_effect")
	}},
	row{name: "a state in the history changed", on: everywhere, steady: true, play: func(w *world) {
		w.tampered("UPDATE leaven_history SET state = 'running' WHERE id = '0005_effect'", "UPDATE leaven_history SET state = 'applied' WHERE id = '0005_effect'", "0005_effect")
	}},
	row{name: "the history dropped", on: everywhere, steady: true, play: (*world).dropped},
)

// oldProgram: with nothing of its own to do it goes on with a warning, so that a
// rolling deploy can restart old pods; it does not touch what it does not know.
func (w *world) oldProgram() {
	w.run("up").is(w, 0)
	old := orders{Count: 4}
	w.start(old, "up").wait().is(w, 0, "0005_effect")
	w.start(old, "up", "--strict").wait().is(w, 7, "0005_effect")
	w.start(old, "down").wait().is(w, 7, "0005_effect")
	w.sound()
}

// refused: the program's own migrations have a fault, found before any write. Code
// 0 means that the fault is one only on a database that has more.
func (w *world) refused(shape string, code int, words ...string) {
	if code == 0 {
		code = 7
		w.run("up").is(w, 0)
	}
	w.start(orders{Shape: shape}, "up").wait().is(w, code, words...)
	w.sound()
	w.start(orders{Shape: shape}, "down", "--to", "0001_effect").wait().is(w, 7, words...)
	if effects, _ := w.consistent(); top(effects) != 5 {
		w.Errorf("something was reverted: %v", effects)
	}
}

// twoHeads: where up does not know which way to go, down does.
func (w *world) twoHeads() {
	w.start(orders{Shape: "heads"}, "up").wait().is(w, 7, "merge", "rebase")
	w.sound()
	w.start(orders{Shape: "heads"}, "down", "--to", "0001_effect").wait().is(w, 0)
	w.sound()
}

func (w *world) edited() {
	w.orders.Shape = "sources"
	w.run("up", "3").is(w, 0)
	w.run("up").is(w, 0)
	w.down()
	w.run("up", "--to", "0003_effect").is(w, 0)
	w.start(orders{Shape: "edited"}, "up").wait().is(w, 7, "0003_effect", "edited")
	w.sound()
	w.start(orders{Shape: "edited"}, "down", "--to", "0000_effects").wait().is(w, 0, "0003_effect was edited")
	w.consistent()
	w.sound()
}

func (w *world) irreversible() {
	w.orders.Shape = "final"
	w.run("up").is(w, 0)
	w.run("down", "--to", "0000_effects").is(w, 9, "0003_effect", "the old rows are gone")
	if effects, _ := w.consistent(); top(effects) != 5 {
		w.Errorf("something was reverted: %v", effects)
	}
	w.sound()
}

// tampered: somebody has changed the history by hand. It is found before any
// write, by up and by down, and once it is put back all is well.
func (w *world) tampered(change, back string, words ...string) {
	w.Helper()
	w.run("up").is(w, 0)
	w.exec("CREATE TABLE kept AS SELECT * FROM leaven_history", change)
	effects := w.effects()
	w.run("up").is(w, 7, words...)
	w.run("down", "base").is(w, 7, words...)
	if now := w.effects(); !slices.Equal(now, effects) {
		w.Errorf("effects were %v and are %v", effects, now)
	}
	w.exec(back)
	w.sound()
}

// dropped: without a history everything seems to be pending; what it finds made
// already stops it, and nothing is there twice.
func (w *world) dropped() {
	w.run("up").is(w, 0)
	w.exec("CREATE TABLE kept AS SELECT * FROM leaven_history", "DROP TABLE leaven_history")
	e := w.run("up")
	if e.code == 0 {
		w.Errorf("it did it all again:\n%s%s", e.out, e.err)
	}
	if e := w.run("down", "base"); e.code == 0 {
		w.Errorf("it says that it has reverted everything:\n%s%s", e.out, e.err)
	}
	if now := w.effects(); top(now) != 5 || len(now) != 5 {
		w.Errorf("effects are %v", now)
	}
	w.decided = true
	w.run("stamp", "head").is(w, 0)
	w.sound()
}
