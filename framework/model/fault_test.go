package model_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/model"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

type badEmbed struct {
	ID   int64  `bun:",pk"`
	Name string `bun:"embed:name_"`
}

type badRelations struct {
	ID      int64         `bun:",pk"`
	Odd     *stringKey    `bun:"rel:belongs"`
	Missing *stringKey    `bun:"rel:belongs-to"`
	Join    *stringKey    `bun:"rel:belongs-to,join:kode=code"`
	Theirs  *stringKey    `bun:"rel:belongs-to,join:id=kode"`
	Many    *stringKey    `bun:"rel:has-many"`
	Through []*stringKey  `bun:"m2m:nowhere"`
	Keyless *noBase       `bun:"rel:belongs-to,join:id=name"`
	Text    string        `bun:"rel:has-one"`
	Good    *badRelations `bun:"rel:belongs-to,join:id=id"`
}

// lostTag has tags that nobody would read: bun makes no columns of these fields.
type lostTag struct {
	ID    int64  `bun:",pk"`
	Gross string `bun:",scanonly" leaven:"generated:net * 2"`
	Notes string `bun:"-"         leaven:"index"`
	Count int    `bun:",scanonly"`
}

type badAll struct {
	ID     int64      `bun:",pk"              leaven:"indx"`
	Odd    *stringKey `bun:"rel:belongs"`
	State  string     `bun:",default:healthy"`
	Name   string     //
	Naming string     `bun:"name"`
	Fn     func()     //
	Mood   string     `leaven:"enum"`
	Theirs *stringKey `bun:"rel:belongs-to,join:id=kode"`
}

func (*badAll) Define() schema.Extras {
	return schema.Extras{Indexes: []schema.Index{{Parts: schema.Columns("nick")}}}
}

type anything struct {
	ID int64 `bun:",pk"`
	V  any
	C  complex128
	F  func()
}

type healthy struct {
	ID     int64    `bun:",pk"`
	State  string   `bun:",default:healthy"`
	Words  string   `bun:",default:not healthy"`
	List   []string `bun:",default:{}"`
	Open   string   `bun:",default:'a,b'"`
	Call   string   `bun:",default:upper('a'"`
	Action int64    //
	Other  *healthy `bun:"rel:belongs-to,join:action=id,on_delete:DESTROY"`
}

type twice struct {
	A string `bun:"name"`
	B string `bun:"name"`
}

type group1 struct {
	A string `bun:",unique:same"`
}

type group2 struct {
	A string `bun:",unique:same"`
}

type badName struct {
	bun.BaseModel `bun:"table:a.b.c"`
	ID            int64 `bun:",pk"`
}

type keyIdentity struct {
	ID int64 `bun:",pk,identity"`
}

type keyPart struct {
	A int64 `bun:",pk,autoincrement"`
	B int64 `bun:",pk"`
}

type countsText struct {
	ID string `bun:",pk,autoincrement"`
}

type countsDefault struct {
	ID int64 `bun:",pk,autoincrement,default:7"`
}

type notUnique struct {
	ID     int64   `bun:",pk"`
	Street string  `bun:",nullzero"`
	Other  *noBody `bun:"rel:belongs-to,join:street=street"`
}

type noBody struct {
	ID     int64 `bun:",pk"`
	Street string
}

type badTag struct {
	bun.BaseModel `bun:"table:bad_tags"  leaven:"coment:x"`
	ID            int64     `bun:",pk"             leaven:"indx"`
	Name          string    `leaven:"where:id > 1"`
	ParentID      int64     //
	Parent        *badTag   `bun:"rel:belongs-to"                 leaven:"cascade"`
	Mood          string    `leaven:"enum"`
	Children      []*badTag `bun:"rel:has-many,join:id=parent_id" leaven:"foreign_key"`
}

type badDefine struct {
	ID int64 `bun:",pk"`
}

func (*badDefine) Define() schema.Extras {
	return schema.Extras{
		Indexes:        []schema.Index{{Parts: schema.Columns("nick")}, {Parts: []schema.Part{{Expr: schema.Expr("lower(id)")}}}},
		Uniques:        []schema.Unique{{Columns: []string{"nock"}}},
		Columns:        []schema.Column{{Name: "extra", Comment: "no such"}},
		ForeignKeys:    []schema.ForeignKey{{Columns: []string{"id"}}, {Columns: []string{"nuck"}, RefTable: "string_keys"}},
		RenamedColumns: map[string]string{"neck": "old"},
		Concurrently:   []string{"nothing_idx"},
		Checks:         []schema.Check{{}},
	}
}

type panics struct {
	ID int64 `bun:",pk"`
	P  *int64
}

func (p *panics) Define() schema.Extras { return schema.Extras{Comment: string(rune(*p.P))} }

type moodA string

func (moodA) Values() []string { return []string{"sad", "ok"} }

type moodB string

func (moodB) Values() []string { return []string{"sad", "sad"} }

type moodC string

func (moodC) Values() []string { return []string{"sad"} }

type moods struct {
	A moodA `bun:"type:mood"`
	B moodB `bun:"type:mood_b"`
	C moodC `bun:"type:mood"`
}

