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

// indexPart reads one part: a column or an expression, perhaps with an order.
func indexPart(ts []token) schema.Part {
	var part schema.Part
	if n := len(ts); n > 1 && ts[n-1].oneOf("ASC", "DESC") {
		part.Desc = ts[n-1].is("DESC")
		ts = ts[:n-1]
	}
	if len(ts) == 1 && ts[0].kind != otherToken {
		part.Column = ts[0].name()
		return part
	}
	part.Expr = schema.Expr(tidyExpression(ts))
	return part
}

// indexText is the CREATE INDEX of x.
func indexText(table string, x schema.Index) (string, error) {
	var b strings.Builder
	b.WriteString("CREATE ")
	if x.Unique {
		b.WriteString("UNIQUE ")
	}
	b.WriteString("INDEX " + quote(x.Name) + " ON " + quote(table) + " ")
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

func partText(p schema.Part) (text string, err error) {
	if p.Column != "" {
		text = quote(p.Column)
	} else if text, err = expressionText(p.Expr); err != nil {
		return "", err
	}
	if p.Desc {
		text += " DESC"
	}
	return text, nil
}
