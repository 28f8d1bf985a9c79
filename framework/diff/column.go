package diff

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func columnKey(t *schema.Table, column string) [3]string { return [3]string{t.Schema, t.Name, column} }

func columnName(t *schema.Table, column string) string { return named(t.Schema, t.Name) + "." + column }

// columnTitle is what a person would call the change of c into want; nil: it is
// dropped.
func columnTitle(t *schema.Table, c schema.Column, want *schema.Column) string {
	name := columnName(t, c.Name)
	if want == nil {
		return "drop " + name
	}
	var parts []string
	if !c.Type.Equal(want.Type) {
		parts = append(parts, "change "+name+" from "+c.Type.String()+" to "+want.Type.String())
	}
	if !c.Generated.Equal(want.Generated) || c.Virtual != want.Virtual {
		parts = append(parts, "change how "+name+" is computed")
	}
	if c.Counts() != want.Counts() || c.Identity != want.Identity && want.Identity != schema.NoIdentity {
		parts = append(parts, "change how "+name+" is numbered")
	}
	if c.Required() != want.Required() {
		if want.Required() {
			parts = append(parts, "make "+name+" not null")
		} else {
			parts = append(parts, "let "+name+" be null")
		}
	}
	if !c.Default.Equal(want.Default) {
		switch {
		case want.Default.IsZero():
			parts = append(parts, "drop the default of "+name)
		case c.Default.IsZero():
			parts = append(parts, "give "+name+" a default")
		default:
			parts = append(parts, "change the default of "+name)
		}
	}
	if c.Collation != want.Collation {
		parts = append(parts, "change the collation of "+name)
	}
	if len(parts) == 0 {
		return "comment on " + name
	}
	if len(parts) > 1 && c.Type.Equal(want.Type) {
		return "change " + name
	}
	return parts[0]
}

// findRemade finds the columns that no operation changes in place: they are
// dropped and added again. So are generated columns that read one whose type
// changes.
func (p *plan) findRemade() {
	for _, both := range p.tables {
		for _, c := range both.now.Columns {
			want := both.want.Column(c.Name)
			if want == nil || sameColumn(c, *want) {
				continue
			}
			computed := !want.Generated.IsZero() || !c.Generated.IsZero() && c.Virtual
			if computed && !onlyCommentsDiffer(c, *want) || staysFilled(c, *want) {
				p.remade[columnKey(both.now, c.Name)] = columnTitle(both.now, c, want)
			}
		}
		for _, c := range both.now.Columns {
			want := both.want.Column(c.Name)
			if want == nil || c.Generated.IsZero() || want.Generated.IsZero() {
				continue
			}
			for _, source := range both.now.Columns {
				next := both.want.Column(source.Name)
				if source.Name != c.Name && c.Generated.Mentions(source.Name) && (next == nil || !next.Type.Equal(source.Type)) {
					p.remade[columnKey(both.now, c.Name)] = columnTitle(both.now, source, next)
				}
			}
		}
	}
}

// staysFilled reports whether a stored computed column becomes a plain one, which
// keeps its values. What hangs on it is taken off all the same: on the way back
// it is dropped and added again.
func staysFilled(c, want schema.Column) bool {
	return !c.Generated.IsZero() && !c.Virtual && want.Generated.IsZero()
}

func onlyCommentsDiffer(a, b schema.Column) bool { return a.Comment != b.Comment && sameColumn(a, b) }

// leaves reports whether the column of a table is dropped, for good or to be
// added again, and under which title.
func (p *plan) leaves(both tablePair, column string) (title string, is bool) {
	if title := p.remade[columnKey(both.now, column)]; title != "" {
		return title, true
	}
	c := both.now.Column(column)
	return "drop " + columnName(both.now, column), c != nil && both.want.Column(column) == nil
}

// addColumns drops what is to be made anew, and adds what is new. Columns that go
// for good go later, so that a person can put a copy of their values between.
func (p *plan) addColumns() {
	for _, both := range p.tables {
		p.dropRemade(both)
		plainFirst := slices.Clone(both.want.Columns)
		slices.SortStableFunc(plainFirst, func(a, b schema.Column) int { return rank(a.Generated) - rank(b.Generated) })
		for _, c := range plainFirst {
			if !c.Generated.IsZero() {
				continue // may read what alterColumns changes
			}
			p.addColumn(both, c)
		}
	}
}

func rank(generated schema.Expression) int {
	if generated.IsZero() {
		return 0
	}
	return 1
}