type part1 struct {
	bun.BaseModel `bun:"table:everything"`
	ID            int64 `bun:"id,pk,autoincrement"`
	A             *int
}

type hookColumns struct {
	ID int64 `bun:",pk"`
}

func (hookColumns) BeforeCreateTable(_ context.Context, q *bun.CreateTableQuery) error {
	q.ColumnExpr("search tsvector")
	return nil
}

type hookKey struct {
	ID int64 `bun:",pk"`
}

func (hookKey) BeforeCreateTable(_ context.Context, q *bun.CreateTableQuery) error {
	q.ForeignKey("(id) REFERENCES string_keys (code) MATCH FULL").PartitionBy("RANGE (id)")
	return nil
}

type hookSQL struct {
	ID int64 `bun:",pk"`
}

func (hookSQL) BeforeCreateTable(ctx context.Context, q *bun.CreateTableQuery) error {
	_, err := q.DB().ExecContext(ctx, "SELECT 1")
	return err
}

type clash struct {
	bun.BaseModel `bun:"table:clashes"`
	ID            int64 `bun:",pk"           leaven:"index:clashes"`
}

type overlap struct {
	During string `bun:"type:text"`
}

func (overlap) Define() schema.Extras {
	return schema.Extras{Exclusions: []schema.Exclusion{{Method: "gist", Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "during"}, Operator: "&&"}}}}}
}

var (
	pg   = postgres.Dialect{}
	lite = sqlite.Dialect{}
)

