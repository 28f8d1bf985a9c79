package postgres

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun/dialect/pgdialect"
	bunschema "github.com/uptrace/bun/schema"
)

// BunDialect implements dialect.Offline.
func (Dialect) BunDialect() bunschema.Dialect { return pgdialect.New() }

// Shell implements dialect.Offline.
func (Dialect) Shell() dialect.Shell {
	return dialect.Shell{Run: "psql -v ON_ERROR_STOP=1 -f FILE"}
}

// lockModes are the locks of PostgreSQL's manual ("Explicit Locking") by the
// words that a statement begins with; the first that matches holds. The patterns
// are compiled when the first is asked for: a run that applies something asks none.
var lockModes = sync.OnceValue(func() []lockMode {
	return []lockMode{
		{beginning(`(CREATE|DROP) (UNIQUE )?INDEX CONCURRENTLY`), "SHARE UPDATE EXCLUSIVE"},
		{beginning(`REINDEX .*CONCURRENTLY`), "SHARE UPDATE EXCLUSIVE"},
		{beginning(`CREATE (UNIQUE )?INDEX`), "SHARE"},
		{beginning(`ALTER TABLE .* VALIDATE CONSTRAINT`), "SHARE UPDATE EXCLUSIVE"},
		{beginning(`ALTER TABLE .* ADD (CONSTRAINT .* )?FOREIGN KEY`), "SHARE ROW EXCLUSIVE"},
		{beginning(`ALTER TABLE .* ALTER (COLUMN )?.* SET STATISTICS`), "SHARE UPDATE EXCLUSIVE"},
		{beginning(`CREATE TABLE .* REFERENCES`), "SHARE ROW EXCLUSIVE"},
		{beginning(`CREATE (OR REPLACE )?(CONSTRAINT )?TRIGGER`), "SHARE ROW EXCLUSIVE"},
		{beginning(`COMMENT ON (TABLE|COLUMN|CONSTRAINT|INDEX)`), "SHARE UPDATE EXCLUSIVE"},
		{beginning(`ALTER INDEX .* RENAME`), "SHARE UPDATE EXCLUSIVE"},
		{beginning(`ALTER SEQUENCE`), "SHARE ROW EXCLUSIVE"},
		{beginning(`ALTER (TABLE|INDEX|VIEW|MATERIALIZED VIEW)`), "ACCESS EXCLUSIVE"},
		{beginning(`DROP (TABLE|INDEX|VIEW|MATERIALIZED VIEW|SEQUENCE|SCHEMA|TRIGGER|RULE|POLICY)`), "ACCESS EXCLUSIVE"},
		{beginning(`CREATE (POLICY|RULE|OR REPLACE VIEW|OR REPLACE RULE)`), "ACCESS EXCLUSIVE"},
		{beginning(`(TRUNCATE|CLUSTER|REINDEX|VACUUM FULL)`), "ACCESS EXCLUSIVE"},
		{beginning(`REFRESH MATERIALIZED VIEW CONCURRENTLY`), "EXCLUSIVE"},
		{beginning(`REFRESH MATERIALIZED VIEW`), "ACCESS EXCLUSIVE"},
	}
})

// lockMode is the lock of statements that begin so.
type lockMode struct {
	begins *regexp.Regexp
	mode   string
}

// beginning matches a statement that begins so, with any white space between words.
func beginning(pattern string) *regexp.Regexp {
	spaced := regexp.MustCompile(` `).ReplaceAllString(pattern, `\s+`)
	return regexp.MustCompile(`(?is)^\s*` + spaced + `\b`)
}

// strength orders the locks that lockModes names.
var strength = []string{"", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"}

// LockMode implements dialect.Locker: the strongest lock of a message, whose
// statements end with a semicolon and a line. Row locks of INSERT, UPDATE and
// DELETE stop nobody but those who want the same rows, and are not told.
func (Dialect) LockMode(sql string) string {
	strongest := ""
	for statement := range strings.SplitSeq(sql, ";\n") {
		if mode := lockOf(statement); slices.Index(strength, mode) > slices.Index(strength, strongest) {
			strongest = mode
		}
	}
	return strongest
}

func lockOf(statement string) string {
	for _, l := range lockModes() {
		if l.begins.MatchString(statement) {
			return l.mode
		}
	}
	return ""
}
