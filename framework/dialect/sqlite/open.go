package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/driver/sqliteshim"
)

var _ dialect.Opener = Dialect{}

// Schemes implements dialect.Opener.
func (Dialect) Schemes() []string { return []string{"sqlite", "file"} }

// Open implements dialect.Opener: a pool for a URL (see [ParseURL]), through
// bun's sqliteshim. It makes the file's directory unless the URL says that the
// file must exist (mode=ro, mode=rw); the file itself is made when it is first
// used. A database in memory gets a pool of one connection, because each
// connection would see another one.
func (Dialect) Open(_ context.Context, text string) (*bun.DB, error) {
	at, err := ParseURL(text)
	if err != nil {
		return nil, err
	}
	if mode := at.Params.Get("mode"); !at.InMemory() && at.writes() && mode != "rw" {
		if err := os.MkdirAll(filepath.Dir(at.Path), 0o755); err != nil {
			return nil, fmt.Errorf("database URL: its directory cannot be made: %w", err)
		}
	}
	pool, err := sql.Open(sqliteshim.ShimName, at.dsn())
	if err != nil {
		return nil, err
	}
	if at.InMemory() {
		pool.SetMaxOpenConns(1)
		pool.SetMaxIdleConns(1)
		pool.SetConnMaxLifetime(0)
	}
	return bun.NewDB(pool, sqlitedialect.New()), nil
}

const masked = "xxxxx"

// Redact implements dialect.Opener. A file has no secrets, but the parameters
// of drivers that encrypt it have. Of a text that is no URL of ours nothing is
// shown.
func (Dialect) Redact(text string) string {
	at, err := ParseURL(text)
	if err != nil {
		if scheme, _, found := strings.Cut(text, ":"); found && isScheme(scheme) {
			return scheme + ":" + masked
		}
		return masked
	}
	head, query, found := strings.Cut(text, "?")
	if !found {
		return text
	}
	for name, values := range at.Params {
		for _, v := range values {
			if secret(name) || strings.EqualFold(name, "_pragma") && secret(v) {
				return head + "?" + redactQuery(query)
			}
		}
	}
	return text
}

// redactQuery masks the values of secret parameters and leaves the rest as it
// was written.
func redactQuery(query string) string {
	params := strings.Split(query, "&")
	for i, p := range params {
		name, value, _ := strings.Cut(p, "=")
		plainName, _ := url.QueryUnescape(name)
		plainValue, _ := url.QueryUnescape(value)
		if secret(plainName) || strings.EqualFold(plainName, "_pragma") && secret(plainValue) {
			params[i] = name + "=" + masked
		}
	}
	return strings.Join(params, "&")
}

// secret reports whether a parameter, or a pragma, is about a password or key.
func secret(name string) bool {
	name, _, _ = strings.Cut(strings.ToLower(name), "(")
	if strings.Contains(name, "foreign_key") {
		return false
	}
	for _, word := range []string{"key", "pass", "pwd", "secret", "auth", "salt", "token"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}
