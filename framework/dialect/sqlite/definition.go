package sqlite

import (
	"fmt"

	"github.com/leavendb/leaven/framework/schema"
)

// definition is a CREATE TABLE taken apart. SQLite keeps the statement of every
// table and reads it again each time it opens the database, so it says all there
// is to know, also what schema.Table has no words for (STRICT, WITHOUT ROWID,
// conflict clauses); a rebuild changes it in place.
type definition struct {
	sql         string
	tokens      []token
	name        int // token of the table's name
	close       int // token of the parenthesis behind the last constraint
	columns     []columnDef
	constraints []clause // of the table
	noRowid     bool
	strict      bool
}

// columnDef is a column; tokens[from:to] is its text.
type columnDef struct {
	name     string
	from, to int
	typ      []token
	clauses  []clause
}

// clause is one constraint of a column or of the table, or another clause of a
// column; tokens[from:to] is its text, a CONSTRAINT name included.
type clause struct {
	kind     clauseKind
	name     string // empty: none
	from, to int
	columns  []string // primary key, unique, foreign key: of the table's constraints
	expr     []token  // check, default, generated
	auto     bool     // primary key: AUTOINCREMENT
	desc     bool     // primary key of a column: DESC
	stored   bool     // generated: STORED
	collate  string   // collate: the name
	ref      schema.ForeignKey
}

type clauseKind uint8

const (
	primaryKeyClause clauseKind = iota + 1
	notNullClause
	nullClause
	uniqueClause
	checkClause
	defaultClauseKind
	collateClause
	foreignKeyClause
	generatedClause
	deferClause
)

// parseTable reads a CREATE TABLE. The error says what it does not understand.
func parseTable(sql string) (*definition, error) {
	ts, err := tokens(sql)
	if err != nil {
		return nil, err
	}
	p := &parser{ts: ts, sql: sql}
	d := &definition{sql: sql, tokens: ts}
	p.table(d)
	if p.err != nil {
		return nil, p.err
	}
	return d, nil
}

// parser walks over tokens; after the first error it stands still.
type parser struct {
	sql string
	ts  []token
	i   int
	err error
}

func (p *parser) fail(want string) {
	if p.err != nil {
		return
	}
	found := "the end"
	if p.i < len(p.ts) {
		found = fmt.Sprintf("%s at byte %d", p.ts[p.i].text, p.ts[p.i].from+1)
	}
	p.err = fmt.Errorf("expected %s, found %s in %s", want, found, p.sql)
}

// at reports whether the next tokens are these words or signs.
func (p *parser) at(texts ...string) bool {
	if p.err != nil || p.i+len(texts) > len(p.ts) {
		return false
	}
	for j, text := range texts {
		if !p.ts[p.i+j].is(text) {
			return false
		}
	}
	return true
}

// take steps over the words or signs, if they are next.
func (p *parser) take(texts ...string) bool {
	if !p.at(texts...) {
		return false
	}
	p.i += len(texts)
	return true
}

func (p *parser) want(text string) {
	if !p.take(text) {
		p.fail(text)
	}
}

// ident steps over a name.
func (p *parser) ident() string {
	if p.err != nil || p.i >= len(p.ts) || p.ts[p.i].kind == otherToken {
		p.fail("a name")
		return ""
	}
	p.i++
	return p.ts[p.i-1].name()
}

// enclosed steps over parentheses and returns what is in them.
func (p *parser) enclosed() []token {
	if !p.at("(") {
		p.fail("(")
		return nil
	}
	end := closing(p.ts, p.i)
	if end < 0 {
		p.fail(") for each (")
		return nil
	}
	inner := p.ts[p.i+1 : end]
	p.i = end + 1
	return inner
}

func (p *parser) table(d *definition) {
	p.want("CREATE")
	_ = p.take("TEMP") || p.take("TEMPORARY")
	p.want("TABLE")
	p.take("IF", "NOT", "EXISTS")
	d.name = p.i
	p.ident()
	if p.take(".") {
		d.name = p.i
		p.ident()
	}
	p.want("(")
	for {
		d.columns = append(d.columns, p.column())
		if p.err != nil || !p.take(",") || p.atTableConstraint() {
			break
		}
	}
	for p.err == nil && p.atTableConstraint() {
		d.constraints = append(d.constraints, p.tableConstraint())
		p.take(",") // SQLite lets the comma out
	}
	d.close = p.i
	p.want(")")
	p.options(d)
}

func (p *parser) options(d *definition) {
	for p.err == nil && p.i < len(p.ts) {
		switch {
		case p.take("WITHOUT", "ROWID"):
			d.noRowid = true
		case p.take("STRICT"):
			d.strict = true
		case p.take(","), p.take(";"):
		default:
			p.fail("WITHOUT ROWID or STRICT")
		}
	}
}

func (p *parser) atTableConstraint() bool {
	return p.err == nil && p.i < len(p.ts) && p.ts[p.i].oneOf("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")
}

func (p *parser) column() columnDef {
	c := columnDef{from: p.i}
	c.name = p.ident()
	start := p.i
	for p.err == nil && p.i < len(p.ts) && !p.ts[p.i].oneOf(",", ")") && !p.atColumnClause() {
		if p.at("(") {
			p.enclosed()
			break
		}
		p.i++
	}
	c.typ = p.ts[start:p.i]
	for p.err == nil && p.i < len(p.ts) && !p.ts[p.i].oneOf(",", ")") {
		c.clauses = append(c.clauses, p.columnClause())
	}
	c.to = p.i
	return c
}

