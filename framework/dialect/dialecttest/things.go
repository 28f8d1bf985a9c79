package dialecttest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// Thing is something that inspection must see, made by SQL of the database's own.
type Thing struct {
	Name  string
	Since int // the first major version of the server that has it; 0: all
	SQL   string
}

var thingHeader = regexp.MustCompile(`^== (?:\[since (\d+)\] )?(.+)$`)

// Things reads a text of things: each a line "== NAME" or "== [since 15] NAME",
// and the SQL that makes it.
func Things(text string) []Thing {
	var all []Thing
	for line := range strings.Lines(text) {
		if m := thingHeader.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			since, _ := strconv.Atoi(m[1])
			all = append(all, Thing{Name: m[2], Since: since})
			continue
		}
		if len(all) > 0 {
			all[len(all)-1].SQL += line
		}
	}
	return all
}

// Told tells all of a schema, a line for each thing, without the names of the
// database schemas that are said to be left out.
func Told(s *schema.Schema, without ...string) string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, e := range s.Extensions {
		add("extension %s in %s", e.Name, e.Schema)
	}
	for _, e := range s.Enums {
		add("enum %s %q", e.Name, e.Values)
	}
	for _, q := range s.Sequences {
		add("sequence %s %s start %d increment %d cache %d cycle %t", q.Name, q.Type, q.Start, q.Increment, q.Cache, q.Cycle)
	}
	for _, t := range s.Tables {
		lines = append(lines, toldTable(t)...)
	}
	for _, v := range s.Views {
		add("view %s materialized %t: %s", v.Name, v.Materialized, strings.Join(strings.Fields(v.Query.String()), " "))
	}
	for _, g := range s.Triggers {
		add("trigger %s on %s: %s %s", g.Name, g.Table, g.Event, g.Action)
	}
	text := strings.Join(lines, "\n") + "\n"
	for _, name := range without {
		text = strings.NewReplacer(`"`+name+`".`, "", name+".", "", " in "+name, "").Replace(text)
	}
	return text
}

func toldTable(t *schema.Table) []string {
	remark := func(text string) string {
		if text != "" {
			return " -- " + text
		}
		return ""
	}
	lines := []string{"table " + t.Name + remark(t.Comment)}
	add := func(format string, args ...any) {
		lines = append(lines, strings.TrimRight("  "+fmt.Sprintf(format, args...), " "))
	}
	for _, c := range t.Columns {
		add("%s %s%s", c.Name, strings.Join(strings.Fields(c.String()), " "), remark(c.Comment))
	}
	if len(t.PrimaryKey) > 0 {
		add("primary key %s (%s)", t.PrimaryKeyName, strings.Join(t.PrimaryKey, ", "))
	}
	var constraints []string
	say := func(kind, name string, c schema.Constraint) {
		constraints = append(constraints, fmt.Sprintf("%s %s %s", kind, name, schema.ConstraintText(c)))
	}
	for _, u := range t.Uniques {
		say("unique", u.Name, u)
	}
	for _, c := range t.Checks {
		say("check", c.Name, c)
	}
	for _, f := range t.ForeignKeys {
		say("foreign key", f.Name, f)
	}
	for _, x := range t.Exclusions {
		say("exclusion", x.Name, x)
	}
	for _, x := range t.Indexes {
		constraints = append(constraints, fmt.Sprintf("index %s %s", x.Name, schema.IndexText(x)))
	}
	slices.Sort(constraints)
	for _, text := range constraints {
		add("%s", text)
	}
	return lines
}
