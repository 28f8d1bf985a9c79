package faults

import (
	"os"
	"path/filepath"
	"syscall"
)

var _ = add(
	row{name: "a directory that may not be written", on: onlyFile, steady: true, play: (*world).readOnlyDirectory},
	row{name: "another program writes", on: onlyFile, steady: true, play: (*world).busyFile},
	row{name: "another program writes for too long", on: onlyFile, steady: true, play: (*world).busyForLong},
)

func (w *world) readOnlyDirectory() {
	dir := filepath.Join(w.dir, "theirs")
	if err := os.Mkdir(dir, 0o755); err != nil {
		w.Fatal(err)
	}
	w.path = filepath.Join(dir, "app.db")
	w.url = "sqlite:" + w.path
	w.db = w.another()
	w.run("up", "3").is(w, 0)
	w.note("from here on it may not be written")
	before := w.effects()
	for _, mode := range []os.FileMode{0o555, 0o755} {
		if err := os.Chmod(dir, mode); err != nil {
			w.Fatal(err)
		}
		if mode != 0o555 {
			break
		}
		w.as = ordinary(w)
		w.run("up").is(w, 6)
		w.run("down", "1").is(w, 6)
		w.as = nil
	}
	if now := w.effects(); len(now) != len(before) {
		w.Errorf("effects were %v and are %v", before, now)
	}
	w.sound()
}

// ordinary is an account that may not write what others own; nil: we are one.
func ordinary(w *world) *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	return &syscall.Credential{Uid: 65534, Gid: 65534}
}

// busyFile: it waits for the other one to end.
func (w *world) busyFile() {
	for _, down := range []bool{false, true} {
		args := w.upOrDown(down)
		tx := w.begin("CREATE TABLE theirs (x int)")
		p := w.start(orders{}, args...)
		w.doze(400)
		if err := tx.Rollback(); err != nil {
			w.Fatal(err)
		}
		p.wait().is(w, 0)
		w.consistent()
	}
	w.sound()
}

func (w *world) busyForLong() {
	w.run("up", "2").is(w, 0)
	tx := w.begin("CREATE TABLE theirs (x int)")
	w.run("up", "--lock-wait", "200ms").is(w, 5)
	w.run("down", "1", "--lock-wait", "200ms").is(w, 5)
	if err := tx.Rollback(); err != nil {
		w.Fatal(err)
	}
	w.sound()
}
