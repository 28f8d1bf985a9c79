package cli

import (
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) inspectCommand() *cobra.Command {
	var schemas []string
	return p.verb(leaf{
		use: "inspect", group: groupLook, codes: lookCodes,
		short:   "Show the structure of the database as it is seen",
		long:    "Shows tables, columns, keys, constraints, indexes, enums, views, sequences, triggers and\nextensions in the database's own words, without Leaven's own tables. It writes nothing.",
		example: "  {migrate} inspect\n  {migrate} inspect --schema app --json",
		flags: func(fs *pflag.FlagSet) {
			fs.StringSliceVar(&schemas, "schema", nil, "also these schemas beside the default one")
		},
		do: func(c *call) (view, error) {
			return c.look(func() (view, error) {
				m, err := c.migrator()
				if err != nil {
					return nil, err
				}
				if err := c.schemasThere(schemas); err != nil {
					return nil, err
				}
				s, err := autogen.Inspect(c.ctx, c.conn.dialect, c.conn.db, ownTables(m), "", schemas...)
				if err != nil {
					return nil, err
				}
				return newInspectView(s), nil
			})
		},
	})
}

// schemasThere refuses to show a schema that is not there, as if it was empty.
func (c *call) schemasThere(names []string) error {
	catalog, is := c.conn.dialect.Live(c.conn.db).(op.Catalog)
	if len(names) > 0 && (!is || !c.conn.dialect.Capabilities().Schemas) {
		return misuse("this kind of database has no schemas", "leave --schema out")
	}
	for _, name := range names {
		there, err := catalog.Has(c.ctx, op.Object{Kind: "schema", Schema: name})
		if err != nil {
			return err
		}
		if !there {
			return misuse(fmt.Sprintf("there is no schema %q in the database", name), "look at its name: letter case counts")
		}
	}
	return nil
}

// inspectView is a schema as it is shown. Types and expressions are texts.
type inspectView struct {
	Tables     []tableView `json:"tables"`
	Enums      []enumView  `json:"enums"`
	Views      []queryView `json:"views"`
	Sequences  []string    `json:"sequences"`
	Triggers   []string    `json:"triggers"`
	Extensions []string    `json:"extensions"`
	Schemas    []string    `json:"schemas"`
}

type tableView struct {
	Schema      string       `json:"schema,omitempty"` // empty: the default one
	Name        string       `json:"name"`
	Columns     []columnView `json:"columns"`
	PrimaryKey  []string     `json:"primary_key"`
	Constraints []partView   `json:"constraints"`
	Indexes     []partView   `json:"indexes"`
	Comment     string       `json:"comment,omitempty"`
}

type columnView struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	NotNull   bool   `json:"not_null"`
	Default   string `json:"default,omitempty"`
	Counts    bool   `json:"auto_increment,omitempty"`
	Identity  string `json:"identity,omitempty"`
	Generated string `json:"generated,omitempty"`
	Collation string `json:"collation,omitempty"`
	Comment   string `json:"comment,omitempty"`
}

// partView is a constraint or an index.
type partView struct {
	Kind string `json:"kind"` // unique, check, foreign key, exclusion, index
	Name string `json:"name"`
	Text string `json:"text"`
}

type enumView struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

type queryView struct {
	Name  string `json:"name"`
	Query string `json:"query"`
}

func newInspectView(s *schema.Schema) *inspectView {
	v := &inspectView{Tables: []tableView{}, Enums: []enumView{}, Views: []queryView{}, Sequences: []string{}, Triggers: []string{}, Extensions: []string{}, Schemas: append([]string{}, s.Schemas...)}
	for _, t := range s.Tables {
		v.Tables = append(v.Tables, newTableView(t))
	}
	for _, e := range s.Enums {
		v.Enums = append(v.Enums, enumView{qualified(e.Schema, e.Name), e.Values})
	}
	for _, q := range s.Views {
		v.Views = append(v.Views, queryView{qualified(q.Schema, q.Name), q.Query.String()})
	}
	for _, q := range s.Sequences {
		v.Sequences = append(v.Sequences, qualified(q.Schema, q.Name))
	}
	for _, g := range s.Triggers {
		v.Triggers = append(v.Triggers, qualified(g.Schema, g.Table)+"."+g.Name)
	}
	for _, e := range s.Extensions {
		v.Extensions = append(v.Extensions, e.Name)
	}
	return v
}

