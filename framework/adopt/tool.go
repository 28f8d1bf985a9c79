package adopt

import (
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// tool is what a migration tool leaves in a database.
type tool struct {
	name    string
	tables  []string // its names where nobody chose another one; the first is today's
	columns []string // exactly these, sorted, and perhaps some of more
	more    []string
	// common says that the columns are those of many tables: by themselves they
	// prove nothing.
	common bool
	kind   kind // of the only column; anyKind: it does not matter
	read   reader
}

// kind is what kind of values a column has.
type kind uint8

const (
	anyKind kind = iota
	text
	number
)

// tools are those that we know, in order of their names. They are told apart by
// their columns: people rename tables, and several tools share a name.
var tools = []tool{
	{name: "alembic", tables: []string{"alembic_version"}, columns: []string{"version_num"}, read: readAlembic},
	{name: "atlas", tables: []string{"atlas_schema_revisions"}, read: readAtlas,
		columns: []string{"applied", "description", "error", "error_stmt", "executed_at", "execution_time", "hash", "operator_version", "partial_hashes", "total", "type", "version"}},
	{name: "bun", tables: []string{"bun_migrations"}, columns: []string{"group_id", "id", "migrated_at", "name"}, read: readBun},
	{name: "dbmate", tables: []string{"schema_migrations"}, columns: []string{"version"}, kind: text, common: true, read: readColumn("version")},
	{name: "flyway", tables: []string{"flyway_schema_history", "schema_version"}, read: readFlyway,
		columns: []string{"checksum", "description", "execution_time", "installed_by", "installed_on", "installed_rank", "script", "success", "type", "version"}},
	{name: "golang-migrate", tables: []string{"schema_migrations"}, columns: []string{"dirty", "version"}, read: readGolangMigrate},
	{name: "goose", tables: []string{"goose_db_version"}, columns: []string{"id", "is_applied", "tstamp", "version_id"}, read: readGoose},
	{name: "gormigrate", tables: []string{"migrations"}, columns: []string{"id"}, kind: text, common: true, read: readGormigrate},
	{name: "pgmigrate", tables: []string{"pgmigrate_migrations"}, columns: []string{"applied_at", "checksum", "execution_time_in_millis", "id"}, read: readColumn("id")},
	{name: "rails", tables: []string{"schema_migrations"}, columns: []string{"version"}, kind: text, common: true, read: readColumn("version")},
	{name: "sql-migrate", tables: []string{"gorp_migrations"}, columns: []string{"applied_at", "id"}, common: true, read: readColumn("id")},
	{name: "tern", tables: []string{"schema_version"}, columns: []string{"version"}, kind: number, common: true, read: readTern},
}

// leftAlone are tables of tools whose histories are their own: they are not
// adopted, and belong in no diff either.
var leftAlone = []struct {
	tool    string
	columns []string
}{
	{"bun", []string{"id", "table_name"}}, // its locks
	{"river", []string{"created_at", "line", "version"}},
	{"rails", []string{"created_at", "key", "updated_at", "value"}},
}

// namesLeftAlone are the tables of leftAlone by name, since their columns are
// those of many tables.
var namesLeftAlone = map[string]string{"bun_migration_locks": "bun", "river_migration": "river", "ar_internal_metadata": "rails"}

// Tools names the tools whose histories can be adopted, sorted.
func Tools() []string {
	names := make([]string, len(tools))
	for i, t := range tools {
		names[i] = t.name
	}
	return names
}

// Foreign tells whether a table belongs to another migration tool, and to which:
// such a table is in no diff. columns are the names of all its columns, in any
// order. A table with columns that many tables have counts only under the name
// that the tool gives it.
func Foreign(table string, columns []string) (toolName string, ok bool) {
	columns = slices.Sorted(slices.Values(columns))
	for i := range tools {
		if t := &tools[i]; t.has(columns) && (!t.common || slices.Contains(t.tables, table)) {
			return t.name, true
		}
	}
	for _, l := range leftAlone {
		if name := namesLeftAlone[table]; name == l.tool && slices.Equal(l.columns, columns) {
			return name, true
		}
	}
	return "", false
}

// has reports whether sorted columns are those of the tool.
func (t *tool) has(columns []string) bool {
	rest := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return slices.Contains(t.more, c) })
	return slices.Equal(rest, t.columns)
}

// fits reports whether a table may be the tool's.
func (t *tool) fits(c candidate) bool {
	switch {
	case !t.has(c.names()):
		return false
	case t.kind == text:
		return isText(c.columns[0].kind)
	case t.kind == number:
		return strings.Contains(c.columns[0].kind, "int")
	}
	return true
}

func isText(kind string) bool {
	kind = strings.ToLower(kind)
	return strings.Contains(kind, "char") || strings.Contains(kind, "text")
}

func toolNamed(name string) *tool {
	for i := range tools {
		if tools[i].name == name {
			return &tools[i]
		}
	}
	return nil
}

// LeaveOut removes the tables of other migration tools from a schema that was read
// from a database, unless one of the known schemas has them: then they are meant.
func LeaveOut(s *schema.Schema, known ...*schema.Schema) {
	for _, t := range slices.Clone(s.Tables) {
		var columns []string
		for _, c := range t.Columns {
			columns = append(columns, c.Name)
		}
		_, foreign := Foreign(t.Name, columns)
		meant := slices.ContainsFunc(known, func(k *schema.Schema) bool { return k != nil && k.Table(t.Schema, t.Name) != nil })
		if foreign && !meant {
			s.Remove(t.Schema, t.Name)
		}
	}
}
