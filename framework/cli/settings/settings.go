// Package settings finds out what a command runs with: which database, under
// which APP_ENV, how to log; and for each value, which setting said so.
//
// What lives here: the order in which flag, environment, files and defaults are
// asked, and what is refused. What does not: the process's environment and file
// system, which are passed in as functions; what a database URL means (the
// dialects); output (package cli).
package settings

import (
	"fmt"
	"slices"
	"strings"
)

// Source is where settings come from. Its zero value knows no settings at all.
type Source struct {
	// DatabaseURL is the flag --database-url; empty: not given.
	DatabaseURL string
	// EnvFiles are the files of --env-file. A later one wins over an earlier one,
	// and the environment over all of them. A missing one is an error. None: a
	// file .env is read if there is one, but not under a guarded APP_ENV.
	EnvFiles []string
	// LookupEnv is os.LookupEnv, ReadFile is os.ReadFile; nil: there is nothing.
	LookupEnv func(name string) (string, bool)
	ReadFile  func(path string) ([]byte, error)
}

// Settings are the resolved values.
type Settings struct {
	Database  Database
	AppEnv    Value // in lower case; "development" when nothing is set
	Guarded   bool  // APP_ENV is not one of the free words
	LogLevel  Value // debug, info, warn, error
	LogFormat Value // text, json
	NoColor   bool
	CI        bool

	vars *environment
}

// Database says where the database is.
type Database struct {
	URL      Secret
	From     Provenance
	Embedded bool // nothing is set: the embedded SQLite file

	// Overridden are settings that name a database too, and did not win.
	Overridden []Provenance
}

// Value is a setting that is no secret.
type Value struct {
	Text string
	From Provenance
}

// DefaultURL is the database of a program to which nobody named one.
const DefaultURL = "sqlite:./data/app.db"

// free are the words of APP_ENV under which everything is allowed. Every other
// word is guarded, so that a misspelling switches no guard off.
var free = []string{"development", "dev", "local", "test", "testing", "ci"}

// Guarded tells whether a word of APP_ENV is guarded. The empty word, APP_ENV
// not being set, is not: it means development.
func Guarded(appEnv string) bool {
	word := strings.ToLower(strings.TrimSpace(appEnv))
	return word != "" && !slices.Contains(free, word)
}

// Resolve finds the settings. The first of these that is set names the database:
//
//   - --database-url
//   - MIGRATE_DATABASE_URL
//   - DIRECT_DATABASE_URL, the server's own address where DATABASE_URL is that
//     of a pooler
//   - DATABASE_URL
//   - DB_HOST with DB_NAME, and DB_PORT, DB_USER, DB_PASSWORD, DB_SSLMODE
//   - PGHOST, PGDATABASE, … as libpq reads them
//   - the same in the files of --env-file, or in .env
//   - [DefaultURL], unless APP_ENV is guarded
//
// Each variable that holds a secret has a twin with the suffix _FILE that names
// a file with the value. A variable that is empty is not set. The error is an
// *Error and holds no secret; beside it stands what is known all the same.
func Resolve(src Source) (Settings, error) {
	e, err := load(src)
	s := Settings{vars: e}
	s.AppEnv = e.value("APP_ENV", "development")
	s.AppEnv.Text = strings.ToLower(s.AppEnv.Text)
	s.Guarded = Guarded(s.AppEnv.Text)
	s.NoColor = e.value("NO_COLOR", "").Text != ""
	ci := strings.ToLower(e.value("CI", "").Text)
	s.CI = ci != "" && ci != "false" && ci != "0"
	if err != nil {
		return s, err
	}
	if s.LogLevel, err = e.oneOf("LOG_LEVEL", "info", "debug", "info", "warn", "error"); err != nil {
		return s, err
	}
	if s.LogFormat, err = e.oneOf("LOG_FORMAT", "text", "text", "json"); err != nil {
		return s, err
	}
	s.Database, err = e.database(src.DatabaseURL, s)
	return s, err
}

// Lookup returns a variable that is no secret from the strongest place that has
// it: the environment, the files of --env-file, or .env.
func (s Settings) Lookup(name string) (Value, bool) {
	if s.vars == nil {
		return Value{}, false
	}
	v := s.vars.value(name, "")
	return v, v.Text != ""
}

// Error says that settings cannot be used, in the parts of a four-part message.
// The command ends with exit code 2.
type Error struct {
	What string // what happened
	Why  string // may be empty
	Next string // what to do
}

func (e *Error) Error() string {
	if e.Why == "" {
		return e.What
	}
	return e.What + ": " + e.Why
}

// Provenance is where a value comes from. The zero value is the default.
type Provenance struct {
	Name string // of the flag or variable, or "DB_HOST, DB_NAME, …"
	File string // the env file that sets it; empty: the flag or environment itself
}

// String is "from DATABASE_URL", "from DATABASE_URL in .env", or "default".
func (p Provenance) String() string {
	switch {
	case p.Name == "":
		return "default"
	case p.File != "":
		return fmt.Sprintf("from %s in %s", p.Name, p.File)
	}
	return "from " + p.Name
}

// Secret is a text that formatting does not show.
type Secret string

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

// String is "xxxxx", or nothing for an empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "xxxxx"
}

// GoString is String in quotes.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// MarshalText implements encoding.TextMarshaler as String.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
