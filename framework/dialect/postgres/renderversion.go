package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/op"
	"github.com/uptrace/bun"
)

// Version implements op.Versioner.
func (Dialect) Version(ctx context.Context, db bun.IDB) (int, error) {
	var version int
	err := db.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("asking the server's version: %w", err)
	}
	return version, nil
}

// VersionError implements op.Versioner.
func (Dialect) VersionError(version, since int) error {
	return fmt.Errorf("PostgreSQL %d cannot do this; %d and later can", version/10000, since/10000)
}

// Explain implements op.Explainer.
func (d Dialect) Explain(o op.Op, err error) error {
	if advice := d.advice(o, err); advice != "" {
		return fmt.Errorf("%w; %s", err, advice)
	}
	return err
}

// advice says what to do about a fault; empty: what the server says must do.
func (d Dialect) advice(o op.Op, err error) string {
	code := d.Classify(err).Code
	switch code {
	case "55006":
		return "rows changed earlier in this transaction still have trigger events to come, such as checks of deferred foreign keys: " +
			"run SET CONSTRAINTS ALL IMMEDIATE before this operation, or change rows and table in two migrations"
	case "55P04":
		return "a value that a transaction adds to an enum cannot be used before its commit: add the value in a migration of its own, before this one"
	case "2BP01":
		return "drop or change first what depends on it"
	}
	switch o := o.(type) {
	case op.AlterColumn:
		return alterAdvice(o, code, err.Error())
	case op.DropEnumValue:
		switch {
		case code == "22P02":
			return "a default still has the value: change it before (op.AlterColumn)"
		case usedElsewhere(code, err.Error()):
			return dropBefore
		}
	}
	return ""
}

func alterAdvice(o op.AlterColumn, code, text string) string {
	switch {
	case code == "42804" && strings.Contains(text, "default for column"):
		return "say the default in From and To, so that it is given anew with the new type"
	case code == "42804" && o.Using.IsZero():
		return "say in Using how a value of the old type becomes one of the new"
	case !o.From.Type.Equal(o.To.Type) && usedElsewhere(code, text):
		return dropBefore
	case code == "42P07" && numberingOf(o.To) == bySerial:
		return "the column's own sequence needs this name: rename the other one before, with op.SQL"
	}
	return ""
}

const dropBefore = "drop what uses the column before this operation, and make it again behind it"

// usedElsewhere reports whether a view, trigger or generated column keeps a column
// from getting another type. Servers before 16 call the last a fault of syntax.
func usedElsewhere(code, text string) bool {
	return code == "0A000" || code == "42601" && strings.Contains(text, "alter type of a column")
}
