package model_test

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/leavendb/leaven/framework/model"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

func load(t *testing.T, d dialect.Dialect, o model.Options, models ...any) *model.Desired {
	t.Helper()
	s, err := model.Load(d, models, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// is compares one table of s, indexes too.
func is(t *testing.T, s *model.Desired, want *schema.Table) {
	t.Helper()
	got := s.Schema.Table(want.Schema, want.Name)
	if got == nil {
		t.Fatalf("there is no table %s", want.Name)
	}
	lines := schema.Differences(got, want)
	for _, x := range slices.Concat(got.Indexes, want.Indexes) {
		lines = append(lines, schema.IndexDifferences(got, want, x.Name)...)
	}
	for _, line := range lines {
		t.Error(line)
	}
}

// settle creates the schema on real databases, and wants to find it there.
func settle(t *testing.T, models ...any) {
	t.Helper()
	onPostgres, _ := pgtest.New(t)
	onSQLite, _ := sqlitetest.New(t)
	for _, db := range []*bun.DB{onPostgres, onSQLite} {
		d := dialectOf(t, db)
		s := load(t, d, model.Options{}, models...)
		create(t, db, s.Schema)
		found := inspect(t, d, db, nil)
		for _, want := range s.Schema.Tables {
			has := found.Table("", want.Name)
			if has == nil || len(has.Indexes) != len(want.Indexes) || len(has.Checks) != len(want.Checks) || len(has.Uniques) != len(want.Uniques) || len(has.ForeignKeys) != len(want.ForeignKeys) {
				t.Errorf("%s has %+v, want %+v", d.Name(), has, want)
			}
		}
	}
}

type team struct {
	ID   int64  `bun:",pk,autoincrement"`
	Name string `bun:",notnull"          leaven:"unique"`
}

type role string

func (role) Values() []string { return []string{"member", "owner"} }

type color int

func (*color) Values() []string { return []string{"red", "blue"} }

type player struct {
	bun.BaseModel `bun:"table:players" leaven:"comment:'who plays, and where',renamed_from:people"`

	ID       int64     `bun:",pk,autoincrement"`
	TeamID   int64     `bun:",notnull"                                         leaven:"index:players_team_idx,unique:team_number"`
	Number   int       `leaven:"unique:team_number,check:number > 0"`
	Nickname string    `leaven:"renamed_from:nick,comment:'short, please'"`
	Score    int       `leaven:"index:players_team_idx,desc,where:(score > 0)"`
	Email    string    `leaven:"unique_index,concurrently"`
	Full     string    `leaven:"generated:nickname || '!'"`
	Role     role      `bun:"type:user_role,notnull,default:'member'"`
	Shirt    *role     `leaven:"enum:shirt"`
	Color    color     `bun:"type:varchar(10)"                                 leaven:"enum"`
	Plain    role      `bun:"type:varchar(10)"`
	Roles    []role    `bun:"type:user_role[]"`
	At       time.Time `leaven:"default:now()"`
	Team     *team     `bun:"rel:belongs-to"                                   leaven:"deferred,name:players_team_fk"`
	OtherID  int64     //
	Other    *team     `bun:"rel:belongs-to,join:other_id=id" leaven:"no_foreign_key"`
}

func TestTags(t *testing.T) {
	s := load(t, pg, model.Options{}, (*player)(nil), (*team)(nil))
	is(t, s, &schema.Table{
		Name: "players", Comment: "who plays, and where",
		Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
			{Name: "team_id", Type: schema.BigInt, NotNull: true},
			{Name: "number", Type: schema.BigInt},
			{Name: "nickname", Type: schema.Varchar(0), Comment: "short, please"},
			{Name: "score", Type: schema.BigInt},
			{Name: "email", Type: schema.Varchar(0)},
			{Name: "full", Type: schema.Varchar(0), Generated: schema.Expr("nickname || '!'")},
			{Name: "role", Type: schema.EnumType("", "user_role"), NotNull: true, Default: schema.Literal("member")},
			{Name: "shirt", Type: schema.EnumType("", "shirt")},
			{Name: "color", Type: schema.EnumType("", "color")},
			{Name: "plain", Type: schema.Varchar(10)},
			{Name: "roles", Type: schema.Array(schema.EnumType("", "user_role"))},
			{Name: "at", Type: schema.Timestamptz, Default: schema.Now},
			{Name: "other_id", Type: schema.BigInt},
		},
		PrimaryKey:  []string{"id"},
		Uniques:     []schema.Unique{{Name: "team_number", Columns: []string{"team_id", "number"}}},
		Checks:      []schema.Check{{Name: "players_number_check", Expr: schema.Expr("number > 0")}},
		ForeignKeys: []schema.ForeignKey{{Name: "players_team_fk", Columns: []string{"team_id"}, RefTable: "teams", RefColumns: []string{"id"}, Deferrable: true, InitiallyDeferred: true}},
		Indexes: []schema.Index{
			{Name: "players_team_idx", Parts: []schema.Part{{Column: "team_id"}, {Column: "score", Desc: true}}, Where: schema.Expr("(score > 0)")},
			{Name: "players_email_idx", Unique: true, Parts: schema.Columns("email")},
		},
	})
	is(t, s, &schema.Table{Name: "teams", Columns: []schema.Column{
		{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true}, {Name: "name", Type: schema.Varchar(0), NotNull: true},
	}, PrimaryKey: []string{"id"}, Uniques: []schema.Unique{{Name: "teams_name_key", Columns: []string{"name"}}}})
	equal(t, s.Renames, []model.Rename{{Table: model.Table{Name: "players"}, From: "people"}, {Table: model.Table{Name: "players"}, Column: "nickname", From: "nick"}})
	equal(t, s.Concurrently, []model.Index{{Table: model.Table{Name: "players"}, Index: "players_email_idx"}})
	equal(t, s.Schema.Enums, []*schema.Enum{{Name: "user_role", Values: []string{"member", "owner"}}, {Name: "shirt", Values: []string{"member", "owner"}}, {Name: "color", Values: []string{"red", "blue"}}})
}

type collated struct {
	Name  string `leaven:"collate:C,virtual,generated:upper('x')"`
	Other string `leaven:"using:hash,index,check:(other <> '')"`
}

func TestMoreTags(t *testing.T) {
	s := load(t, pg, model.Options{}, (*collated)(nil))
	is(t, s, &schema.Table{Name: "collateds", Columns: []schema.Column{{Name: "name", Type: schema.Varchar(0), Collation: "C", Generated: schema.Expr("upper('x')"), Virtual: true}, {Name: "other", Type: schema.Varchar(0)}},
		Checks:  []schema.Check{{Name: "collateds_other_check", Expr: schema.Expr("(other <> '')")}},
		Indexes: []schema.Index{{Name: "collateds_other_idx", Method: "hash", Parts: schema.Columns("other")}}})
}

func equal[T any](t *testing.T, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Two mixins with the same method: Go gives the model neither.
type stamped struct {
	CreatedAt time.Time `bun:",notnull,default:current_timestamp"`
}

func (stamped) Define() schema.Extras {
	return schema.Extras{Indexes: []schema.Index{{Parts: schema.Columns("created_at")}}, Unmanaged: true}
}

type soft struct {
	DeletedAt time.Time `bun:",soft_delete,nullzero" leaven:"index"`
}

func (*soft) Define() schema.Extras {
	return schema.Extras{
		Checks: []schema.Check{{Name: "deleted_late", Expr: schema.Expr("deleted_at > '2000-01-01'")}},
		On:     map[string]schema.Extras{"sqlite": {Comment: ""}},
	}
}

type place struct {
	Town string
	Zip  string `bun:"code"`
}

func (place) Define() schema.Extras {
	return schema.Extras{
		Checks:         []schema.Check{{Expr: schema.Expr("town <> code")}},
		Indexes:        []schema.Index{{Parts: schema.Columns("town", "code")}},
		Columns:        []schema.Column{{Name: "code", Type: schema.Varchar(10)}},
		RenamedColumns: map[string]string{"code": "zip"},
	}
}

type shop struct {
	stamped
	*soft
	ID     int64  `bun:",pk"`
	Slug   string `bun:",unique"`
	Home   place  `bun:"embed:home_"`
	TeamID int64
	Team   *team `bun:"rel:belongs-to,on_delete:CASCADE"`
}

func (s *shop) Define() schema.Extras {
	return schema.Extras{
		Indexes: []schema.Index{
			{Name: "shops_slug_lower_idx", Unique: true, Parts: []schema.Part{{Expr: schema.Expr("lower(slug)"), Desc: true}}, Where: schema.Expr("deleted_at IS NULL")},
		},
		Uniques:        []schema.Unique{{Name: "slug_once", Columns: []string{"slug"}}},
		ForeignKeys:    []schema.ForeignKey{{Name: "shops_team", Columns: []string{"team_id"}, OnDelete: schema.SetNull, Deferrable: true}},
		Columns:        []schema.Column{{Name: "search", Type: schema.Text, Generated: schema.Expr("slug || home_town")}, {Name: "team_id", Comment: "who owns it"}},
		Comment:        "shops",
		PrimaryKeyName: "shops_key",
		Concurrently:   []string{"shops_slug_lower_idx"},
		On: map[string]schema.Extras{"postgres": {
			Indexes:    []schema.Index{{Name: "shops_search_idx", Method: "hash", Parts: schema.Columns("search")}},
			Exclusions: []schema.Exclusion{{Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "slug"}, Operator: "="}}}},
		}},
	}
}