// dropRemade takes away the columns that are added again, and the computed ones
// that are gone for good: they would forbid to change what they read.
func (p *plan) dropRemade(both tablePair) {
	names := make([]schema.Column, 0, len(both.now.Columns))
	for _, c := range both.now.Columns {
		if p.remade[columnKey(both.now, c.Name)] != "" || !c.Generated.IsZero() && both.want.Column(c.Name) == nil {
			names = append(names, c)
		}
	}
	// What reads others goes before them.
	slices.SortStableFunc(names, func(a, b schema.Column) int { return rank(b.Generated) - rank(a.Generated) })
	for _, c := range names {
		title := p.remade[columnKey(both.now, c.Name)]
		if both.want.Column(c.Name) == nil {
			was := c
			p.do("drop "+columnName(both.now, c.Name), op.DropColumn{Schema: both.now.Schema, Table: both.now.Name, Name: c.Name, Was: &was}, p.hindered(both.now, c.Name)...)
			continue
		}
		if staysFilled(c, *both.want.Column(c.Name)) {
			filled := c
			filled.Generated = schema.Expression{}
			p.do(title, op.AlterColumn{Schema: both.now.Schema, Table: both.now.Name, From: c, To: filled},
				Remark{Attention, columnName(both.now, c.Name) + " keeps its values and is no longer computed; the way back computes all of them anew"})
			continue
		}
		var remarks []Remark
		switch {
		case c.Generated.IsZero():
			remarks = append(remarks, Remark{DataLoss, fmt.Sprintf("the values of %s are gone: a column that exists cannot become a computed one", columnName(both.now, c.Name))})
		case both.want.Column(c.Name).Generated.IsZero():
			remarks = append(remarks, Remark{DataLoss, fmt.Sprintf("%s was computed when it was read, so it is empty afterwards", columnName(both.now, c.Name))})
		}
		remarks = append(remarks, p.comesBack(both.now, c)...)
		was := c
		p.do(title, op.DropColumn{Schema: both.now.Schema, Table: both.now.Name, Name: c.Name, Was: &was}, append(remarks, p.hindered(both.now, c.Name)...)...)
	}
}

func (p *plan) addColumn(both tablePair, c schema.Column) {
	if both.now.Column(c.Name) != nil {
		return
	}
	title := "add " + columnName(both.now, c.Name)
	if was := p.remade[columnKey(both.now, c.Name)]; was != "" {
		title = was
	}
	p.do(title, op.AddColumn{Schema: both.now.Schema, Table: both.now.Name, Column: c}, p.addingRisks(both.now, c)...)
}

func (p *plan) addingRisks(t *schema.Table, c schema.Column) []Remark {
	if p.created[t] {
		return nil
	}
	name := columnName(t, c.Name)
	var remarks []Remark
	if c.NotNull && !c.Counts() && c.Default.IsZero() && c.Generated.IsZero() {
		remarks = append(remarks, Remark{MayFail, fmt.Sprintf("rows that are there have no value for %s, and it refuses NULL: give it a default, or add it without NOT NULL, fill it, and make it NOT NULL then", name)})
	}
	switch {
	case c.Counts():
		remarks = append(remarks, Remark{Rewrite, "every row is given a number"})
	case !c.Generated.IsZero() && !c.Virtual:
		remarks = append(remarks, Remark{Rewrite, "every row is given its computed value"})
	case volatile(c.Default):
		remarks = append(remarks, Remark{Rewrite, "the default is computed for every row that is there"})
	}
	return remarks
}

// volatile reports whether a default has another value for each row, so far as
// that can be told.
func volatile(e schema.Expression) bool {
	calls := []string{"gen_random_uuid", "uuid_generate_v4", "uuidv7", "uuidv4", "random", "nextval", "clock_timestamp", "timeofday"}
	return e.IsRandomUUID() || slices.ContainsFunc(calls, e.Mentions)
}

// dropColumns drops the columns that are gone for good and hold values.
func (p *plan) dropColumns() {
	for _, both := range p.tables {
		var gone []schema.Column
		for _, c := range both.now.Columns {
			if both.want.Column(c.Name) == nil {
				gone = append(gone, c)
			}
		}
		for _, c := range gone {
			name := columnName(both.now, c.Name)
			remarks := []Remark{{DataLoss, fmt.Sprintf("the values of %s are gone; if it was renamed, say --rename %s:%s.NEW", name, name, placeOf(both.now))}}
			remarks = append(remarks, p.comesBack(both.now, c)...)
			was := c
			p.do("drop "+name, op.DropColumn{Schema: both.now.Schema, Table: both.now.Name, Name: c.Name, Was: &was}, append(remarks, p.hindered(both.now, c.Name)...)...)
		}
	}
}
