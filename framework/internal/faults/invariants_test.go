package faults

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// sound is what must hold after every fault, whatever it was. Whoever calls it has
// ended the programs and transactions of the row.
//
//   - Nothing is left: no advisory lock, no open transaction, no scratch table or
//     schema, no scratch database that nobody uses (other tests of this server have
//     theirs).
//   - Each effect happened exactly once and in order, also where it was reverted
//     and happened again.
//   - The history says what the effects say, and so does its log.
//   - The next run ends with 0, does what was left, says so, and nothing else.
//   - After it all of this holds again.
//   - No program has printed a secret, and none has met a data race.
func (w *world) sound() {
	w.Helper()
	before, applied := w.consistent()
	next := w.run("up", "--json")
	if since := w.recovered(); since > 0 {
		w.took(since)
	}
	if next.code != 0 {
		w.Errorf("the next run ended with %d:\n%s%s", next.code, next.out, next.err)
		return
	}
	left := slices.DeleteFunc(w.ids(), func(id string) bool { return slices.Contains(applied, id) })
	w.same("done by the next run", next.done, left)
	after, applied := w.consistent()
	w.same("history after the next run", applied, w.ids())
	if len(after) < len(before) || !slices.Equal(after[:len(before)], before) || len(after)-len(before) > w.count() || top(after) != w.count() {
		w.Errorf("effects before the next run %v, and after it %v", before, after)
	}
	w.discreet()
}

// consistent checks what can be seen without a run. It returns the effects and the
// IDs that are applied.
func (w *world) consistent() (effects []int, applied []string) {
	w.Helper()
	w.nothingLeft()
	effects = w.effects()
	for i, v := range effects {
		if before := top(effects[:i]); v != before+1 && v != -before || v == 0 {
			w.Errorf("effect %d is lost, there twice or out of order: %v", v, effects)
			break
		}
	}
	applied, undecided := w.history()
	if w.has("effects") && !slices.Equal(numbered(applied), upTo(top(effects))) &&
		!slices.ContainsFunc(undecided, func(id string) bool { return slices.Equal(numbered(append(applied, id)), upTo(top(effects))) }) {
		w.Errorf("the history has %v (and undecided %v), the effects are %v", applied, undecided, effects)
	}
	if !w.decided {
		w.logged(effects, undecided)
	}
	return effects, applied
}

// top is the number of the last effect that holds.
func top(effects []int) int {
	if len(effects) == 0 {
		return 0
	}
	if last := effects[len(effects)-1]; last < 0 {
		return -last - 1
	}
	return effects[len(effects)-1]
}

func upTo(n int) (ids []string) {
	for i := 1; i <= n; i++ {
		ids = append(ids, fmt.Sprintf("%04d_effect", i))
	}
	return ids
}

// numbered are those of the IDs that belong to an effect.
func numbered(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !strings.HasSuffix(id, "_effect") })
}

func (w *world) count() int { return or(w.orders.Count, 5) }

// ids are the IDs of the shape, in order.
func (w *world) ids() []string {
	ids := append([]string{"0000_effects"}, upTo(w.count())...)
	if w.orders.Shape == "index" {
		ids = append(ids, "0006_index")
	}
	return ids
}

// effects reads what the migrations wrote, in order.
func (w *world) effects() (effects []int) {
	w.Helper()
	if w.has("effects") {
		w.scan("SELECT v FROM effects ORDER BY id", &effects)
	}
	return effects
}

// history reads the IDs that are applied, in applied order, and the others.
func (w *world) history() (applied, undecided []string) {
	w.Helper()
	if w.has("leaven_history") {
		w.scan("SELECT id FROM leaven_history WHERE state = 'applied' ORDER BY seq", &applied)
		w.scan("SELECT id FROM leaven_history WHERE state <> 'applied' ORDER BY seq", &undecided)
	}
	return applied, undecided
}

// logged checks that the log tells the same story: what was done, as often and in
// the same order as the effects.
func (w *world) logged(effects []int, undecided []string) {
	w.Helper()
	if !w.has("leaven_history_log") {
		return
	}
	var said, want []string
	w.scan("SELECT action || ' ' || id FROM leaven_history_log WHERE outcome = 'done' AND id LIKE '%\\_effect' ESCAPE '\\' ORDER BY seq", &said)
	for i, v := range effects {
		id := fmt.Sprintf("%04d_effect", max(v, -v))
		action := map[bool]string{true: "up ", false: "down "}[v > 0]
		if !slices.Contains(undecided, id) || i < len(effects)-1 {
			want = append(want, action+id)
		}
	}
	if w.has("effects") {
		w.same("the log", said, want)
	}
}

// nothingLeft waits until the server has noticed the end of all that has ended.
func (w *world) nothingLeft() {
	w.Helper()
	if !w.postgres() {
		var scratch []string
		w.scan("SELECT name FROM sqlite_master WHERE name LIKE '%scratch%' OR name LIKE '%leaven_new%'", &scratch)
		w.same("scratch tables", scratch, nil)
		return
	}
	w.until("no lock, no open transaction and no scratch place is left", `SELECT NOT EXISTS (
		SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
		AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE `+others+` AND state LIKE 'idle in transaction%')
		AND NOT EXISTS (SELECT FROM pg_class WHERE relname LIKE '%leaven_scratch%')
		AND NOT EXISTS (SELECT FROM pg_namespace WHERE nspname LIKE '%leaven_scratch%')
		AND NOT EXISTS (SELECT FROM pg_database d WHERE datname LIKE '%leaven_scratch%'
			AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid))`)
}

// discreet looks at all that was printed, and at what the log keeps.
func (w *world) discreet() {
	w.Helper()
	if w.has("leaven_history_log") {
		var kept []string
		w.scan("SELECT message || ' ' || reason FROM leaven_history_log", &kept)
		w.note("the log keeps:\n%s", strings.Join(kept, "\n"))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, text := range w.said {
		for _, secret := range w.secrets() {
			if secret != "" && strings.Contains(text, secret) {
				w.Errorf("the password is in what a program printed:\n%s", text)
			}
		}
		if strings.Contains(text, "DATA RACE") {
			w.Errorf("a data race:\n%s", text)
		}
	}
}

func (w *world) has(table string) bool {
	w.Helper()
	var there []string
	if w.postgres() {
		w.scan("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename = '"+table+"'", &there)
	} else {
		w.scan("SELECT name FROM sqlite_master WHERE name = '"+table+"'", &there)
	}
	return len(there) > 0
}

func (w *world) scan(query string, into any) {
	w.Helper()
	if err := w.db.NewRaw(query).Scan(context.Background(), into); err != nil {
		w.Fatalf("%s: %v", query, err)
	}
}

func (w *world) same(what string, got, want []string) {
	w.Helper()
	if len(got)+len(want) > 0 && !slices.Equal(got, want) {
		w.Errorf("%s (-want +got):\n%s", what, cmp.Diff(want, got))
	}
}

// down reverts all effects but leaves their table, and checks that too.
func (w *world) down() {
	w.Helper()
	w.run("down", "--to", "0000_effects").is(w, 0)
	if effects, applied := w.consistent(); top(effects) != 0 || len(applied) != 1 {
		w.Errorf("down came to %v, %v", effects, applied)
	}
}
