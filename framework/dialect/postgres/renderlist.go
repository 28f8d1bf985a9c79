package postgres

import (
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// script is the statements of one operation. Each is written before the next is
// begun.
type script struct {
	writers []*writer
	all     []op.Statement
}

// statement begins one; what the returned writer gets becomes its SQL.
func (l *script) statement(s op.Statement) *writer {
	w := &writer{}
	l.writers, l.all = append(l.writers, w), append(l.all, s)
	return w
}

func (l *script) strong() *writer { return l.statement(op.Statement{Strong: true}) }

func (l *script) weak() *writer { return l.statement(op.Statement{}) }

// index begins a statement that makes or drops an index.
func (l *script) index(concurrently bool) *writer {
	return l.statement(op.Statement{Strong: !concurrently, NoTx: concurrently})
}

// done are the statements, or the first error.
func (l *script) done() ([]op.Statement, error) {
	for i, w := range l.writers {
		if w.err != nil {
			return nil, w.err
		}
		l.all[i].SQL, l.all[i].Since = w.b.String(), w.since
	}
	return l.all, nil
}

// together is all statements in one message, which is one transaction even where
// the migration has none, so that an interruption leaves nothing halfway.
func (l *script) together() ([]op.Statement, error) {
	all, err := l.done()
	if err != nil || len(all) < 2 {
		return all, err
	}
	var one op.Statement
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = s.SQL
		one.Strong, one.Since = one.Strong || s.Strong, max(one.Since, s.Since)
	}
	one.SQL = strings.Join(texts, ";\n")
	return []op.Statement{one}, nil
}

func (l *script) addConstraint(schemaName, table string, c schema.Constraint) {
	l.strong().alter(schemaName, table).put("ADD ").constraint(c)
	l.commentConstraint(schemaName, table, c)
}
