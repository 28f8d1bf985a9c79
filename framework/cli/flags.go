package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/pflag"
)

// sharedFlags are understood by every command.
type sharedFlags struct {
	databaseURL   string
	envFiles      []string
	historySchema string
	historyTable  string
	json          bool
	debug         bool
}

func (f *sharedFlags) define(fs *pflag.FlagSet) {
	fs.StringVar(&f.databaseURL, "database-url", "", "the database: postgres://..., sqlite:PATH (default: from the environment)")
	fs.StringArrayVar(&f.envFiles, "env-file", nil, "read variables from this `file`; may be repeated")
	fs.StringVar(&f.historySchema, "history-schema", "", "the schema of the version table (default \"public\")")
	fs.StringVar(&f.historyTable, "history-table", "", "the name of the version table (default \"leaven_history\")")
	fs.BoolVar(&f.json, "json", false, "write one JSON document to standard output")
	fs.BoolVar(&f.debug, "debug", false, "show stacks and the library's log")
}

// runFlags are understood by the commands that run migrations.
type runFlags struct {
	role       string
	tx         choice
	outOfOrder choice
	strict     bool
	lockWait   time.Duration
	timeout    time.Duration
	grace      time.Duration
	events     bool
	hooks      hookFlags
	baseline   choice // of the commands that define it
}

func (f *runFlags) define(fs *pflag.FlagSet) {
	f.tx = choice{of: []string{"each", "all"}, is: "each"}
	f.outOfOrder = choice{of: []string{"refuse", "allow"}, is: "refuse"}
	fs.StringVar(&f.role, "role", "", "run migrations as this role, which then owns what they make")
	fs.Var(&f.tx, "tx", "one transaction for each migration, or one for all")
	fs.Var(&f.outOfOrder, "out-of-order", "what becomes of a late migration without applied parents")
	fs.BoolVar(&f.strict, "strict", false, "also refuse a database that is newer than this program")
	fs.DurationVar(&f.lockWait, "lock-wait", 10*time.Minute, "how long to try for locks on tables, and for another runner to end")
	fs.DurationVar(&f.timeout, "statement-timeout", 0, "a limit for each statement (default none)")
	fs.BoolVar(&f.events, "events", false, "write one JSON object per line while it runs, the result last")
	fs.DurationVar(&f.grace, "grace", 25*time.Second, "how long a running migration may go on after the first signal")
	f.hooks.define(fs)
}

// apply puts the flags into the options of a run.
func (f *runFlags) apply(o *migrate.Options) error {
	for name, d := range map[string]time.Duration{"lock-wait": f.lockWait, "statement-timeout": f.timeout, "grace": f.grace} {
		if d < 0 {
			return misuse(fmt.Sprintf("--%s cannot be negative", name), "use a duration such as 30s or 5m")
		}
	}
	o.Role = f.role
	o.Strict = f.strict
	o.StatementTimeout = f.timeout
	o.LockWait, o.RunnerWait = f.lockWait, f.lockWait
	if f.lockWait == 0 { // in Options, zero is the default
		o.LockWait, o.RunnerWait = -1, -1
	}
	if f.tx.is == "all" {
		o.Tx = migrate.TxAll
	}
	if f.outOfOrder.is == "allow" {
		o.OutOfOrder = migrate.AllowOutOfOrder
	}
	return nil
}

// choice is a flag that takes one of some words.
type choice struct {
	of []string
	is string
}

func (c *choice) String() string { return c.is }
func (c *choice) Type() string   { return strings.Join(c.of, "|") }
func (c *choice) Set(s string) error {
	if slices.Contains(c.of, s) {
		c.is = s
		return nil
	}
	return fmt.Errorf("it takes %s", strings.Join(c.of, " or "))
}

// count is a positive number that may also be written as a flag: -2. pflag reads
// "-12" as the flags 1 and 2, so there is a hidden flag for each digit, and they
// write the number together.
type count struct{ n int }

func (c *count) define(fs *pflag.FlagSet) {
	for i := range 10 {
		digit := strconv.Itoa(i)
		f := fs.VarPF(&countDigit{count: c}, "count-digit-"+digit, digit, "")
		f.NoOptDefVal = digit
		f.Hidden = true
	}
}

type countDigit struct{ count *count }

func (d *countDigit) String() string { return "" }
func (d *countDigit) Type() string   { return "digit" }
func (d *countDigit) Set(s string) error {
	digit, err := strconv.Atoi(s)
	if err != nil || digit < 0 || digit > 9 || d.count.n > 1e6 {
		return fmt.Errorf("it is not a number of migrations")
	}
	d.count.n = d.count.n*10 + digit
	return nil
}
