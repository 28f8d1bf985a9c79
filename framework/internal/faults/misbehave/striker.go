package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/uptrace/bun"
)

// striker lets a fault come at one of the program's calls of its database, BEGIN
// and COMMIT among them: the equivalent of a message of a protocol where there is
// no protocol. It says on standard error that it has struck.
type striker struct {
	orders
	calls atomic.Int64
	limit syscall.Rlimit // as it was
}

func newStriker(o orders) *striker {
	s := &striker{orders: o}
	if s.Strike == "write" {
		signal.Ignore(syscall.SIGXFSZ) // the write fails then, and the program goes on
	}
	return s
}

var _ bun.QueryHook = (*striker)(nil)

// BeforeQuery implements bun.QueryHook.
func (s *striker) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	if s.calls.Add(1) != s.At {
		return ctx
	}
	fmt.Fprintf(os.Stderr, "struck at call %d: %s\n", s.At, e.Query)
	switch s.Strike {
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "write":
		// The kernel refuses every write to a file, as a broken disk does.
		must(syscall.Getrlimit(syscall.RLIMIT_FSIZE, &s.limit))
		must(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 0, Max: s.limit.Max}))
	default:
		panic("no such strike: " + s.Strike)
	}
	return ctx
}

// AfterQuery implements bun.QueryHook.
func (s *striker) AfterQuery(context.Context, *bun.QueryEvent) {
	if s.Strike == "write" && s.calls.Load() == s.At {
		must(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &s.limit))
	}
}

func must(err error) {
	if err != nil {
		panic(fmt.Sprint("the limit of files: ", err))
	}
}
