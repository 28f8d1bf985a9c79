package schema

import (
	"fmt"
	"maps"
	"slices"
)

// Expression is an SQL expression: a default, a condition, an element of an
// index. It is a portable meaning ([Literal], [Now], [RandomUUID]) or a text
// ([Expr]). The zero value is no expression. A bare Go string never becomes one.
type Expression struct {
	kind  exprKind
	value any
	text  spelled
}

type exprKind uint8

const (
	exprNone exprKind = iota
	exprLiteral
	exprNow
	exprRandomUUID
	exprText
)

// Now is the time of the transaction; RandomUUID is a new version 4 UUID for
// each row.
var (
	Now        = Expression{kind: exprNow}
	RandomUUID = Expression{kind: exprRandomUUID}
)

// Literal is a constant: a bool, string, integer, float, []byte, or nil for
// NULL. The dialect quotes it. Other Go types are refused when the operation is
// rendered.
func Literal(value any) Expression { return Expression{kind: exprLiteral, value: value} }

// Expr is an expression by its SQL text, sent unchanged to every dialect.
// [Expression.On] gives one dialect another text.
func Expr(sql string) Expression { return Expression{kind: exprText, text: spelled{all: sql}} }

// On returns the expression with a text of its own for one dialect
// ("postgres", "sqlite"); other dialects keep what they had.
func (e Expression) On(dialect, sql string) Expression {
	if e.kind == exprNone {
		e.kind = exprText
	}
	e.text = e.text.on(dialect, sql)
	return e
}

// IsZero reports whether there is no expression.
func (e Expression) IsZero() bool { return e.kind == exprNone }

// IsNow reports whether the expression is [Now].
func (e Expression) IsNow() bool { return e.kind == exprNow }

// IsRandomUUID reports whether the expression is [RandomUUID].
func (e Expression) IsRandomUUID() bool { return e.kind == exprRandomUUID }

// Literal returns the constant, and whether the expression is one.
func (e Expression) Literal() (any, bool) { return e.value, e.kind == exprLiteral }

// Spelling returns the text that the author gave for the dialect, and whether
// there is one: what [Expression.On] said, or the text of [Expr].
func (e Expression) Spelling(dialect string) (string, bool) { return e.text.in(dialect) }

// Dialects are those that [Expression.On] gave a text of their own, in order.
func (e Expression) Dialects() []string { return sortedKeys(e.text.own) }

// Equal reports whether two expressions say the same, spellings included.
func (e Expression) Equal(o Expression) bool {
	return e.kind == o.kind && fmt.Sprintf("%T %#v", e.value, e.value) == fmt.Sprintf("%T %#v", o.value, o.value) && e.text.equal(o.text)
}

// String shows the expression in messages.
func (e Expression) String() string {
	switch e.kind {
	case exprLiteral:
		return fmt.Sprintf("%#v", e.value)
	case exprNow:
		return "now"
	case exprRandomUUID:
		return "random uuid"
	}
	return e.text.String()
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
