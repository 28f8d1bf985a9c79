package sqlite

import (
	"github.com/uptrace/bun/dialect/sqlitedialect"
	bunschema "github.com/uptrace/bun/schema"
)

// BunDialect implements dialect.Offline.
func (Dialect) BunDialect() bunschema.Dialect { return sqlitedialect.New() }
