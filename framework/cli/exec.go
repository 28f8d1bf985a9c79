package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// execFlags say what happens before a program starts.
type execFlags struct {
	run     runFlags
	onStart choice // a migrate.Mode
	limit   time.Duration
	log     string // where the termination log is
}

func (p *program) execCommand() *cobra.Command {
	var f execFlags
	cmd := p.verb(leaf{
		use: "exec [flags] -- COMMAND [ARG...]", aliases: []string{"entrypoint"}, group: groupRun, max: -1, codes: execCodes,
		short: "Migrate, then become another program",
		long: "For the entrypoint of a container. Waits for the server where it does not answer yet,\n" +
			"brings the database to this program's version, and then becomes COMMAND: the same\n" +
			"process, with its signals and its exit code. COMMAND does not start when that failed;\n" +
			"the reason is then also in the termination log, where Kubernetes shows it.\n\n" +
			"MIGRATE_ON_START, or --on-start, says how: apply what is pending (also called up),\n" +
			"wait until somebody else has, require that it is applied (also called check), or off.\n" +
			"Where nothing is pending it costs one read of the database. Where the tables were made\n" +
			"before there were migrations, --baseline=auto records first what the database has.\n\n" +
			"There is no --json: the output is that of COMMAND, and what comes before it goes to\n" +
			"standard error.",
		example: "  {migrate} exec -- /shop serve\n  {migrate} exec --baseline=auto -- /shop serve\n  MIGRATE_ON_START=wait {migrate} exec --for 5m -- /shop",
		flags: func(fs *pflag.FlagSet) {
			f.onStart = choice{of: []string{"apply", "up", "wait", "require", "check", "off"}, is: string(migrate.ModeApply)}
			fs.Var(&f.onStart, "on-start", "what is done before COMMAND starts")
			fs.DurationVar(&f.limit, "for", time.Minute, "how long to wait for a server that does not answer")
			fs.StringVar(&f.log, "termination-log", terminationLog, "the `file` that gets the reason when COMMAND does not start")
			f.run.define(fs)
			f.run.defineBaseline(fs)
			fs.Lookup("events").Hidden = true // the output is that of COMMAND
		},
		do: func(c *call) (view, error) { return nil, c.exec(&f) },
	})
	cmd.Flags().SetInterspersed(false) // flags behind COMMAND are its own
	return cmd
}

// exec does what comes first, and then does not return: unless something is wrong.
func (c *call) exec(f *execFlags) error {
	told := watchForStop()
	var program string
	_, err := c.safely(func(*call) (view, error) {
		var err error
		if program, err = c.successor(f); err != nil {
			return nil, err
		}
		c.out = c.err // standard output is the program's
		v, err := c.bring(f)
		if err != nil || v == nil {
			return nil, err
		}
		return nil, c.finish(v, nil)
	})
	if err == nil {
		if c.signal = told(); c.signal != 0 {
			err = &migrate.StoppedError{State: c.args[0] + " was not started"}
		}
	}
	if err == nil {
		c.close()
		err = c.become(program)
	}
	c.tellTerminationLog(f.log)
	return err
}

// successor finds the program to become, before anything is done for it.
func (c *call) successor(f *execFlags) (string, error) {
	switch {
	case c.wantsJSON():
		return "", misuse("exec writes no documents: its output is that of the program that it becomes", "leave --json and --events out; for a log in JSON, set LOG_FORMAT=json")
	case len(c.args) == 0:
		return "", misuse("exec needs a program to become", "name it behind two dashes: {migrate} exec -- /shop")
	case f.limit < 0:
		return "", misuse("--for cannot be negative", "use a duration such as --for 60s")
	}
	path, err := exec.LookPath(c.args[0])
	if err != nil {
		return "", &refusal{code: codeUsage, what: fmt.Sprintf("there is no program %q to become", c.args[0]), why: []string{whyNoProgram(err)},
			next: []string{"name a program of this image behind two dashes: {migrate} exec -- /shop"}}
	}
	return path, nil
}