func TestFaultsAreNamed(t *testing.T) {
	for _, c := range []struct {
		name   string
		d      dialect.Dialect
		models []any
		want   []string // each "model.Field: part of the text"
	}{
		{"embed of no struct", pg, []any{(*badEmbed)(nil)}, []string{"badEmbed.Name: embed wants a struct"}},
		{"relations", pg, []any{(*badRelations)(nil), (*stringKey)(nil)}, []string{
			`badRelations.Odd: there is no relation "belongs"`, `badRelations.Missing: model_test.badRelations has no column "missing_code"`,
			`badRelations.Join: join:kode=code: model_test.badRelations has no column "kode" (its columns: id)`, `badRelations.Theirs: join:id=kode: model_test.stringKey has no column "kode"`,
			"badRelations.Many: has-many wants a slice", "badRelations.Through: no model in the list has the table nowhere",
			"badRelations.Keyless: model_test.noBase, to which it belongs, has no primary key", "badRelations.Text: a relation leads to structs"}},
		{"relations and columns of one model", pg, []any{(*badAll)(nil), (*stringKey)(nil)}, []string{
			`badAll.Odd: there is no relation "belongs"`, `badAll.Theirs: join:id=kode: model_test.stringKey has no column "kode"`, "badAll.State: default:healthy",
			"badAll.Naming: Name has the column name already", "badAll.Fn: bun has no type", "badAll.Mood: it is an enum", `badAll.ID: the tag leaven has no option "indx"`, "badAll: index bad_alls_nick_idx names the column nick"}},
		{"no type", pg, []any{(*anything)(nil)}, []string{"anything.V: bun has no type of SQL for the Go type interface {}", "anything.C: bun has no type", "anything.F: bun has no type"}},
		{"no type on sqlite", lite, []any{(*anything)(nil)}, []string{"anything.V: ", "anything.C: ", "anything.F: "}},
		{"defaults and actions", pg, []any{(*healthy)(nil)}, []string{
			"healthy.State: default:healthy is not a value of SQL; a text needs quotes: default:'healthy'", "healthy.Words: default:not healthy is", "healthy.List: default:{} is",
			"healthy.Open: default:'a has a quote that does not end", "healthy.Call: default:upper('a' has a ( without a )", "healthy.Other: on_delete:destroy is no action"}},
		{"defaults on sqlite", lite, []any{(*healthy)(nil)}, []string{"State: ", "Words: ", "List: ", "Open: ", "Call: ", "Other: "}},
		{"a column twice", pg, []any{(*twice)(nil)}, []string{"twice.B: A has the column name already"}},
		{"a group of two tables", pg, []any{(*group1)(nil), (*group2)(nil)}, []string{"group2: the unique constraint same is there here, and in table group1"}},
		{"a group of two tables on sqlite", lite, []any{(*group1)(nil), (*group2)(nil)}, nil},
		{"a bad name", pg, []any{(*badName)(nil)}, []string{`badName: "a.b.c" is no table name`}},
		{"a schema on sqlite", lite, []any{(*inSchema)(nil)}, []string{"inSchema: table app.things names a schema, and sqlite has none"}},
		{"identity on sqlite", lite, []any{(*keyIdentity)(nil)}, []string{"keyIdentity.ID: identity does not count up on sqlite"}},
		{"identity", pg, []any{(*keyIdentity)(nil)}, nil},
		{"a part of a key on sqlite", lite, []any{(*keyPart)(nil)}, []string{"keyPart.A: on sqlite only a column that is the whole primary key counts up"}},
		{"text that counts", pg, []any{(*countsText)(nil)}, []string{"countsText.ID: varchar does not count up"}},
		{"counts with a default", pg, []any{(*countsDefault)(nil)}, []string{"countsDefault.ID: it counts up and has a default too"}},
		{"a key to what is not unique", pg, []any{(*notUnique)(nil), (*noBody)(nil)}, []string{"notUnique.Other: the foreign key (street) refers to (street) of no_bodies, which is not unique there"}},
		{"tag without a column", pg, []any{(*lostTag)(nil)}, []string{`lostTag.Gross: the tag leaven is about a column, and with "scanonly" in the tag bun this field is none: declare the column in Define`, `lostTag.Notes: the tag leaven is about a column, and with "-"`}},
		{"our tag", pg, []any{(*badTag)(nil)}, []string{`badTag.BaseModel: the tag leaven has no option "coment"`, `badTag.ID: the tag leaven has no option "indx"`, "badTag.Name: desc, using, where",
			"badTag.Children: the tag leaven is about a foreign key", `badTag.Parent: the tag leaven has no option "cascade"`, "badTag.Mood: it is an enum, but string lists no values"}},
		{"Define", pg, []any{(*badDefine)(nil), (*stringKey)(nil)}, []string{"badDefine: Columns names the column extra, which table bad_defines does not have; it has id", "badDefine: index bad_defines_nick_idx names the column nick",
			"badDefine: an index with an expression needs a Name", "badDefine: Concurrently names the index nothing_idx", "badDefine: the unique constraint bad_defines_nock_key names the column nock",
			"badDefine: the check bad_defines_check has no Expr", "badDefine: the foreign key bad_defines_id_fkey has no RefTable", "badDefine: the foreign key bad_defines_nuck_fkey names the column nuck",
			"badDefine: RenamedColumns names the column neck"}},
		{"Define panics", pg, []any{(*panics)(nil)}, []string{"panics: the Define method of model_test.panics panics on an empty one"}},
		{"enums", pg, []any{(*moods)(nil)}, []string{"moods.B: the values of model_test.moodB must be different", `moods.C: enum mood has the values ["sad"] here, and ["sad" "ok"] in model_test.moods.A`}},
		{"two models of one table", pg, []any{(*part1)(nil), (*everything)(nil)}, []string{"part1: table everything is that of model_test.everything too, whose column a differs"}},
		{"a hook that adds columns", pg, []any{(*hookColumns)(nil)}, []string{"hookColumns: its BeforeCreateTable hook adds more than foreign keys; say in Define"}},
		{"a hook that partitions", pg, []any{(*hookKey)(nil)}, []string{`hookKey: its BeforeCreateTable hook adds`}},
		{"a hook that runs SQL", pg, []any{(*hookSQL)(nil)}, []string{"hookSQL: its BeforeCreateTable hook cannot be asked (there is no database while models are read)"}},
		{"an index with the name of a table", pg, []any{(*clash)(nil)}, []string{"clash: the index clashes is there twice here"}},
		{"what a database cannot do", lite, []any{(*overlap)(nil)}, []string{"overlap: create table overlaps: "}},
		{"no models", pg, []any{nil, 7, (*[]string)(nil), schema.Schema{}}, []string{"model 1 of the list: it is nil", "model 2 of the list (int): it is not a struct", "model 3 of the list (*[]string)", "model 4 of the list (schema.Schema)"}},
		{"several models at once", pg, []any{(*twice)(nil), (*healthy)(nil), (*badEmbed)(nil), (*countsText)(nil)}, []string{"twice.B: ", "healthy.State: ", "healthy.Words: ", "healthy.List: ", "healthy.Open: ", "healthy.Call: ", "healthy.Other: ",
			"badEmbed.Name: ", "countsText.ID: "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := model.Load(c.d, c.models, model.Options{})
			faults := &model.Error{}
			if errors.As(err, &faults) != (err != nil) || len(faults.Faults) != len(c.want) {
				t.Fatalf("got %d faults, want %d:\n%v", len(faults.Faults), len(c.want), err)
			}
			for i, want := range c.want {
				at, text, _ := strings.Cut(want, ": ")
				if got := faults.Faults[i].String(); !strings.Contains(got, at) || !strings.Contains(got, text) {
					t.Errorf("fault %d is %q, want %q", i+1, got, want)
				}
			}
		})
	}
}

// After a fault the same models load as soon as they are mended: nothing is
// kept of a load that failed.
func TestFaultsLeaveNothingBehind(t *testing.T) {
	for range 2 {
		_, err := model.Load(pg, []any{(*author)(nil), (*tag)(nil)}, model.Options{})
		if err == nil || !strings.Contains(err.Error(), "author.Tags: no model in the list has the table author_tags") {
			t.Fatal(err)
		}
		if _, err := model.Load(pg, []any{(*author)(nil), (*tag)(nil), (*authorTag)(nil), (*book)(nil), (*cover)(nil), (*chapter)(nil), (*note)(nil)}, model.Options{}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMalformedPattern(t *testing.T) {
	if _, err := model.Load(pg, nil, model.Options{Exclude: []string{"a["}}); err == nil || !strings.Contains(err.Error(), `"a["`) {
		t.Error(err)
	}
}
