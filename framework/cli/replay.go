package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/framework/schema"
)

// replayed runs all migrations in a database of their own that is removed
// afterwards.
func (c *call) replayed(d dialect.Dialect, known []migrate.Known, use func(dialect.Scratch, *migrate.Migrator) error) error {
	recorded, _, err := c.recordAll(d, known)
	if err != nil {
		return err
	}
	made, _ := namespaces(recorded)
	err = c.apart(d, made, func(place dialect.Scratch, m *migrate.Migrator) error {
		if _, err := m.Up(c.ctx, migrate.Head); err != nil {
			return err
		}
		return use(place, m)
	})
	if errors.Is(err, dialect.ErrNoScratch) {
		return &refusal{code: codeUsage, what: "the migrations cannot be run in a scratch database", why: []string{c.scrub(err.Error())},
			next: []string{"give the role that right, or name another server in DATABASE_URL", "or compare without one: --offline"}}
	}
	return err
}

// apart gives a database of its own, without what is left to the migrations to
// make there, and their migrator. Without the right to one, the error is a
// dialect.ErrNoScratch.
func (c *call) apart(d dialect.Dialect, makes *schema.Schema, use func(dialect.Scratch, *migrate.Migrator) error) (err error) {
	scratcher, is := d.(dialect.Scratcher)
	if !is {
		return fmt.Errorf("%w: %s gives none", dialect.ErrNoScratch, d.Name())
	}
	conn, err := c.open()
	if err != nil {
		return err
	}
	c.header()
	place, err := scratcher.Scratch(c.ctx, conn.db, dialect.ScratchOptions{Whole: true, Makes: makes})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	o, err := c.options(func(o *migrate.Options) error { o.Rehearsal = true; return nil })
	if err != nil {
		return err
	}
	m, err := migrate.New(place.Pool(), o)
	if err != nil {
		return err
	}
	return use(place, m)
}

// recordAll records all migrations on an empty database.
func (c *call) recordAll(d dialect.Dialect, known []migrate.Known) ([]record.Migration, record.State, error) {
	steps := make([]record.Step, len(known))
	for i := range known {
		steps[i] = record.Step{Known: &known[i], Direction: migrate.Up}
	}
	return record.Run(c.ctx, d, record.State{}, steps, record.Options{Context: c.app.Context})
}

// ownSQL reports whether an author wrote the statement.
func ownSQL(s record.Statement) bool {
	_, raw := s.Op.(op.SQL)
	return raw || s.Op == nil
}

// rawSpace is SQL that makes a schema or an extension, or something in a schema.
var rawSpace = pattern.Lazy(`(?i)\bCREATE\s+(?:(SCHEMA|EXTENSION)\s+(?:IF\s+NOT\s+EXISTS\s+)?("(?:[^"]|"")+"|\w+)|(?:TABLE|TYPE|VIEW|SEQUENCE)\s+(?:IF\s+NOT\s+EXISTS\s+)?("(?:[^"]|"")+"|\w+)\.)`)

// namespaces are the schemas and extensions that the migrations make at some time, by
// operations or by SQL of their own, and all schemas that they name.
func namespaces(recorded []record.Migration) (made *schema.Schema, named []string) {
	made = &schema.Schema{}
	extension := func(name string) { made.Extensions = append(made.Extensions, schema.Extension{Name: name}) }
	for _, m := range recorded {
		for _, e := range m.Events {
			named = append(named, e.Op.Object().Schema)
			switch o := e.Op.(type) {
			case op.CreateSchema:
				made.Schemas = append(made.Schemas, o.Name)
			case op.SetSchema:
				named = append(named, o.To)
			case op.CreateExtension:
				extension(o.Name)
			}
		}
		for _, s := range m.Statements {
			if !ownSQL(s) {
				continue
			}
			for _, found := range rawSpace().FindAllStringSubmatch(s.SQL, -1) {
				switch name := unquoted(found[2] + found[3]); {
				case strings.EqualFold(found[1], "EXTENSION"):
					extension(name)
				case found[1] != "":
					made.Schemas = append(made.Schemas, name)
				default:
					named = append(named, name)
				}
			}
		}
	}
	named = append(named, made.Schemas...)
	slices.Sort(named)
	return made, slices.DeleteFunc(slices.Compact(named), func(name string) bool { return name == "" })
}

// unquoted is the name that SQL means.
func unquoted(word string) string {
	if inside, is := strings.CutPrefix(word, `"`); is {
		return strings.ReplaceAll(strings.TrimSuffix(inside, `"`), `""`, `"`)
	}
	return strings.ToLower(word)
}
