package cli

import (
	"github.com/leavendb/leaven/framework/model"
	"github.com/uptrace/bun"
)

// modelSets are the models of a fixture, by the variable MODELS. The set "same"
// says what the migrations of "shop" make.
var modelSets = map[string][]any{
	"same":    {(*author)(nil), (*post)(nil), (*like)(nil)},
	"changed": {(*author)(nil), (*titledPost)(nil), (*like)(nil), (*invoice)(nil)},
	"indexed": {(*indexedAuthor)(nil), (*post)(nil), (*like)(nil)},
	"keyless": {(*author)(nil), (*titledPost)(nil), (*like)(nil), (*invoice)(nil)},
	"broken":  {(*faultyAuthor)(nil)},
	"faulty":  faultyModels(),
}

// readings are how the fixture reads a set of its models.
var readings = map[string]model.Options{"keyless": {NoForeignKeys: true, Exclude: []string{"po*"}}}

type author struct {
	bun.BaseModel `bun:"table:authors"`

	ID   int64  `bun:",pk"`
	Name string `bun:"type:text,notnull"`
}

type post struct {
	bun.BaseModel `bun:"table:posts"`

	ID   int64  `bun:",pk"`
	Name string `bun:"type:text,notnull"`
}

type like struct {
	bun.BaseModel `bun:"table:likes"`

	ID   int64  `bun:",pk"`
	Name string `bun:"type:text,notnull" leaven:"index"`
}

type titledPost struct {
	bun.BaseModel `bun:"table:posts"`

	ID    int64  `bun:",pk"`
	Title string `bun:"type:text,notnull"`
}

type invoice struct {
	bun.BaseModel `bun:"table:invoices"`

	ID       int64  `bun:",pk,autoincrement"`
	AuthorID int64  `bun:",notnull"`
	Total    string `bun:"type:numeric(12,2),notnull,default:0"`

	Author *author `bun:"rel:belongs-to,join:author_id=id,on_delete:CASCADE"`
}

type indexedAuthor struct {
	bun.BaseModel `bun:"table:authors"`

	ID   int64  `bun:",pk"`
	Name string `bun:"type:text,notnull" leaven:"index"`
	Note string `bun:"type:text"`
}

type faultyAuthor struct {
	bun.BaseModel `bun:"table:authors"`

	ID   int64  `bun:",pk"`
	Name string `bun:",notnull,default:nobody"`
}
