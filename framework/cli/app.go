package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/model"
	"github.com/spf13/cobra"
	"github.com/uptrace/bun"
)

// App is what an application tells the command line about itself. Its zero
// value works: migrations of the default registry, a database from settings.
type App struct {
	// Name is how the program is called in usage. Empty: "migrate". The commands
	// that messages of [Main] suggest are as the process was called: bin/migrate,
	// or go run ./cmd/migrate.
	Name string

	// Version is the application's own version: shown by `version`, and recorded
	// with what is applied. Empty: what the Go build knows of itself.
	Version string

	// Models are the bun models that describe what the schema should be.
	Models []any

	// ModelOptions say how Models are read: which tables they are about, and
	// whether relations make foreign keys. --include and --exclude add to its
	// patterns.
	ModelOptions model.Options

	// Sources embed the files of the migrations, for checksums.
	Sources []fs.FS

	// Registry holds the migrations. Nil: those of migrate.Register.
	Registry *migrate.Registry

	// Open opens the database from the application's own settings. Nil: the URL
	// comes from --database-url and the environment, and the dialect that is
	// imported for its scheme opens it. The flag, MIGRATE_DATABASE_URL and
	// DIRECT_DATABASE_URL win over Open.
	Open func(ctx context.Context) (*bun.DB, error)

	// Context prepares the context of migrations: data that they need.
	Context func(ctx context.Context) context.Context

	// Dir is the folder of the migrations' files, for commands that write one,
	// from the working directory. Empty: "migrations".
	Dir string

	// Environ is the environment, as os.Environ gives it. Nil: the process's.
	Environ []string
}

// Main runs the command line of the process and ends the process with the exit
// code that belongs to the outcome. It does not return.
func Main(app App) {
	bun.SetLogger(&bunWarnings{to: os.Stderr})
	p := newProgram(app, os.Args[1:])
	p.called = calledNow()
	os.Exit(ExitCode(p.commands().Execute()))
}

// New returns the commands, to be mounted into an application's own or to be
// executed. Output goes where cobra sends it (SetOut, SetErr). An error that
// Execute returns has been shown to the user already: end the process with
// [ExitCode] of it.
func New(app App) *cobra.Command {
	return newProgram(app, os.Args[1:]).commands()
}

// ExitCode is the exit code for what Execute of a command of [New] returned: 0
// for nil, and 2 for errors that are not from this package, which are cobra's
// own and about usage.
func ExitCode(err error) int {
	var e *exitError
	switch {
	case err == nil:
		return codeOK
	case errors.As(err, &e):
		return e.code
	}
	return codeUsage
}

// program is one set of commands with its flags.
type program struct {
	app    App
	words  []string // as the process was called
	called string   // what to type to call it again; empty: the command's path
	root   *cobra.Command
	shared sharedFlags
	codes  map[*cobra.Command][]int // the exit codes of each command
	now    func() time.Time
}

func newProgram(app App, words []string) *program {
	if app.Name == "" {
		app.Name = "migrate"
	}
	if app.Dir == "" {
		app.Dir = "migrations"
	}
	return &program{app: app, words: words, now: time.Now, codes: map[*cobra.Command][]int{}}
}

// environ returns the environment that settings come from.
func (p *program) environ() []string {
	if p.app.Environ != nil {
		return p.app.Environ
	}
	return os.Environ()
}

// env returns a variable of the environment; empty when it is not set.
func (p *program) env(name string) string {
	if p.app.Environ == nil {
		return os.Getenv(name) // without a copy of all
	}
	value := ""
	for _, e := range p.environ() {
		if k, v, ok := strings.Cut(e, "="); ok && k == name {
			value = v
		}
	}
	return value
}
