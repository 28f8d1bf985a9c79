package cli

import (
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// faultyModels have something wrong each, and all of them something of its own:
// tags that make broken SQL, models that bun panics on, declarations about what is
// not there.
func faultyModels() []any {
	return []any{
		(*faultyAuthor)(nil), (*faultyEmbed)(nil), (*faultyRelations)(nil), (*faultyTypes)(nil), (*faultyTags)(nil),
		(*faultyColumns)(nil), (*faultyDefine)(nil), (*faultyPanic)(nil), (*faultyTable)(nil), (*author)(nil), 7, (*tagless)(nil),
	}
}

type faultyEmbed struct {
	ID   int64  `bun:",pk"`
	Name string `bun:"embed:name_"`
}

type faultyRelations struct {
	ID      int64     `bun:",pk"`
	Odd     *author   `bun:"rel:belongs"`
	Writer  *author   `bun:"rel:belongs-to"`
	Editor  *author   `bun:"rel:belongs-to,join:editor_id=id"`
	Many    *author   `bun:"rel:has-many"`
	Through []*author `bun:"m2m:nowhere"`
	Plain   string    `bun:"rel:has-one"`
	Keyless *tagless  `bun:"rel:belongs-to,join:id=name"`
}

type tagless struct{ Name string }

type faultyTypes struct {
	ID       string `bun:",pk,autoincrement"`
	Anything any
	Fn       func()
	Words    string   `bun:",default:not healthy"`
	List     []string `bun:",default:{}"`
	Open     string   `bun:",default:'a"`
	OwnerID  int64
	Owner    *author `bun:"rel:belongs-to,on_delete:DESTROY"`
}

type faultyTags struct {
	ID   int64  `bun:",pk"     leaven:"indx"`
	Mood string `leaven:"enum"`
	Name string `leaven:"desc"`
}

type faultyColumns struct {
	ID      int64  `bun:",pk"`
	One     string `bun:"name"`
	Other   string `bun:"name"`
	Street  string
	AtHome  *author `bun:"rel:belongs-to,join:street=name"`
	Another *author `bun:"rel:has-one,join:street=nosuch"`
}

type faultyDefine struct {
	ID int64 `bun:",pk"`
}

func (*faultyDefine) Define() schema.Extras {
	return schema.Extras{
		Indexes: []schema.Index{{Parts: schema.Columns("nick")}, {Parts: []schema.Part{{Expr: schema.Expr("lower(id)")}}}},
		Columns: []schema.Column{{Name: "extra", Comment: "there is none"}},
		Checks:  []schema.Check{{}},
	}
}

type faultyPanic struct {
	ID   int64 `bun:",pk"`
	Size *int64
}

func (m *faultyPanic) Define() schema.Extras { return schema.Extras{Comment: string(rune(*m.Size))} }

type faultyTable struct {
	bun.BaseModel `bun:"table:a.b.c"`
	ID            int64 `bun:",pk"`
}