func (p *parser) atColumnClause() bool {
	return p.ts[p.i].oneOf("CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS", "DEFERRABLE")
}

func (p *parser) columnClause() clause {
	c := p.clauseName()
	switch {
	case p.take("PRIMARY", "KEY"):
		c.kind = primaryKeyClause
		if p.take("DESC") {
			c.desc = true
		} else {
			p.take("ASC")
		}
		p.conflict()
		c.auto = p.take("AUTOINCREMENT")
	case p.take("NOT", "NULL"):
		c.kind = notNullClause
		p.conflict()
	case p.take("NULL"):
		c.kind = nullClause
		p.conflict()
	case p.take("UNIQUE"):
		c.kind = uniqueClause
		p.conflict()
	case p.take("DEFAULT"):
		c.kind = defaultClauseKind
		c.expr = p.defaultValue()
	case p.take("COLLATE"):
		c.kind = collateClause
		c.collate = p.ident()
	case p.at("GENERATED", "ALWAYS", "AS"), p.at("AS"):
		_ = p.take("GENERATED", "ALWAYS", "AS") || p.take("AS")
		c.kind = generatedClause
		c.expr = p.enclosed()
		c.stored = p.take("STORED")
		_ = c.stored || p.take("VIRTUAL")
	case p.deferrable(&c.ref):
		c.kind = deferClause // of the key before, with something between
	default:
		p.either(&c)
	}
	c.to = p.i
	return c
}

func (p *parser) tableConstraint() clause {
	c := p.clauseName()
	switch {
	case p.take("PRIMARY", "KEY"):
		c.kind = primaryKeyClause
		inner := p.enclosed()
		if n := len(inner); n > 0 && inner[n-1].is("AUTOINCREMENT") {
			c.auto, inner = true, inner[:n-1]
		}
		c.columns = p.names(inner)
		p.conflict()
	case p.take("UNIQUE"):
		c.kind = uniqueClause
		c.columns = p.names(p.enclosed())
		p.conflict()
	case p.take("FOREIGN", "KEY"):
		c.columns = p.names(p.enclosed())
		p.references(&c)
	default:
		p.either(&c)
	}
	c.to = p.i
	return c
}

// either reads what columns and tables both have.
func (p *parser) either(c *clause) {
	switch {
	case p.take("CHECK"):
		c.kind = checkClause
		c.expr = p.enclosed()
		p.conflict()
	case p.at("REFERENCES"):
		p.references(c)
	default:
		p.fail("a constraint")
	}
}

func (p *parser) clauseName() clause {
	c := clause{from: p.i}
	if p.take("CONSTRAINT") {
		c.name = p.ident()
	}
	return c
}

func (p *parser) conflict() {
	if p.take("ON", "CONFLICT") {
		p.ident()
	}
}

func (p *parser) defaultValue() []token {
	from := p.i
	if p.at("(") {
		p.enclosed()
		return p.ts[from:p.i]
	}
	_ = p.take("-") || p.take("+")
	if p.i >= len(p.ts) || p.ts[p.i].oneOf(",", ")") {
		p.fail("a default")
		return nil
	}
	p.i++
	return p.ts[from:p.i]
}

// names reads a list of columns, each perhaps with a collation and an order.
func (p *parser) names(list []token) []string {
	var names []string
	fresh := true
	for _, t := range list {
		switch {
		case t.is(","):
			fresh = true
		case fresh && t.kind == otherToken:
			p.fail("columns, not expressions, in a constraint")
		case fresh:
			names = append(names, t.name())
			fresh = false
		}
	}
	return names
}

func (p *parser) references(c *clause) {
	c.kind = foreignKeyClause
	p.want("REFERENCES")
	c.ref.RefTable = p.ident()
	if p.at("(") {
		c.ref.RefColumns = p.names(p.enclosed())
	}
	for p.err == nil {
		switch {
		case p.take("ON", "DELETE"):
			c.ref.OnDelete = p.action()
		case p.take("ON", "UPDATE"):
			c.ref.OnUpdate = p.action()
		case p.take("MATCH"):
			p.ident()
		case p.deferrable(&c.ref):
		default:
			return
		}
	}
}

func (p *parser) deferrable(f *schema.ForeignKey) bool {
	not := p.take("NOT", "DEFERRABLE")
	if !not && !p.take("DEFERRABLE") {
		return false
	}
	deferred := p.take("INITIALLY", "DEFERRED")
	_ = deferred || p.take("INITIALLY", "IMMEDIATE")
	f.Deferrable, f.InitiallyDeferred = !not, !not && deferred
	return true
}

func (p *parser) action() schema.Action {
	switch {
	case p.take("CASCADE"):
		return schema.Cascade
	case p.take("RESTRICT"):
		return schema.Restrict
	case p.take("SET", "NULL"):
		return schema.SetNull
	case p.take("SET", "DEFAULT"):
		return schema.SetDefault
	case !p.take("NO", "ACTION"):
		p.fail("an action")
	}
	return schema.NoAction
}