// whyNoProgram is why the system does not find a program.
func whyNoProgram(err error) string {
	var (
		path *fs.PathError
		look *exec.Error
	)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "no folder in PATH has it"
	case errors.As(err, &path):
		return path.Err.Error()
	case errors.As(err, &look):
		return look.Err.Error()
	}
	return err.Error()
}

// bring brings the database to this program's version, in the way that was asked
// for; the view is nil where there is nothing to show.
func (c *call) bring(f *execFlags) (view, error) {
	mode, err := migrate.ParseMode(f.onStart.is)
	if err != nil || mode == migrate.ModeOff {
		return nil, err
	}
	if len(c.known()) == 0 && len(c.problems()) == 0 {
		return nil, c.noMigrations()
	}
	return c.onceReachable(f.limit, func() (view, error) {
		switch mode {
		case migrate.ModeWait:
			return nil, c.stand(f, func(ctx context.Context, m *migrate.Migrator) error { return m.Wait(ctx, 0) })
		case migrate.ModeRequire:
			c.reading = true
			return nil, c.stand(f, func(ctx context.Context, m *migrate.Migrator) error { return m.Require(ctx) })
		}
		return c.applyAll(f)
	})
}

// applyAll is up.
func (c *call) applyAll(f *execFlags) (view, error) {
	v, err := c.up(&f.run, migrate.Head)
	if c.report != nil {
		c.report.verb = "up"
	}
	return v, err
}

// stand looks whether others have brought the database to this version.
func (c *call) stand(f *execFlags, look func(context.Context, *migrate.Migrator) error) error {
	_, err := c.untilSignal(func() (view, error) {
		m, err := c.migrator(f.run.apply, func(o *migrate.Options) error {
			o.Observe = c.sayWaiting()
			return nil
		})
		if err != nil {
			return nil, err
		}
		var pending *migrate.PendingError
		if err = look(c.ctx, m); errors.As(err, &pending) {
			return nil, missing(pending)
		}
		return nil, err
	})
	return err
}

// sayWaiting tells people now and then what is waited for, and every note.
func (c *call) sayWaiting() func(migrate.Event) {
	var said time.Time
	return func(e migrate.Event) {
		switch {
		case e.Kind == migrate.Note:
			c.note(e.Message)
		case e.Kind == migrate.Waiting && !c.logs() && c.now().Sub(said) >= sayEvery:
			said = c.now()
			c.err.line("  waiting " + c.scrub(e.Message))
		}
	}
}

// noMigrations refuses a program that would say that everything is applied.
func (c *call) noMigrations() error {
	r := &refusal{code: codeUsage, what: "this program has no migrations, so there is nothing that it could bring a database to", next: []string{
		"import their package in cmd/migrate/main.go, or write the first: {migrate} new NAME", "to start all the same: MIGRATE_ON_START=off"}}
	if n := len(c.app.Models); n > 0 {
		r.why = []string{fmt.Sprintf("models: %d, whose tables nobody makes", n)}
	}
	return r
}

// onceReachable does the work; where the server does not answer, it waits for it,
// and does it again. So where it answers, nothing is asked twice.
func (c *call) onceReachable(limit time.Duration, work func() (view, error)) (view, error) {
	v, err := work()
	if limit == 0 || c.signal != 0 || !c.unanswered(err) {
		return v, err
	}
	if _, err := c.untilSignal(func() (view, error) { return c.wait(limit) }); err != nil {
		return nil, err
	}
	return work()
}

// unanswered reports whether an error says that there is no server yet. A file is
// there or is not.
func (c *call) unanswered(err error) bool {
	if err == nil || c.link.file() || !c.mayPass(err) {
		return false
	}
	switch c.classify(err).Class {
	case dialect.Unavailable, dialect.ConnectionLost, dialect.NoDatabase:
		return true
	}
	return errors.Is(err, migrate.ErrUnreachable)
}

// missing lists what is not applied where that was the question.
func missing(e *migrate.PendingError) error {
	return &refusal{code: codePending, what: migrations(len(e.IDs)) + " pending; the database is at " + orBase(e.Current),
		why: e.IDs, next: []string{"to apply, run: {migrate} " + e.Next}}
}
