package migratetest

import (
	"bytes"
	"context"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// label is what a migration's goroutines are known by: those that it begins have
// it too. Other tests, which run beside this one, and drivers have it not.
const label = "migratetest"

// leakLimit is how long what a migration began may go on after it has returned.
const leakLimit = 2 * time.Second

// labelled are the options with every function of a migration labelled, for one
// walk: others may run the same migrations meanwhile.
func (s *Set) labelled(walk string) migrate.Options {
	o := s.Options
	o.Registry = migrate.NewRegistry()
	o.Sources = nil // what is registered here is none of those files
	for _, m := range s.registry().Migrations() {
		m.Up, m.Down = labelled(walk+m.ID, m.Up), labelled(walk+m.ID, m.Down)
		o.Registry.RegisterFile(m, migrate.File{Path: m.ID + ".go"})
	}
	return o
}

func labelled(value string, fn migrate.Func) migrate.Func {
	if fn == nil {
		return nil
	}
	return func(ctx context.Context, db bun.IDB) (err error) {
		pprof.Do(ctx, pprof.Labels(label, value), func(ctx context.Context) { err = fn(ctx, db) })
		return err
	}
}

// noLeaks fails the test where a goroutine of the migration does not end.
func (w *walk) noLeaks(id string) {
	w.Helper()
	pause := time.Millisecond
	for deadline := time.Now().Add(leakLimit); ; pause *= 2 {
		left := goroutinesOf(w.label + id)
		if left == "" {
			return
		}
		if time.Now().After(deadline) {
			w.Errorf("%s has left a goroutine:\n%s", id, left)
			return
		}
		select {
		case <-w.Context().Done():
			return
		case <-time.After(pause):
		}
	}
}

// goroutinesOf are the stacks that are labelled so; empty: there are none.
func goroutinesOf(value string) string {
	var all bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&all, 1); err != nil {
		return ""
	}
	var found []string
	for stack := range strings.SplitSeq(all.String(), "\n\n") {
		if strings.Contains(stack, `"`+label+`":"`+value+`"`) {
			found = append(found, stack)
		}
	}
	return strings.Join(found, "\n\n")
}