// heir has the Define of stamped as its own.
type heir struct {
	bun.BaseModel `bun:"table:heirs"`
	stamped
}

func TestDefineIsMergedOverEmbeddedStructs(t *testing.T) {
	want := &schema.Table{
		Name: "shops", Comment: "shops",
		Columns: []schema.Column{
			{Name: "created_at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now},
			{Name: "deleted_at", Type: schema.Timestamptz},
			{Name: "id", Type: schema.BigInt, NotNull: true}, {Name: "slug", Type: schema.Varchar(0)},
			{Name: "home_town", Type: schema.Varchar(0)}, {Name: "home_code", Type: schema.Varchar(10)},
			{Name: "team_id", Type: schema.BigInt, Comment: "who owns it"},
			{Name: "search", Type: schema.Text, Generated: schema.Expr("slug || home_town")},
		},
		PrimaryKey: []string{"id"}, PrimaryKeyName: "shops_key",
		Uniques: []schema.Unique{{Name: "slug_once", Columns: []string{"slug"}}},
		Checks: []schema.Check{{Name: "shops_check", Expr: schema.Expr(`"home_town" <> "home_code"`)},
			{Name: "deleted_late", Expr: schema.Expr("deleted_at > '2000-01-01'")}},
		ForeignKeys: []schema.ForeignKey{{Name: "shops_team", Columns: []string{"team_id"}, RefTable: "teams", RefColumns: []string{"id"}, OnDelete: schema.SetNull, Deferrable: true}},
		Indexes: []schema.Index{
			{Name: "shops_created_at_idx", Parts: schema.Columns("created_at")}, {Name: "shops_deleted_at_idx", Parts: schema.Columns("deleted_at")},
			{Name: "shops_home_town_home_code_idx", Parts: schema.Columns("home_town", "home_code")},
			{Name: "shops_slug_lower_idx", Unique: true, Parts: []schema.Part{{Expr: schema.Expr("lower(slug)"), Desc: true}}, Where: schema.Expr("deleted_at IS NULL")},
		},
	}
	is(t, load(t, lite, model.Options{}, (*shop)(nil), (*team)(nil)), want)

	want.Indexes = append(want.Indexes, schema.Index{Name: "shops_search_idx", Method: "hash", Parts: schema.Columns("search")})
	want.Exclusions = []schema.Exclusion{{Name: "shops_slug_excl", Elements: []schema.ExclusionElement{{Part: schema.Part{Column: "slug"}, Operator: "="}}}}
	s := load(t, pg, model.Options{}, (*shop)(nil), (*team)(nil))
	is(t, s, want)
	equal(t, s.Renames, []model.Rename{{Table: model.Table{Name: "shops"}, Column: "home_code", From: "home_zip"}})
	equal(t, s.Concurrently, []model.Index{{Table: model.Table{Name: "shops"}, Index: "shops_slug_lower_idx"}})
	equal(t, s.Origin("", "shops"), "model_test.shop")
}

func TestDefineOfOneEmbeddedStructCountsOnce(t *testing.T) {
	is(t, load(t, pg, model.Options{}, (*heir)(nil)), &schema.Table{Name: "heirs",
		Columns: []schema.Column{{Name: "created_at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now}},
		Indexes: []schema.Index{{Name: "heirs_created_at_idx", Parts: schema.Columns("created_at")}}})
}

type spot struct {
	X int `bun:"lat"                                   leaven:"index:xy,check:(lat < y),renamed_from:x"`
	Y int `leaven:"index:xy,unique:y_once,where:y > 0"`
	Z int `leaven:"generated:(lat + y)"`
}

type twoSpots struct {
	A spot `bun:"embed:a_"`
	B spot `bun:"embed:b_"`
}

func TestTagsOfAStructTakenInTwice(t *testing.T) {
	want := &schema.Table{Name: "two_spots"}
	for _, p := range []string{"a_", "b_"} {
		want.Columns = append(want.Columns, schema.Column{Name: p + "lat", Type: schema.BigInt}, schema.Column{Name: p + "y", Type: schema.BigInt},
			schema.Column{Name: p + "z", Type: schema.BigInt, Generated: schema.Expr(`("` + p + `lat" + "` + p + `y")`)})
		want.Checks = append(want.Checks, schema.Check{Name: "two_spots_" + p + "lat_check", Expr: schema.Expr(`("` + p + `lat" < "` + p + `y")`)})
		want.Uniques = append(want.Uniques, schema.Unique{Name: p + "y_once", Columns: []string{p + "y"}})
		want.Indexes = append(want.Indexes, schema.Index{Name: p + "xy", Parts: schema.Columns(p+"lat", p+"y"), Where: schema.Expr(`"` + p + `y" > 0`)})
	}
	s := load(t, pg, model.Options{}, (*twoSpots)(nil))
	is(t, s, want)
	equal(t, s.Renames[1], model.Rename{Table: model.Table{Name: "two_spots"}, Column: "b_lat", From: "b_x"})
}

type throughPointer struct {
	*stamped
	ID   int64 `bun:",pk"                                         leaven:"comment:that of the team"`
	Team *team `bun:"rel:belongs-to,join:id=id,on_delete:CASCADE" leaven:"foreign_key"`
}

func TestDefineOfAnEmbeddedPointer(t *testing.T) {
	is(t, load(t, pg, model.Options{}, (*throughPointer)(nil), (*team)(nil)), &schema.Table{Name: "through_pointers",
		Columns:    []schema.Column{{Name: "created_at", Type: schema.Timestamptz, NotNull: true, Default: schema.Now}, {Name: "id", Type: schema.BigInt, NotNull: true, Comment: "that of the team"}},
		PrimaryKey: []string{"id"}, Indexes: []schema.Index{{Name: "through_pointers_created_at_idx", Parts: schema.Columns("created_at")}},
		ForeignKeys: []schema.ForeignKey{{Columns: []string{"id"}, RefTable: "teams", RefColumns: []string{"id"}, OnDelete: schema.Cascade}}})
}

type twoPlaces struct {
	From place `bun:"embed:from_"`
	To   place `bun:"embed:to_"`
}

func TestDefineOfAStructTakenInTwice(t *testing.T) {
	code := schema.Varchar(10)
	is(t, load(t, pg, model.Options{}, (*twoPlaces)(nil)), &schema.Table{Name: "two_places",
		Columns: []schema.Column{{Name: "from_town", Type: schema.Varchar(0)}, {Name: "from_code", Type: code}, {Name: "to_town", Type: schema.Varchar(0)}, {Name: "to_code", Type: code}},
		Checks: []schema.Check{{Name: "two_places_check", Expr: schema.Expr(`"from_town" <> "from_code"`)},
			{Name: "two_places_check1", Expr: schema.Expr(`"to_town" <> "to_code"`)}},
		Indexes: []schema.Index{{Name: "two_places_from_town_from_code_idx", Parts: schema.Columns("from_town", "from_code")},
			{Name: "two_places_to_town_to_code_idx", Parts: schema.Columns("to_town", "to_code")}}})
}

func TestDeclaredTablesCanBeMade(t *testing.T) {
	settle(t, (*team)(nil), (*shop)(nil), (*withHook)(nil), (*player)(nil))
}

// withHook adds its keys as apps do that do not use WithForeignKeys.
type withHook struct {
	bun.BaseModel `bun:"table:hooks"`
	ID            int64 `bun:",pk"`
	TeamID        int64
	ShopID        int64
	Team          *team `bun:"rel:belongs-to"`
}

func (*withHook) BeforeCreateTable(_ context.Context, q *bun.CreateTableQuery) error {
	q.IfNotExists().WithForeignKeys().ForeignKey(`("team_id") REFERENCES "teams" ("id") ON DELETE CASCADE ON UPDATE SET NULL`).
		ForeignKey(`(shop_id) REFERENCES shops DEFERRABLE INITIALLY DEFERRED`)
	return nil
}

func TestKeysOfHooksAreNotDoubled(t *testing.T) {
	for _, o := range []model.Options{{}, {NoForeignKeys: true}} {
		s := load(t, pg, o, (*withHook)(nil), (*shop)(nil), (*team)(nil))
		equal(t, s.Schema.Table("", "hooks").ForeignKeys, []schema.ForeignKey{
			{Columns: []string{"team_id"}, RefTable: "teams", RefColumns: []string{"id"}, OnDelete: schema.Cascade, OnUpdate: schema.SetNull},
			{Columns: []string{"shop_id"}, RefTable: "shops", RefColumns: []string{"id"}, Deferrable: true, InitiallyDeferred: true},
		})
	}
}

type member struct {
	ID      int64     `bun:",pk"`
	Code    string    `bun:",unique"`
	CardID  int64     //
	Profile *profile  `bun:"rel:has-one,join:code=member_code"`
	Card    *keptCard `bun:"rel:has-one,join:card_id=id"`
}

type profile struct {
	ID         int64   `bun:",pk"`
	MemberCode string  `bun:",unique"`
	Member     *member `bun:"rel:belongs-to,join:member_code=code"`
}

type keptCard struct {
	ID int64 `bun:",pk"`
}

// The other table of a has-one refers to this one, unless its key is joined.
func TestKeysOfHasOnePointTheRightWay(t *testing.T) {
	s := load(t, pg, model.Options{}, (*member)(nil), (*profile)(nil), (*keptCard)(nil))
	equal(t, s.Schema.Table("", "members").ForeignKeys, []schema.ForeignKey{{Columns: []string{"card_id"}, RefTable: "kept_cards", RefColumns: []string{"id"}}})
	equal(t, s.Schema.Table("", "profiles").ForeignKeys, []schema.ForeignKey{{Columns: []string{"member_code"}, RefTable: "members", RefColumns: []string{"code"}}})
}

type ignored struct{ withHook }

func (*ignored) Define() schema.Extras { return schema.Extras{IgnoreHook: true} }

// A model that the list has in several shapes: a view, a part, somebody else's.
type view struct {
	bun.BaseModel `bun:"table:player_view" leaven:"unmanaged"`
	ID            int64
}

type playerName struct {
	bun.BaseModel `bun:"table:players"`
	ID            int64 `bun:",pk,autoincrement"`
	Nickname      string
}

func TestOptions(t *testing.T) {
	all := []any{(*playerName)(nil), (*player)(nil), (*team)(nil), (*team)(nil), &team{}, team{}, (*view)(nil), (*inSchema)(nil), (*inSchemaChild)(nil), (*extended)(nil), (*ignored)(nil), (*shop)(nil)}
	for _, c := range []struct {
		name    string
		o       model.Options
		want    string
		schemas []string
	}{
		{"all", model.Options{}, "players teams app.things audit.children ignoreds shops", []string{"app", "audit"}},
		{"include", model.Options{Include: []string{"t*", "app.*"}}, "teams app.things", []string{"app"}},
		{"exclude", model.Options{Exclude: []string{"team?", "audit.*", "public.shops"}}, "players app.things ignoreds", []string{"app"}},
		{"both", model.Options{Include: []string{"*s"}, Exclude: []string{"p*"}}, "teams app.things ignoreds shops", []string{"app"}},
		{"another default schema", model.Options{DefaultSchema: "app", Include: []string{"app.t*"}}, "teams things", nil},
		{"none", model.Options{Include: []string{"nothing"}}, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := load(t, pg, c.o, all...)
			var names string
			for _, table := range s.Schema.Tables {
				if names != "" {
					names += " "
				}
				if table.Schema != "" {
					names += table.Schema + "."
				}
				names += table.Name
			}
			equal(t, names, c.want)
			if len(c.schemas)+len(s.Schema.Schemas) > 0 {
				equal(t, s.Schema.Schemas, c.schemas)
			}
			equal(t, s.Unmanaged, []model.Table{{Name: "player_view"}})
		})
	}
	s := load(t, pg, model.Options{NoForeignKeys: true}, all...)
	for _, table := range s.Schema.Tables {
		for _, f := range table.ForeignKeys {
			if f.Name != "shops_team" {
				t.Errorf("table %s has the foreign key %+v", table.Name, f)
			}
		}
	}
}

func TestWhatNoModelHas(t *testing.T) {
	more := &schema.Schema{Extensions: []schema.Extension{{Name: "citext"}}, Views: []*schema.View{{Name: "v", Query: schema.Expr("SELECT 1")}}, Schemas: []string{"stats"},
		Tables: []*schema.Table{{Schema: "stats", Name: "days", Columns: []schema.Column{{Name: "d", Type: schema.Date}}}}, Enums: []*schema.Enum{{Schema: "kinds", Name: "e", Values: []string{"a"}}}}
	s := load(t, pg, model.Options{}, (*team)(nil), more)
	equal(t, s.Schema.Extensions, more.Extensions)
	equal(t, s.Schema.Schemas, []string{"kinds", "stats"})
	if s.Schema.Table("stats", "days") == nil || len(s.Schema.Views) != 1 || len(s.Schema.Enums) != 1 {
		t.Errorf("%+v", s.Schema)
	}
	if _, err := model.Load(pg, []any{(*team)(nil), &schema.Schema{Tables: []*schema.Table{{Name: "teams"}}}}, model.Options{}); err == nil {
		t.Error("a table of a model and of a schema is no fault")
	}
}

type surprising struct {
	Total string   `bun:"type:numeric(20,2)"`
	Words []string //
	Clear []string `bun:"type:jsonb"`
	Array []string `bun:",array"`
	Small string   `bun:"type:numeric(12,2)"`
}

func TestRemarks(t *testing.T) {
	for _, c := range []struct {
		d    dialect.Dialect
		want []string
	}{{pg, []string{"Words"}}, {lite, []string{"Total"}}} {
		var fields []string
		for _, r := range load(t, c.d, model.Options{}, (*surprising)(nil)).Remarks {
			fields = append(fields, r.Field)
		}
		equal(t, fields, c.want)
	}
}

type withHstore struct {
	Attrs map[string]string `bun:",hstore"`
}

// Types of extensions that a server may not have.
func TestTypesOfExtensions(t *testing.T) {
	is(t, load(t, pg, model.Options{}, (*withHstore)(nil)), &schema.Table{Name: "with_hstores", Columns: []schema.Column{{Name: "attrs", Type: schema.Raw("HSTORE")}}})
	is(t, load(t, lite, model.Options{}, (*withHstore)(nil)), &schema.Table{Name: "with_hstores", Columns: []schema.Column{{Name: "attrs", Type: schema.Varchar(0)}}})
}

// Same models, same schema.
func TestLoadIsDeterministic(t *testing.T) {
	all := []any{(*player)(nil), (*team)(nil), (*shop)(nil), (*withHook)(nil), (*composite)(nil), (*withPrefix)(nil), (*book)(nil), (*author)(nil), (*cover)(nil), (*chapter)(nil), (*page)(nil), (*note)(nil), (*tag)(nil), (*authorTag)(nil)}
	want := load(t, pg, model.Options{Also: []dialect.Dialect{lite}}, all...)
	for range 50 {
		if got := load(t, pg, model.Options{Also: []dialect.Dialect{lite}}, all...); !reflect.DeepEqual(got, want) {
			t.Fatal("another schema of the same models")
		}
	}
}

// The order of the list decides the order of the tables, and nothing else.
func TestOrderOfTheList(t *testing.T) {
	library := []any{(*author)(nil), (*cover)(nil), (*book)(nil), (*chapter)(nil), (*page)(nil), (*note)(nil), (*tag)(nil), (*authorTag)(nil)}
	want := load(t, pg, model.Options{}, library...)
	for range library {
		library = append(library[1:], library[0])
		got := load(t, pg, model.Options{}, library...)
		for _, table := range want.Schema.Tables {
			is(t, got, table)
		}
		if first := got.Origin("", got.Schema.Tables[0].Name); first != reflect.TypeOf(library[0]).Elem().String() {
			t.Errorf("the first table is that of %s", first)
		}
	}
	if keys := want.Schema.Table("", "author_tags").ForeignKeys; len(keys) != 2 {
		t.Errorf("%+v", keys)
	}
}
