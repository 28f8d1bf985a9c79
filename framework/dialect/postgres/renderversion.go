package postgres

import (
	"context"
	"fmt"

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
	advice := ""
	switch d.Classify(err).Code {
	case "55006":
		advice = "rows changed earlier in this transaction still have trigger events to come, such as checks of deferred foreign keys: " +
			"run SET CONSTRAINTS ALL IMMEDIATE before this operation, or change rows and table in two migrations"
	case "55P04":
		advice = "a value that a transaction adds to an enum cannot be used before its commit: add the value in a migration of its own, before this one"
	case "42804":
		if a, ok := o.(op.AlterColumn); ok && a.Using.IsZero() {
			advice = "say in Using how a value of the old type becomes one of the new"
		}
	case "2BP01":
		advice = "drop or change first what depends on it"
	case "0A000":
		if a, ok := o.(op.AlterColumn); ok && !a.From.Type.Equal(a.To.Type) {
			advice = "drop what uses the column before this operation, and make it again behind it"
		}
	}
	if advice == "" {
		return err
	}
	return fmt.Errorf("%w; %s", err, advice)
}
