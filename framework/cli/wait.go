package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) waitCommand() *cobra.Command {
	var limit time.Duration
	return p.verb(leaf{
		use: "wait", group: groupAbout, codes: lookCodes,
		short:   "Wait until the database answers",
		long:    "Tries until the server answers, at most --for. A wrong password or a wrong address does\nnot get better: then it ends at once.",
		example: "  {migrate} wait\n  {migrate} wait --for 60s && {migrate} up",
		flags: func(fs *pflag.FlagSet) {
			fs.DurationVar(&limit, "for", time.Minute, "how long")
		},
		do: func(c *call) (view, error) {
			if limit < 0 {
				return nil, misuse("--for cannot be negative", "use a duration such as --for 60s")
			}
			return c.look(func() (view, error) { return c.wait(limit) })
		},
	})
}

type waitView struct {
	Database  string      `json:"database"`
	Server    *serverView `json:"server"`
	ElapsedMS int64       `json:"elapsed_ms"`
	elapsed   time.Duration
}

func (v *waitView) show(c *call) {
	c.out.line(fmt.Sprintf("%s %s answers, after %s.", v.Server.Product, v.Server.Version, took(v.elapsed)))
}

func newServerView(s dialect.Server) *serverView {
	return &serverView{Product: s.Product, Version: s.Version, Database: s.Database, User: s.User, ReadOnly: s.ReadOnly}
}

func (c *call) wait(limit time.Duration) (view, error) {
	if _, err := c.open(); err != nil {
		return nil, err
	}
	c.header()
	began := c.now()
	ctx, cancel := context.WithTimeout(c.ctx, limit)
	defer cancel()
	pause, said := 100*time.Millisecond, began
	var reason error
	for {
		s, err := c.reachable(ctx, max(limit, time.Second))
		if err == nil {
			elapsed := c.now().Sub(began)
			return &waitView{Database: c.link.Shown, Server: newServerView(s), ElapsedMS: elapsed.Milliseconds(), elapsed: elapsed}, nil
		}
		if c.ctx.Err() != nil {
			return nil, &migrate.StoppedError{Err: context.Cause(c.ctx)}
		}
		if !c.mayPass(err) {
			return nil, err
		}
		if reason == nil || ctx.Err() == nil { // a try that was cut short tells less than the one before it
			reason = err
		}
		if !c.wantsJSON() && c.now().Sub(said) >= sayEvery {
			said = c.now()
			c.err.line("  still waiting: " + c.scrub(oneLine(err.Error())))
		}
		select {
		case <-ctx.Done():
			return nil, c.waited(reason, limit)
		case <-time.After(pause):
			pause = min(pause*2, time.Second)
		}
	}
}

// mayPass reports whether waiting can help against an error.
func (c *call) mayPass(err error) bool {
	var refused *refusal
	if errors.As(err, &refused) {
		return false
	}
	switch c.classify(err).Class {
	case dialect.Auth, dialect.TLS, dialect.NoPrivilege:
		return false
	}
	return true
}

// waited says that the time is over, with the last reason.
func (c *call) waited(err error, limit time.Duration) error {
	e := c.explainOther(err)
	if len(e.Next) == 0 || e.code != codeDatabase {
		e = c.explainDatabase(&migrate.DatabaseError{Kind: migrate.ErrUnreachable, Fault: c.classify(err), Err: err})
	}
	e.Next = slices.DeleteFunc(e.Next, func(n string) bool { return strings.Contains(n, "{migrate} wait") }) // that is what was done
	return &refusal{code: codeDatabase, what: "the database did not answer within " + took(limit) + ": " + c.link.Shown, why: e.Why, next: e.Next}
}
