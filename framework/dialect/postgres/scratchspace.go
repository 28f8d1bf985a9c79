package postgres

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// space is the application's schemas by the names that stand for them in a
// scratch schema. The application's default schema is "".
type space struct {
	base    string
	ours    map[string]string // by theirs; without the default one
	written map[string]string // theirs, as the server's texts have them
}

func newSpace(base string, makes *schema.Schema) space {
	sp := space{base: base, ours: map[string]string{}, written: map[string]string{}}
	if makes == nil {
		return sp
	}
	walk(makes.Clone(), func(name *string) {
		if *name != "" && sp.ours[*name] == "" {
			sp.ours[*name] = base + "_" + strconv.Itoa(len(sp.ours)+1)
		}
	}, nil)
	return sp
}

// theirs are the names of the application's schemas, in the order of ours.
func (sp space) theirs() []string {
	list := make([]string, len(sp.ours))
	for theirs, ours := range sp.ours {
		n, _ := strconv.Atoi(ours[len(sp.base)+1:])
		list[n-1] = theirs
	}
	return list
}

// name is ours for theirs; a schema that is not built here keeps its name.
func (sp space) name(theirs string) string {
	if ours, ok := sp.ours[theirs]; ok {
		return ours
	}
	return theirs
}

// inside gives a schema our names.
func (sp space) inside(s *schema.Schema) *schema.Schema {
	s = s.Clone()
	walk(s, func(name *string) { *name = sp.name(*name) }, nil)
	return s
}

// outside gives it theirs, in texts too: no other text has our names in it.
func (sp space) outside(s *schema.Schema) *schema.Schema {
	back := map[string]string{sp.base: ""}
	pairs := []string{sp.base + ".", ""}
	for theirs, ours := range sp.ours {
		back[ours] = theirs
		pairs = append(pairs, ours+".", sp.written[theirs]+".")
	}
	texts := strings.NewReplacer(pairs...)
	s = s.Clone()
	walk(s, func(name *string) {
		if theirs, ok := back[*name]; ok {
			*name = theirs
		}
	}, texts.Replace)
	inOrder(s)
	return s
}

// inOrder sorts what inspection sorts, by the names that it has now.
func inOrder(s *schema.Schema) {
	by := func(schemaA, nameA, schemaB, nameB string) int {
		return cmp.Or(strings.Compare(schemaA, schemaB), strings.Compare(nameA, nameB))
	}
	slices.Sort(s.Schemas)
	slices.SortFunc(s.Tables, func(a, b *schema.Table) int { return by(a.Schema, a.Name, b.Schema, b.Name) })
	slices.SortFunc(s.Enums, func(a, b *schema.Enum) int { return by(a.Schema, a.Name, b.Schema, b.Name) })
	slices.SortFunc(s.Sequences, func(a, b *schema.Sequence) int { return by(a.Schema, a.Name, b.Schema, b.Name) })
	slices.SortFunc(s.Views, func(a, b *schema.View) int { return by(a.Schema, a.Name, b.Schema, b.Name) })
	slices.SortStableFunc(s.Triggers, func(a, b schema.Trigger) int { return by(a.Schema, a.Table, b.Schema, b.Table) })
}
