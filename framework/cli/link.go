package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// link says where the database is and which setting says so.
type link struct {
	URL      string   // with its secrets; empty: App.Open knows
	Shown    string   // without them
	From     string   // "--database-url", "DATABASE_URL", …
	Added    []string // variables of libpq that say what the address leaves open
	Embedded bool     // nothing is set: the embedded SQLite
}

// setting names what to correct when the address is wrong.
func (l link) setting() string {
	switch {
	case l.Embedded, l.From == "":
		return "DATABASE_URL"
	}
	return l.From
}

// stronger says that where the address comes from beats what is not used.
func (l link) stronger() string {
	if strings.Contains(l.setting(), ", ") {
		return l.setting() + " are stronger"
	}
	return l.setting() + " is stronger"
}

// file reports whether the database is a file.
func (l link) file() bool {
	return strings.HasPrefix(l.URL, "sqlite:") || strings.HasPrefix(l.URL, "file:")
}

// absent reports whether the database is a file that does not exist yet. A URL
// that is not plain is left to the dialect.
func (l link) absent() bool {
	_, path, _ := strings.Cut(l.URL, ":")
	if !l.file() || path == "" || path == ":memory:" || strings.ContainsAny(path, "?%") {
		return false
	}
	if after, ok := strings.CutPrefix(path, "//"); ok {
		path = after
	}
	_, err := os.Stat(path)
	return os.IsNotExist(err)
}

// describe is the header's line.
func (l link) describe() string {
	switch {
	case l.Embedded && l.absent():
		return l.Shown + " (embedded SQLite: DATABASE_URL is not set; the file does not exist yet)"
	case l.Embedded:
		return l.Shown + " (embedded SQLite: DATABASE_URL is not set)"
	case l.From == "":
		return l.Shown
	case l.absent():
		return fmt.Sprintf("%s (from %s; the file does not exist yet)", l.Shown, l.From)
	}
	return fmt.Sprintf("%s (from %s)", l.Shown, strings.Join(append([]string{l.From}, l.Added...), ", "))
}

// connection is an open database.
type connection struct {
	db      *bun.DB
	control *bun.DB // for cancelling; nil where the application opened db
	dialect dialect.Dialect
}

// open opens the database that the settings name. Nothing is sent yet.
func (c *call) open() (*connection, error) {
	if err := c.locate(); err != nil {
		return nil, err
	}
	if c.conn != nil {
		return c.conn, nil
	}
	if c.link.URL == "" {
		return c.openByApp()
	}
	d, opener, err := openerFor(c.link)
	if err != nil {
		return nil, err
	}
	address := c.link.URL
	if c.reading && c.link.absent() {
		address = "sqlite::memory:" // just as empty, and looking makes no file
	}
	db, err := opener.Open(c.ctx, address)
	if err != nil {
		return nil, badAddress(c.link, err)
	}
	c.conn = &connection{db: db, dialect: d}
	if c.reading {
		return c.conn, nil
	}
	if control, err := opener.Open(c.ctx, c.link.URL); err == nil {
		control.SetMaxOpenConns(1)
		c.conn.control = control
	}
	return c.conn, nil
}

func (c *call) openByApp() (*connection, error) {
	db, err := c.app.Open(c.ctx)
	if err != nil {
		return nil, err
	}
	d, err := dialect.For(db)
	if err != nil {
		return nil, misuse(err.Error())
	}
	c.conn = &connection{db: db, dialect: d}
	return c.conn, nil
}

// badAddress refuses an address that cannot be understood, and one of a file
// whose folder cannot be made.
func badAddress(l link, err error) error {
	if p := (*fs.PathError)(nil); l.file() && errors.As(err, &p) {
		return &refusal{code: codeDatabase, what: "the folder of the database's file cannot be made", why: []string{p.Error()}, next: []string{
			"run it where this user may write, or name another database in " + l.setting()}}
	}
	if parts := l.setting(); strings.HasPrefix(parts, "PG") || strings.HasPrefix(parts, "DB_") {
		return &refusal{code: codeUsage, what: "the address of " + parts + " cannot be used", why: []string{err.Error()},
			next: []string{"correct what these variables name, or set DATABASE_URL instead"}}
	}
	return &refusal{code: codeUsage, what: "the address in " + l.setting() + " cannot be used", why: []string{err.Error()},
		next: []string{"write it as postgres://USER:PASSWORD@HOST:5432/NAME or sqlite:./data/app.db"}}
}

// migrator opens the database and makes a migrator for it. Flags that only some
// commands have are applied by the given functions.
func (c *call) migrator(more ...func(*migrate.Options) error) (*migrate.Migrator, error) {
	conn, err := c.open()
	if err != nil {
		return nil, err
	}
	// Who reads the history, or writes a decision into it, may need the role too.
	asRole := func(o *migrate.Options) error {
		o.Role = c.variableOf("role")
		return nil
	}
	o, err := c.options(append([]func(*migrate.Options) error{asRole}, more...)...)
	if err != nil {
		return nil, err
	}
	if conn.control != nil {
		o.Control = conn.control.DB
	}
	c.header()
	return migrate.New(conn.db, o)
}

// options are those of the application and of the shared flags.
func (c *call) options(more ...func(*migrate.Options) error) (migrate.Options, error) {
	o := migrate.Options{
		Registry: c.app.Registry, Sources: c.app.Sources, Context: c.app.Context,
		HistorySchema: c.shared.historySchema, HistoryTable: c.shared.historyTable,
		AppVersion: c.app.Version, Logger: c.libraryLog(), Redact: c.scrub,
	}
	for _, f := range more {
		if err := f(&o); err != nil {
			return o, err
		}
	}
	return o, nil
}

// header says where we are, once, on standard error.
func (c *call) header() {
	if c.headed || c.wantsJSON() {
		return
	}
	c.headed = true
	if c.logs() {
		c.logger().Info("database", "url", c.scrub(c.link.Shown), "from", c.link.origin())
	} else {
		c.err.line(c.err.dim("Database: " + c.scrub(c.link.describe())))
	}
}

// classify asks the dialect what kind of fault an error is.
func (c *call) classify(err error) dialect.Fault {
	if c.conn != nil {
		return c.conn.dialect.Classify(err)
	}
	for _, d := range dialect.All() {
		if f := d.Classify(err); f.Class != dialect.Other {
			return f
		}
	}
	return dialect.Fault{}
}

// close closes what the call opened. The application's own database is its own
// to close, but nobody else has it.
func (c *call) close() {
	if c.conn == nil {
		return
	}
	_ = c.conn.db.Close()
	if c.conn.control != nil {
		_ = c.conn.control.Close()
	}
}

// reachable asks the server for anything, within the time.
func (c *call) reachable(ctx context.Context, limit time.Duration) (dialect.Server, error) {
	conn, err := c.open()
	if err != nil {
		return dialect.Server{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return conn.dialect.Describe(ctx, conn.db)
}
