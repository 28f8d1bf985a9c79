package sqlite

import (
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// parseIndex reads a CREATE INDEX, as SQLite keeps it.
func parseIndex(sql string) (schema.Index, error) {
	ts, err := tokens(sql)
	if err != nil {
		return schema.Index{}, err
	}
	p := &parser{ts: ts, sql: sql}
	var x schema.Index
	p.want("CREATE")
	x.Unique = p.take("UNIQUE")
	p.want("INDEX")
	p.take("IF", "NOT", "EXISTS")
	x.Name = p.ident()
	if p.take(".") {
		x.Name = p.ident()
	}
	p.want("ON")
	p.ident()
	parts := splitList(p.enclosed())
	for _, part := range parts {
		x.Parts = append(x.Parts, indexPart(part))
	}
	if p.take("WHERE") {
		x.Where = schema.Expr(tidyExpression(p.ts[p.i:]))
	} else if p.i < len(p.ts) {
		p.fail("WHERE")
	}
	return x, p.err
}

// splitList splits tokens at the commas outside parentheses.
func splitList(ts []token) [][]token {
	var parts [][]token
	from, depth := 0, 0
	for i, t := range ts {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case t.is(",") && depth == 0:
			parts = append(parts, ts[from:i])
			from = i + 1
		}
	}
	return append(parts, ts[from:])
}

// indexPart reads one part: a column or an expression, perhaps with a
// collation and an order.
func indexPart(ts []token) schema.Part {
	var part schema.Part
	if n := len(ts); n > 1 && ts[n-1].oneOf("ASC", "DESC") {
		part.Desc = ts[n-1].is("DESC")
		ts = ts[:n-1]
	}
	if n := len(ts); n > 2 && ts[n-2].is("COLLATE") {
		part.Collation = tidyCollation(ts[n-1].name())
		ts = ts[:n-2]
	}
	if len(ts) == 1 && ts[0].kind != otherToken {
		part.Column = ts[0].name()
		return part
	}
	part.Expr = schema.Expr(tidyExpression(ts))
	return part
}

// indexText is the CREATE INDEX of x. What only PostgreSQL's indexes can is
// refused, so that nobody believes to have it.
func indexText(table string, x schema.Index) (string, error) {
	var b strings.Builder
	b.WriteString("CREATE ")
	if x.Unique {
		b.WriteString("UNIQUE ")
	}
	b.WriteString("INDEX " + quote(x.Name) + " ON " + quote(table) + " ")
	if err := plainIndex(x); err != nil {
		return "", err
	}
	if !x.Definition.IsZero() {
		text, err := expressionText(x.Definition)
		return b.String() + text, err
	}
	parts := make([]string, len(x.Parts))
	for i, p := range x.Parts {
		text, err := partText(p)
		if err != nil {
			return "", fmt.Errorf("index %s: %w", x.Name, err)
		}
		parts[i] = text
	}
	b.WriteString("(" + strings.Join(parts, ", ") + ")")
	if !x.Where.IsZero() {
		where, err := expressionText(x.Where)
		if err != nil {
			return "", fmt.Errorf("index %s: %w", x.Name, err)
		}
		b.WriteString(" WHERE " + where)
	}
	return b.String(), nil
}

// plainIndex refuses what SQLite's indexes do not have.
func plainIndex(x schema.Index) error {
	what := ""
	switch {
	case x.Method != "" && !strings.EqualFold(x.Method, "btree"):
		what = "the method " + x.Method
	case len(x.Include) > 0:
		what = "INCLUDE"
	case x.NullsNotDistinct:
		what = "NULLS NOT DISTINCT"
	case len(x.With) > 0:
		what = "storage parameters"
	}
	for _, p := range x.Parts {
		if p.Opclass != "" {
			what = "the operator class " + p.Opclass
		}
	}
	if what == "" {
		return nil
	}
	return fmt.Errorf("SQLite's indexes do not have %s: leave it out, or say the index of each database in Definition, "+
		"as schema.Expr(\"…\").On(\"sqlite\", \"(column)\")", what)
}

// partText spells a part. SQLite takes NULL for the least value, so a place of
// NULLs that says the same is accepted.
func partText(p schema.Part) (text string, err error) {
	if p.Column != "" {
		text = quote(p.Column)
	} else if text, err = expressionText(p.Expr); err != nil {
		return "", err
	}
	if p.Collation != "" {
		if p.Column == "" && !enclosed(text) {
			text = "(" + text + ")"
		}
		collation, err := collationText(p.Collation)
		if err != nil {
			return "", err
		}
		text += collation
	}
	if p.Nulls == schema.NullsLast && !p.Desc || p.Nulls == schema.NullsFirst && p.Desc {
		return "", fmt.Errorf("SQLite's indexes have the NULLs first in an ascending order and last in a descending one: " +
			"leave Nulls out, or say the index of each database in Definition")
	}
	if p.Desc {
		text += " DESC"
	}
	return text, nil
}

// collations are those that every SQLite has.
var collations = []string{"BINARY", "NOCASE", "RTRIM"}

// collationText is the COLLATE clause, with a space before it. A program can
// give SQLite more collations, but one that is missing is noticed only when rows
// are compared; so they are said for SQLite alone.
func collationText(name string) (string, error) {
	known := tidyCollation(name)
	for _, c := range collations {
		if c == known {
			return " COLLATE " + c, nil
		}
	}
	return "", fmt.Errorf("SQLite has the collations %s, not %q: say one of a program's own, or one for each database, "+
		"in the type: schema.Text.On(\"sqlite\", \"TEXT COLLATE NOCASE\")", strings.Join(collations, ", "), name)
}
