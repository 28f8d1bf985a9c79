package autogen

import (
	"fmt"

	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/schema"
)

// spelled is a schema twice: as its author wrote it, and as the database spells
// it. Constraints have the same names on both sides.
type spelled struct{ author, server *schema.Schema }

// marked returns a copy in which every constraint has a name, so that it is found
// again when the database has spelled it. Foreign keys are left out: they are all
// names, which databases do not spell anew.
func marked(s *schema.Schema) *schema.Schema {
	s = s.Clone()
	for _, t := range s.Tables {
		t.ForeignKeys = nil
		name := func(kind string, i int, given *string) {
			if *given == "" {
				*given = fmt.Sprintf("leaven_%s_%d_%s", kind, i, t.Name)
				*given = (*given)[:min(len(*given), 60)]
			}
		}
		for i := range t.Uniques {
			name("u", i, &t.Uniques[i].Name)
		}
		for i := range t.Checks {
			name("c", i, &t.Checks[i].Name)
		}
		for i := range t.Exclusions {
			name("x", i, &t.Exclusions[i].Name)
		}
	}
	return s
}

// respelling gives what a database told of itself the words of those who wrote
// it: of the models where they mean what is there, else of the migrations. What
// then differs from the models differs indeed.
//
// A database may not keep all that it is told: SQLite has one word for several
// types, and no comments. There it is what the migrations say, in words that have
// one meaning only.
type respelling struct {
	models, migrations spelled
	renames            []diff.Rename
}

func (r respelling) schema(live *schema.Schema) *schema.Schema {
	live = live.Clone()
	for i, t := range live.Tables {
		live.Tables[i] = r.table(t)
	}
	for _, v := range live.Views {
		for _, s := range []spelled{r.models, r.migrations} {
			author, server := s.author.View(v.Schema, v.Name), s.server.View(v.Schema, v.Name)
			if author != nil && server != nil && server.Query.Equal(v.Query) {
				v.Query = author.Query
				break
			}
		}
	}
	return live
}

// pair is a table in both spellings.
type pair struct {
	migrated       bool // by the migrations
	author, server *schema.Table
	column         func(string) string // the name of a column there
}

// of finds a table in the sources, also under the name that it is to get.
func (r respelling) of(t *schema.Table) []pair {
	var found []pair
	for i, s := range []spelled{r.models, r.migrations} {
		at := [2]string{t.Schema, t.Name}
		for _, n := range r.renames {
			if n.From.Kind == "table" && n.From.Schema == t.Schema && n.From.Table == t.Name && s.author.Table(t.Schema, t.Name) == nil {
				at = [2]string{n.To.Schema, n.To.Table}
			}
		}
		author, server := s.author.Table(at[0], at[1]), s.server.Table(at[0], at[1])
		if author == nil || server == nil {
			continue
		}
		found = append(found, pair{i == 1, author, server, func(name string) string {
			for _, n := range r.renames {
				on := n.From.Schema == t.Schema && n.From.Table == t.Name || n.From.Schema == at[0] && n.From.Table == at[1]
				if n.From.Kind == "column" && on && n.From.Name == name && author.Column(name) == nil {
					return n.To.Name
				}
			}
			return name
		}})
	}
	return found
}

func (r respelling) table(live *schema.Table) *schema.Table {
	t := live.Clone()
	pairs := r.of(live)
	for i := range t.Columns {
		respellColumn(&t.Columns[i], pairs)
	}
	for _, p := range pairs {
		if p.server.Comment == live.Comment {
			t.Comment = p.author.Comment // the migrations' in the end
		}
	}
	checks, exclusions, indexes := checkWords(), exclusionWords(), indexWords()
	for i, c := range t.Checks {
		if a, ok := checks.find(c, pairs); ok {
			t.Checks[i].Expr = a.Expr
		}
	}
	for i, x := range t.Exclusions {
		if a, ok := exclusions.find(x, pairs); ok {
			t.Exclusions[i].Elements, t.Exclusions[i].Method, t.Exclusions[i].Where = a.Elements, a.Method, a.Where
		}
	}
	for i, x := range t.Indexes {
		if a, ok := indexes.find(x, pairs); ok {
			a = a.Clone()
			a.Name, a.Comment = x.Name, x.Comment
			t.Indexes[i] = a
		}
	}
	return t
}

