package sqlite

import (
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/op"
)

var _ op.Explainer = Dialect{}

// Explain implements op.Explainer: rows that do not fit what a table becomes are
// refused by the new table, whose name nobody knows.
func (d Dialect) Explain(o op.Op, err error) error {
	f := d.Classify(err)
	table := strings.TrimPrefix(f.Table, newPrefix)
	_, own := o.(op.SQL)
	switch {
	case blocked(err):
		return fmt.Errorf("%w; drop it before this operation, and make it again behind it", err)
	case table != f.Table && f.Class == dialect.NotNull:
		return fmt.Errorf("rows of table %s have no %s (NULL), and cannot be taken over; give them one before: %w", table, f.Column, err)
	case table != f.Table && f.Class == dialect.Unique:
		return fmt.Errorf("rows of table %s are alike in %s; change them before: %w", table, f.Column, err)
	case f.Class != dialect.Constraint || own:
		return err
	}
	if enum, ok := strings.CutPrefix(f.Constraint, enumPrefix); ok {
		return fmt.Errorf("rows have a value that is none of enum %s; change them before, or say Using: %w", enum, err)
	}
	if f.Constraint != "" {
		return fmt.Errorf("rows do not fulfil the check %s; change them before: %w", f.Constraint, err)
	}
	return err
}

// blocked reports whether a view or trigger keeps SQLite from renaming something:
// its text would not fit any more, or does not fit as it is.
func blocked(err error) bool {
	text := err.Error()
	return strings.Contains(text, "error in view ") || strings.Contains(text, "error in trigger ")
}
