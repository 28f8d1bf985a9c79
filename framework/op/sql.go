package op

import (
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// Statements returns what a dialect is to run: one statement, or none where the
// author said NoSQL. A dialect without a text is an error.
func (o SQL) Statements(dialect string) ([]Statement, error) {
	text := o.text(dialect)
	switch strings.TrimSpace(text) {
	case "":
		return nil, fmt.Errorf("there is no SQL for %s; give it one, or op.NoSQL if there is nothing to do", dialect)
	case NoSQL:
		return nil, nil
	}
	return []Statement{{SQL: text}}, nil
}

func (o SQL) text(dialect string) string {
	own := o.Other[dialect]
	switch dialect {
	case "postgres":
		own = first(o.Postgres, own)
	case "sqlite":
		own = first(o.SQLite, own)
	}
	return first(own, o.All)
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// Reversed is Reverse. Where that is an SQL without a reverse of its own, this
// operation becomes its reverse.
func (o SQL) Reversed() (Op, error) {
	if o.Reverse == nil {
		return nil, fmt.Errorf("%s %w: Reverse is not set", o, ErrNoReverse)
	}
	if back, ok := value(o.Reverse).(SQL); ok && back.Reverse == nil {
		back.Reverse = o
		return back, nil
	}
	return o.Reverse, nil
}

// Apply changes nothing: what the statements do is not known.
func (o SQL) Apply(*schema.Schema) error { return nil }

// Object is the zero Object.
func (o SQL) Object() Object { return Object{} }

func (o SQL) String() string {
	text := first(o.All, o.Postgres, o.SQLite)
	if text == "" && len(o.Other) > 0 {
		return "run SQL"
	}
	return "run SQL " + shorten(strings.Join(strings.Fields(text), " "), 60)
}

func (o SQL) op() {}