// respellColumn looks at each part of a column for itself: a column whose type
// differs still has the default that was meant.
func respellColumn(c *schema.Column, pairs []pair) {
	was := *c
	var typed, defaulted, generated, collated bool
	for _, p := range pairs {
		name := p.column(c.Name)
		author, server := p.author.Column(name), p.server.Column(name)
		if author == nil || server == nil {
			continue
		}
		if server.Type.Equal(was.Type) && (!typed || p.migrated && plain(c.Type) && plain(author.Type)) {
			c.Type, typed = author.Type, true
		}
		if server.Comment == was.Comment {
			c.Comment = author.Comment
		}
		if !defaulted && server.Default.Equal(was.Default) {
			c.Default, defaulted = author.Default, true
		}
		if !generated && server.Generated.Equal(was.Generated) {
			c.Generated, generated = author.Generated, true
		}
		if !collated && server.Collation == was.Collation {
			c.Collation, collated = author.Collation, true
		}
	}
}

// trust gives a table that the server could not spell the words of the models
// wherever both have an expression in the same place.
func trust(live, want *schema.Table) {
	for i := range live.Columns {
		c := &live.Columns[i]
		w := want.Column(c.Name)
		if w == nil {
			continue
		}
		if !plain(c.Type) || !plain(w.Type) {
			c.Type = w.Type
		}
		if !c.Default.IsZero() && !w.Default.IsZero() {
			c.Default = w.Default
		}
		if !c.Generated.IsZero() && !w.Generated.IsZero() {
			c.Generated = w.Generated
		}
	}
	for _, w := range want.Checks {
		for i := range live.Checks {
			if live.Checks[i].Name == w.Name {
				live.Checks[i].Expr = w.Expr
			}
		}
	}
	for _, w := range want.Exclusions {
		for i := range live.Exclusions {
			if live.Exclusions[i].Name == w.Name {
				live.Exclusions[i] = w
			}
		}
	}
	for _, w := range want.Indexes {
		if x := live.Index(w.Name); x != nil && x.Unique == w.Unique {
			*x = w.Clone()
		}
	}
}

// plain reports whether a type has one meaning only, on all databases.
func plain(t schema.Type) bool {
	return t.Kind != schema.KindRaw && t.Kind != schema.KindArray && len(t.Dialects()) == 0
}

// wording finds the author's words for a part of a table: by what it says, that
// of the same name first.
type wording[P any] struct {
	of   func(*schema.Table) []P
	name func(P) string
	says func(P) string // without its name, its comment, and whether it was validated
}

func checkWords() wording[schema.Check] {
	return wording[schema.Check]{
		of:   func(t *schema.Table) []schema.Check { return t.Checks },
		name: func(c schema.Check) string { return c.Name },
		says: func(c schema.Check) string { return c.Expr.String() },
	}
}

func exclusionWords() wording[schema.Exclusion] {
	return wording[schema.Exclusion]{
		of:   func(t *schema.Table) []schema.Exclusion { return t.Exclusions },
		name: func(x schema.Exclusion) string { return x.Name },
		says: func(x schema.Exclusion) string {
			x.Comment, x.Deferrable, x.InitiallyDeferred = "", false, false
			return schema.ConstraintText(x)
		},
	}
}

func indexWords() wording[schema.Index] {
	return wording[schema.Index]{
		of:   func(t *schema.Table) []schema.Index { return t.Indexes },
		name: func(x schema.Index) string { return x.Name },
		says: func(x schema.Index) string { x.Comment = ""; return schema.IndexText(x) },
	}
}

func (w wording[P]) find(live P, pairs []pair) (author P, ok bool) {
	for _, p := range pairs {
		for _, exact := range []bool{true, false} {
			for _, server := range w.of(p.server) {
				if w.says(server) != w.says(live) || exact && w.name(server) != w.name(live) {
					continue
				}
				for _, author := range w.of(p.author) {
					if w.name(author) == w.name(server) {
						return author, true
					}
				}
			}
		}
	}
	return author, false
}
