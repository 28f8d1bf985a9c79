package postgres

import (
	"context"
	"fmt"

	"github.com/leavendb/leaven/framework/op"
)

// allVisible refuses an operation that must see all rows of a table of which row
// security hides some: an owner is held by its policies where they are forced. The
// highest number would be too low, a row that is in the way not be noticed.
func allVisible(ctx context.Context, at op.State, schemaName, table string) error {
	l, connected := at.(live)
	if !connected {
		return nil
	}
	hidden, err := l.texts(ctx, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = `+Dialect{}.Literal(table)+` AND `+inSchema(schemaName)+` AND row_security_active(c.oid)`)
	if err != nil || len(hidden) == 0 {
		return err
	}
	return fmt.Errorf("row security may hide rows of table %s from this role, and all of them must be seen: "+
		"run it as a role with BYPASSRLS, or around it ALTER TABLE … NO FORCE ROW LEVEL SECURITY", table)
}
