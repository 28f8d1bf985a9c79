package cli

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// parseRenames reads OLD:NEW of --rename. What a name with one point means, the
// models say: a column where there is such a table, or else a table in a schema.
func parseRenames(texts []string, want *schema.Schema) ([]diff.Rename, error) {
	var all []diff.Rename
	for _, text := range texts {
		from, to, ok := strings.Cut(text, ":")
		if !ok || from == "" || to == "" {
			return nil, misuse(fmt.Sprintf("--rename %q does not say OLD:NEW", text), "write it as users.nick:users.nickname, or as people:users")
		}
		r, ok := renameOf(strings.Split(from, "."), strings.Split(to, "."), want)
		if !ok {
			return nil, misuse(fmt.Sprintf("--rename %q names nothing that the models have", text),
				"the new name has to be there: users.nick:users.nickname for a column, people:users for a table, role.boss:role.owner for a value of an enum")
		}
		all = append(all, r)
	}
	return all, nil
}

func renameOf(from, to []string, want *schema.Schema) (diff.Rename, bool) {
	place := func(words []string) (schemaName, table string) {
		if len(words) == 2 {
			return words[0], words[1]
		}
		return "", words[0]
	}
	n := len(to)
	if n <= 2 { // the whole name is a table's
		if s, t := place(to); want.Table(s, t) != nil && len(from) <= 2 {
			fs, ft := place(from)
			return diff.Rename{From: op.Object{Kind: "table", Schema: fs, Table: ft}, To: op.Object{Kind: "table", Schema: s, Table: t}}, true
		}
	}
	if n < 2 || n > 3 || len(from) != n {
		return diff.Rename{}, false
	}
	s, t := place(to[:n-1])
	fs, ft := place(from[:n-1])
	if table := want.Table(s, t); table != nil && table.Column(to[n-1]) != nil {
		return diff.Rename{From: op.Object{Kind: "column", Schema: fs, Table: ft, Name: from[n-1]}, To: op.Object{Kind: "column", Schema: s, Table: t, Name: to[n-1]}}, true
	}
	if want.Enum(s, t) != nil {
		return diff.Rename{From: op.Object{Kind: "enum value", Schema: fs, Table: ft, Name: from[n-1]}, To: op.Object{Kind: "enum value", Schema: s, Table: t, Name: to[n-1]}}, true
	}
	return diff.Rename{}, false
}

// askRenames asks a person which pairs are one thing under two names. Each thing
// is asked about until it has found its other.
func (c *call) askRenames(candidates []diff.Rename) []diff.Rename {
	if !c.canAsk() {
		return nil
	}
	in := bufio.NewReader(c.in)
	var agreed []diff.Rename
	taken := map[op.Object]bool{}
	for _, r := range candidates {
		if taken[r.From] || taken[r.To] {
			continue
		}
		_, _ = fmt.Fprint(c.err.w, c.err.yellow(fmt.Sprintf("Was %s called %s until now?", r.To, nameOf(r.From)))+" Else it is made anew, and the old one is dropped with its data. [y/N] ")
		line, _ := in.ReadString('\n')
		if answer := strings.TrimSpace(line); strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes") {
			agreed = append(agreed, r)
			taken[r.From], taken[r.To] = true, true
		}
	}
	return agreed
}

// nameOf is an object without its kind.
func nameOf(o op.Object) string { return strings.TrimPrefix(o.String(), o.Kind+" ") }

// renameFlag is how a rename is said without being asked.
func renameFlag(r diff.Rename) string { return "--rename " + nameOf(r.From) + ":" + nameOf(r.To) }
