package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// scratchSchema is a schema in a transaction that is rolled back. It stands
// before the schemas of the search path, so that what the application uses of
// them (types of extensions, functions) is spelled as it is on the other side.
// Every other schema of the application has one of its own beside it.
type scratchSchema struct {
	dialect    Dialect
	tx         bun.Tx
	conn       bun.Conn
	database   string
	space      space
	extensions []schema.Extension // that are there
	found      []schema.Extension // of those, what is wanted
	why        string
	swept      []string
	closed     bool
}

func (d Dialect) scratchSchema(ctx context.Context, db *bun.DB, from surroundings, o dialect.ScratchOptions) (*scratchSchema, error) {
	s := &scratchSchema{dialect: d, database: from.database, space: newSpace(newScratchName(), o.Makes)}
	for _, e := range from.extensions {
		in := e.Schema
		if len(from.path) > 0 && in == from.path[0] {
			in = ""
		}
		s.extensions = append(s.extensions, schema.Extension{Name: e.Name, Schema: in, Version: e.Version})
	}
	var err error
	if s.conn, err = db.Conn(ctx); err != nil {
		return nil, err
	}
	// Not ctx: it may be that of this call alone. Close ends the transaction.
	if s.tx, err = s.conn.BeginTx(context.WithoutCancel(ctx), nil); err == nil {
		_, err = s.tx.ExecContext(ctx, s.beginning(from, o))
	}
	if err == nil {
		err = s.learnQuoting(ctx)
	}
	if err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("making a scratch schema: %w", err)
	}
	return s, nil
}

// learnQuoting asks how the server writes the names of the schemas.
func (s *scratchSchema) learnQuoting(ctx context.Context) error {
	theirs := s.space.theirs()
	if len(theirs) == 0 {
		return nil
	}
	list := make([]string, len(theirs))
	for i, name := range theirs {
		list[i] = s.dialect.Literal(name)
	}
	written, err := live{s.tx}.texts(ctx, "SELECT quote_ident(name) FROM unnest(ARRAY["+strings.Join(list, ", ")+"]) WITH ORDINALITY u(name, n) ORDER BY n")
	for i, text := range written {
		s.space.written[theirs[i]] = text
	}
	return err
}

// beginning makes the schemas that are not left to the builder. No lock of the
// application is waited for long: nothing but what is built here should need any.
func (s *scratchSchema) beginning(from surroundings, o dialect.ScratchOptions) string {
	path := []string{s.dialect.Quote(s.space.base)}
	for _, name := range from.path {
		path = append(path, s.dialect.Quote(name))
	}
	statements := []string{
		"SET LOCAL lock_timeout = '2s'", "SET LOCAL idle_in_transaction_session_timeout = 0",
		"CREATE SCHEMA " + path[0], "SET LOCAL search_path = " + strings.Join(path, ", "),
	}
	for _, theirs := range s.space.theirs() {
		if o.Makes == nil || !slices.Contains(o.Makes.Schemas, theirs) {
			statements = append(statements, "CREATE SCHEMA "+s.dialect.Quote(s.space.ours[theirs]))
		}
	}
	return strings.Join(statements, ";\n")
}

// DB implements dialect.Scratch.
func (s *scratchSchema) DB() bun.IDB { return s.tx }

// Pool implements dialect.Scratch.
func (s *scratchSchema) Pool() *bun.DB { return nil }

// Inside implements dialect.Scratch. An extension that is there cannot be made
// again; Inspect tells it.
func (s *scratchSchema) Inside(want *schema.Schema) *schema.Schema {
	want = s.space.inside(want)
	s.found = nil
	want.Extensions = slices.DeleteFunc(want.Extensions, func(w schema.Extension) bool {
		i := slices.IndexFunc(s.extensions, func(e schema.Extension) bool { return e.Name == w.Name })
		if i >= 0 {
			s.found = append(s.found, s.extensions[i])
		}
		return i >= 0
	})
	return want
}

// Inspect implements dialect.Scratch.
func (s *scratchSchema) Inspect(ctx context.Context, schemas ...string) (*schema.Schema, error) {
	ours := make([]string, len(schemas))
	for i, theirs := range schemas {
		ours[i] = s.space.name(theirs)
	}
	found, err := s.dialect.Inspect(ctx, s.tx, ours...)
	if err != nil {
		return nil, err
	}
	found = s.space.outside(found)
	for _, e := range s.found {
		if len(schemas) == 0 && e.Schema == "" || slices.Contains(schemas, e.Schema) {
			found.Extensions = append(found.Extensions, e)
		}
	}
	slices.SortFunc(found.Extensions, func(a, b schema.Extension) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

// Weaker implements dialect.Scratch.
func (s *scratchSchema) Weaker() string {
	return "built in a schema of " + s.database + " that is rolled back, as " + s.why +
		"; texts that name another schema, and functions, are those that are there already"
}

// Swept implements dialect.Scratch.
func (s *scratchSchema) Swept() []string { return s.swept }

// Close implements dialect.Scratch. A connection that is lost has rolled back by
// itself.
func (s *scratchSchema) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	if s.tx.Tx != nil {
		_ = s.tx.Rollback()
	}
	if s.conn.Conn != nil {
		_ = s.conn.Close()
	}
	return nil
}
