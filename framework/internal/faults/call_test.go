package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
)

// SQLite has no protocol whose messages could be cut. What a program sends to its
// database there are calls, and these rows let the fault come at each of them.
var _ = add(
	row{name: "killed at call N of up", on: onlyFile, steady: true, bound: 2 * time.Second, play: func(w *world) { w.strikeAtN("kill", "up") }},
	row{name: "killed at call N of down", on: onlyFile, steady: true, bound: 2 * time.Second, play: func(w *world) { w.strikeAtN("kill", "down", "--to", "0000_effects") }},
	row{name: "a write fails at call N of up", on: onlyFile, steady: true, play: func(w *world) { w.strikeAtN("write", "up") }},
	row{name: "a write fails at call N of down", on: onlyFile, steady: true, play: func(w *world) { w.strikeAtN("write", "down", "--to", "0000_effects") }},
)

// strikeAtN lets the fault come at call 1, 2, 3 and so on, until a run ends before
// its fault. After each one the same command again leads to what there is without
// a fault. The migrations are in a transaction, outside of one, and a rebuild.
func (w *world) strikeAtN(how string, args ...string) {
	w.orders = orders{Shape: "mixed", Count: 4}
	down := args[0] == "down"
	start := w.fresh("start")
	if down {
		w.run("up").is(w, 0)
	}
	w.fresh("undisturbed", start)
	w.run(args...).is(w, 0)
	want := w.pictureOfFile()
	first, step := 1, 1
	if *seeds == 1 { // "make faults" strikes at every call
		step = 4
		first += w.random.IntN(step)
	}
	for n := first; ; n += step {
		w.fresh(fmt.Sprint("struck-", n), start)
		e := w.start(orders{Strike: how, At: int64(n)}, args...).wait()
		if !strings.Contains(e.err, "struck at call") {
			if n < 20 {
				w.Errorf("the program has no call %d:\n%s%s", n, e.out, e.err)
			}
			w.discreet()
			return
		}
		next := w.run(args...)
		w.took(next.took)
		w.consistent()
		if diff := cmp.Diff(want, w.pictureOfFile()); diff != "" || next.code != 0 {
			w.Errorf("struck at call %d; the first run ended with %d and the next one with %d (-want +got):\n%s\n%s%s\n%s%s", n, e.code, next.code, diff, e.out, e.err, next.out, next.err)
			return
		}
	}
}

// fresh takes a database of its own for what follows: a copy of the one at that
// path, or an empty one. It returns its path.
func (w *world) fresh(name string, of ...string) string {
	w.Helper()
	if err := w.db.Close(); err != nil { // who closes last writes the journal back
		w.Fatal(err)
	}
	w.path = filepath.Join(w.dir, name+".db")
	for _, path := range of {
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if err == nil {
			err = os.WriteFile(w.path, text, 0o644)
		}
		if err != nil {
			w.Fatal(err)
		}
	}
	w.url = "sqlite:" + w.path
	w.db = w.another()
	return w.path
}

// pictureOfFile is picture for SQLite.
func (w *world) pictureOfFile() (lines []string) {
	w.Helper()
	w.scan(`SELECT * FROM (SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master ORDER BY name)
		UNION ALL SELECT * FROM (SELECT 'effect ' || v FROM effects ORDER BY id)
		UNION ALL SELECT * FROM (SELECT 'history ' || id || ' ' || state || ' ' || batch FROM leaven_history ORDER BY seq)
		UNION ALL SELECT * FROM (SELECT 'logged ' || id || ' ' || action || ' ' || count(*) FROM leaven_history_log WHERE outcome = 'done' GROUP BY id, action ORDER BY id, action)`, &lines)
	return lines
}
