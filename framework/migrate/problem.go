package migrate

import (
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

func (f *faults) add(e entry, format string, args ...any) {
	p := Problem{ID: e.ID, Message: fmt.Sprintf(format, args...), Where: e.place.String()}
	*f = append(*f, fault{p, e.place})
}

// check adds what is wrong with one migration by itself.
func (f *faults) check(e entry) {
	if err := checkID(e.ID); err != nil {
		f.add(e, "%v", err)
	}
	name := e.ID
	if name == "" {
		name = "the migration"
	}
	for _, c := range []struct {
		wrong bool
		text  string
	}{
		{e.Up == nil && e.Change.IsZero(), "has neither Up nor Change: give it one"},
		{e.Up != nil && !e.Change.IsZero(), "has both Up and Change: keep one"},
		{e.Down != nil && !e.Change.IsZero(), "has both Down and Change: keep one"},
		{e.Change.missing() > 0, fmt.Sprintf("has a Change whose operation %d is nil", e.Change.missing())},
		{e.Rerunnable && !e.NoTx, "is Rerunnable without NoTx: a transaction needs no Rerunnable"},
		{e.LockTimeout < 0, "has a negative LockTimeout"},
		{e.IdleTimeout < 0, "has a negative IdleTimeout"},
	} {
		if c.wrong {
			f.add(e, "%s %s", name, c.text)
		}
	}
}

func (f faults) sorted() []Problem {
	slices.SortFunc(f, func(a, b fault) int {
		if c := strings.Compare(a.ID, b.ID); c != 0 {
			return c
		}
		if c := strings.Compare(a.path, b.path); c != 0 {
			return c
		}
		if a.line != b.line {
			return a.line - b.line
		}
		return strings.Compare(a.Message, b.Message)
	})
	var problems []Problem
	for _, p := range f {
		problems = append(problems, p.Problem)
	}
	return problems
}
