package sqlite

import (
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	bunschema "github.com/uptrace/bun/schema"
)

// BunDialect implements dialect.Offline.
func (Dialect) BunDialect() bunschema.Dialect { return sqlitedialect.New() }

// Shell implements dialect.Offline.
func (Dialect) Shell() dialect.Shell {
	const on = "PRAGMA foreign_keys = ON"
	return dialect.Shell{
		Run: "sqlite3 -bail DATABASE < FILE", Prepare: []string{on},
		ForeignKeysOff: "PRAGMA foreign_keys = OFF", ForeignKeysOn: on, Violations: "pragma_foreign_key_check",
	}
}
