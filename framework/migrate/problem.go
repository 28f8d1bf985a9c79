package migrate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// faults collects problems together with what sorts them.
type faults []fault

type fault struct {
	Problem
	place
}

func (f *faults) add(e *entry, format string, args ...any) {
	p := Problem{ID: e.ID, Message: fmt.Sprintf(format, args...), Where: e.place.String()}
	*f = append(*f, fault{p, e.place})
}

// check adds what is wrong with one migration by itself.
func (f *faults) check(e *entry) {
	if e.err != nil {
		f.add(e, "%v", e.err)
		return // what it is not tells nothing
	}
	if err := checkID(e.ID); err != nil {
		f.add(e, "%v", err)
	}
	wrong := func(is bool, text string) {
		if is {
			f.add(e, "%s %s", cmp.Or(e.ID, "the migration"), text)
		}
	}
	change := !e.Change.IsZero()
	wrong(e.Up == nil && !change, "has neither Up nor Change: give it one")
	wrong(e.Up != nil && change, "has both Up and Change: keep one")
	wrong(e.Down != nil && change, "has both Down and Change: keep one")
	wrong(e.Rerunnable && !e.NoTx, "is Rerunnable without NoTx: a transaction needs no Rerunnable")
	wrong(e.LockTimeout < 0, "has a negative LockTimeout")
	wrong(e.IdleTimeout < 0, "has a negative IdleTimeout")
	if n := e.Change.missing(); n > 0 {
		wrong(true, fmt.Sprintf("has a Change whose operation %d is nil", n))
	}
}

func (f faults) sorted() []Problem {
	slices.SortFunc(f, func(a, b fault) int {
		return cmp.Or(
			strings.Compare(a.ID, b.ID), strings.Compare(a.path, b.path),
			cmp.Compare(a.line, b.line), strings.Compare(a.Message, b.Message))
	})
	var problems []Problem
	for _, p := range f {
		problems = append(problems, p.Problem)
	}
	return problems
}
