package autogen

import (
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// values are words that mean something else where they are quoted, so that a column
// of that name is not meant without quotes.
var values = []string{
	"user", "current_user", "session_user", "system_user", "current_role", "current_catalog", "current_schema", "current_database",
	"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "true", "false", "null", "default", "value", "all", "any", "some",
}

// quoted returns a copy in which expressions quote the columns of their table, as a
// rename makes them do. Two that were equal stay so, and two that say the same of
// a column become equal.
func quoted(s *schema.Schema) *schema.Schema {
	s = s.Clone()
	for _, t := range s.Tables {
		var names []string
		for _, c := range t.Columns {
			if !slices.Contains(values, c.Name) {
				names = append(names, c.Name)
			}
		}
		for _, e := range t.Expressions() {
			for _, name := range names {
				*e = e.Renamed(name, name)
			}
		}
	}
	return s
}

// offline gives the fold the words of the models where the two differ in nothing but
// quotes.
func (c *comparison) offline() *schema.Schema {
	want, made := marked(c.want), marked(c.fold)
	r := respelling{models: spelled{want, quoted(want)}, migrations: spelled{made, quoted(made)}, renames: c.renames}
	return r.schema(quoted(c.fold))
}
