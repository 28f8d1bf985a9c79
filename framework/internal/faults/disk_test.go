package faults

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/leavendb/leaven/framework/internal/pgtest"
)

var _ = add(
	row{name: "a full disk", on: onlyDirect, steady: true, play: (*world).fullDisk},
	row{name: "a full disk under SQLite", on: onlyFile, steady: true, play: (*world).fullDiskOfFile},
)

// fullDisk: the third migration writes more than there is room for. It fails, and
// nothing of it remains.
func (w *world) fullDisk() {
	w.at(pgtest.Alone(w))
	disk, mounted := w.smallDisk()
	if !mounted {
		w.shortOfSpace("SELECT pid FROM pg_stat_activity WHERE " + others + " AND state = 'idle in transaction'")
		return
	}
	space := filepath.Join(disk, "space")
	w.exec("COPY (SELECT 1) TO PROGRAM 'mkdir "+space+" && cat > /dev/null'", "CREATE TABLESPACE small LOCATION '"+space+"'",
		"ALTER DATABASE postgres SET default_tablespace = small")
	w.start(orders{Deed: "large"}, "up").wait().is(w, 1, "53100", "0003_effect")
	w.sound() // without the deed there is room
	w.start(orders{Deed: "large"}, "down", "--to", "0000_effects").wait().is(w, 1, "53100", "0003_effect")
	if effects, _ := w.consistent(); top(effects) != 3 {
		w.Errorf("it stands at %d, not at 3", top(effects))
	}
	w.exec("ALTER DATABASE postgres RESET default_tablespace")
	w.sound()
}

func (w *world) fullDiskOfFile() {
	disk, mounted := w.smallDisk()
	if !mounted {
		w.shortOfSpace("")
		return
	}
	ballast := filepath.Join(disk, "ballast")
	fill := func(size int) {
		if err := os.WriteFile(ballast, make([]byte, size), 0o644); err != nil {
			w.Fatal(err)
		}
	}
	makeRoom := func() {
		if err := os.Remove(ballast); err != nil {
			w.Fatal(err)
		}
	}
	fill(8 << 20)
	w.path = filepath.Join(disk, "app.db")
	w.url = "sqlite:" + w.path
	w.db = w.another()
	w.start(orders{Deed: "large"}, "up").wait().is(w, 1, "0003_effect")
	makeRoom()
	w.sound()
	fill(4 << 20) // the journal keeps what it had
	w.start(orders{Deed: "large"}, "down", "--to", "0000_effects").wait().is(w, 1, "0003_effect")
	if effects, _ := w.consistent(); top(effects) != 3 {
		w.Errorf("it stands at %d, not at 3", top(effects))
	}
	makeRoom()
	w.sound()
}

// smallDisk mounts a disk of 16 MB, where we may.
func (w *world) smallDisk() (dir string, mounted bool) {
	dir = filepath.Join(w.dir, "disk")
	if err := os.Mkdir(dir, 0o777); err != nil {
		w.Fatal(err)
	}
	if exec.Command("mount", "-t", "tmpfs", "-o", "size=16m,mode=1777", "tmpfs", dir).Run() != nil {
		return dir, false
	}
	w.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			w.Errorf("umount: %v\n%s", err, out)
		}
	})
	return dir, true
}

// shortOfSpace stands for a small disk where we may not mount one: the kernel
// refuses a process, which the query names or which is the program's own, to make
// a file larger than 16 MB.
func (w *world) shortOfSpace(query string) {
	p := w.start(orders{Deed: "large", Pause: "before 3"}, "up").await()
	pid := p.cmd.Process.Pid
	if query != "" {
		var pids []int
		w.scan(query, &pids)
		pid = pids[0]
	}
	if out, err := exec.Command("prlimit", "--fsize=16777216", "--pid", strconv.Itoa(pid)).CombinedOutput(); err != nil {
		w.Fatalf("there is no small disk to be had: run the tests as root, or install prlimit (util-linux): %v\n%s", err, out)
	}
	p.goOn()
	if e := p.wait(); e.code == 0 {
		w.Errorf("it says that it is done:\n%s", e.out)
	}
	w.sound()
}
