// Package postgres is the dialect of PostgreSQL 14 and later, on pgdriver, pgx
// stdlib, or any other driver of database/sql that serves bun's pgdialect.
//
// What lives here: how PostgreSQL spells operations, what it tells about its
// structure and its faults, how it locks, and how a URL becomes a connection
// with libpq's meaning. What does not: when any of that happens (package migrate).
// Importing the package registers it.
package postgres

import (
	"reflect"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
	bundialect "github.com/uptrace/bun/dialect"
)

// Dialect is PostgreSQL. The zero value is for a pool whose driver is unknown;
// Bind makes the one for a pool.
type Dialect struct {
	// packs: a message of several statements may return rows. Other drivers
	// prepare what returns rows, and a prepared statement is one statement.
	packs bool
}

// Name implements op.Renderer.
func (Dialect) Name() string { return "postgres" }

// BunName implements op.Renderer.
func (Dialect) BunName() bundialect.Name { return bundialect.PG }

// Bind implements dialect.Binder.
func (d Dialect) Bind(db *bun.DB) dialect.Dialect {
	t := reflect.TypeOf(db.Driver())
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	d.packs = strings.HasSuffix(t.PkgPath(), "bun/driver/pgdriver")
	return d
}

// Capabilities implements dialect.Dialect.
func (Dialect) Capabilities() dialect.Capabilities {
	return dialect.Capabilities{TransactionalDDL: true, Schemas: true, Roles: true, ManyWriters: true,
		ConcurrentIndexes: true, NotValid: true, Casts: true}
}
