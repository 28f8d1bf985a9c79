package model

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Covers reports whether the patterns include a table. An empty schemaName is
// the default schema, which patterns may name.
func (o Options) Covers(schemaName, table string) bool {
	if schemaName == "" {
		schemaName = o.DefaultSchema
	}
	matches := func(patterns []string) bool {
		for _, p := range patterns {
			name := table
			if strings.Contains(p, ".") {
				name = schemaName + "." + table
			}
			if ok, _ := path.Match(p, name); ok {
				return true
			}
		}
		return false
	}
	return (len(o.Include) == 0 || matches(o.Include)) && !matches(o.Exclude)
}

// validate finds patterns that match nothing because they are malformed.
func (o Options) validate() error {
	for _, p := range slices.Concat(o.Include, o.Exclude) {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("the pattern %q of tables is malformed: %w", p, err)
		}
	}
	return nil
}