func newTableView(t *schema.Table) tableView {
	v := tableView{Schema: t.Schema, Name: t.Name, Columns: []columnView{}, PrimaryKey: append([]string{}, t.PrimaryKey...), Constraints: []partView{}, Indexes: []partView{}, Comment: t.Comment}
	for _, c := range t.Columns {
		v.Columns = append(v.Columns, columnView{Name: c.Name, Type: c.Type.String(), NotNull: c.Required(), Default: c.Default.String(),
			Counts: c.AutoIncrement, Identity: string(c.Identity), Generated: c.Generated.String(), Collation: c.Collation, Comment: c.Comment})
	}
	for _, c := range t.Uniques {
		v.Constraints = append(v.Constraints, partView{"unique", c.Name, schema.ConstraintText(c)})
	}
	for _, c := range t.Checks {
		v.Constraints = append(v.Constraints, partView{"check", c.Name, schema.ConstraintText(c)})
	}
	for _, c := range t.ForeignKeys {
		v.Constraints = append(v.Constraints, partView{"foreign key", c.Name, schema.ConstraintText(c)})
	}
	for _, c := range t.Exclusions {
		v.Constraints = append(v.Constraints, partView{"exclusion", c.Name, schema.ConstraintText(c)})
	}
	for _, x := range t.Indexes {
		v.Indexes = append(v.Indexes, partView{"index", x.Name, schema.IndexText(x)})
	}
	return v
}

func qualified(schemaName, name string) string {
	if schemaName == "" {
		return name
	}
	return schemaName + "." + name
}

func (v *inspectView) show(c *call) {
	for _, e := range v.Enums {
		c.out.line("enum " + e.Name + ": " + strings.Join(e.Values, ", "))
	}
	for _, t := range v.Tables {
		c.out.line("table " + qualified(t.Schema, t.Name) + comment(t.Comment))
		for _, col := range t.Columns {
			c.out.line("  " + col.String())
		}
		if len(t.PrimaryKey) > 0 {
			c.out.line("  primary key (" + strings.Join(t.PrimaryKey, ", ") + ")")
		}
		for _, p := range append(t.Constraints, t.Indexes...) {
			c.out.line(strings.TrimRight(fmt.Sprintf("  %s %s: %s", p.Kind, p.Name, p.Text), " "))
		}
	}
	for _, q := range v.Views {
		c.out.line("view " + q.Name + ": " + strings.Join(strings.Fields(q.Query), " "))
	}
	for _, l := range []struct {
		kind  string
		names []string
	}{{"sequence", v.Sequences}, {"trigger", v.Triggers}, {"extension", v.Extensions}} {
		for _, name := range l.names {
			c.out.line(l.kind + " " + name)
		}
	}
	c.err.line(fmt.Sprintf("%d tables", len(v.Tables)))
}

// String is the column on one line.
func (v columnView) String() string {
	words := []string{v.Name, v.Type}
	for _, more := range []struct {
		is   bool
		text string
	}{
		{v.Collation != "", "collate " + v.Collation}, {v.NotNull, "not null"}, {v.Counts, "auto-increment"}, {v.Identity != "", "identity " + strings.ToLower(v.Identity)},
		{v.Default != "", "default " + v.Default}, {v.Generated != "", "generated as " + v.Generated},
	} {
		if more.is {
			words = append(words, more.text)
		}
	}
	return strings.Join(words, " ") + comment(v.Comment)
}

func comment(text string) string {
	if text == "" {
		return ""
	}
	return " -- " + strings.Join(strings.Fields(text), " ")
}
