package model_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"net"
	"net/netip"
	"time"

	"github.com/uptrace/bun"
)

type (
	word  string
	level int8
	point struct{ X, Y float64 }
	id16  [16]byte
	money struct{ cents int64 }
)

func (m money) Value() (driver.Value, error) { return m.cents, nil }

// oracles are models that bun can make, and a database can have.
func oracles() []oracle {
	return append(tableCases(), relationCases()...)
}

func columnCases() []typed {
	return []typed{
		of[bool](""), of[bool](",notnull,default:true"), of[*bool](""),
		of[int](""), of[int8](""), of[int16](""), of[int32](""), of[int64](""),
		of[uint](""), of[uint8](""), of[uint16](""), of[uint32](""), of[uint64](""), of[uintptr](""),
		of[float32](""), of[float64](""), of[string](""), of[*string](""), of[string](",notnull"), of[string](",nullzero"),
		of[[]byte](""), of[time.Time](""), of[*time.Time](""), of[time.Duration](""), of[bun.NullTime](""),
		of[time.Time](",nullzero,notnull,default:current_timestamp"), of[time.Time]("type:date,default:CURRENT_DATE"),
		of[time.Time](",soft_delete,nullzero"), of[sql.NullString](""), of[sql.NullBool](""), of[sql.NullInt64](""),
		of[sql.NullFloat64](""), of[sql.NullTime](""), of[sql.NullInt32](""), of[sql.Null[string]](""),
		of[[]string](""), of[[]string](",array", "postgres"), of[[]int64](",array", "postgres"), of[[]string]("type:text[]"), of[*[]string](",array"),
		of[[]time.Time](",array"), of[[][]string]("type:text[][]", "postgres"), of[[3]int](",array", "postgres"),
		of[map[string]any](""), of[map[string]any]("type:jsonb,notnull,default:'{}'"), of[map[string]string]("type:json"),
		of[point](""), of[*point](""), of[[]point](""), of[point](",msgpack"), of[point]("type:bytea,msgpack", "postgres"),
		of[json.RawMessage](""), of[any]("type:jsonb"), of[any]("type:json,json_use_number"),
		of[id16]("type:uuid"), of[id16]("type:uuid,default:gen_random_uuid()", "postgres"), of[net.IP](""), of[net.IP]("type:inet"), of[net.IPNet](""), of[netip.Addr]("type:inet"),
		of[money](""), of[money]("type:bigint"), of[word](""), of[level](""), of[word]("type:varchar(20),default:'low'"),
		of[string]("type:text"), of[string]("type:varchar(255)"), of[string]("type:VARCHAR( 80 )"), of[string]("type:character varying(80)", "postgres"),
		of[string]("type:char(2)"), of[string]("type:citext", "sqlite"), of[string]("type:numeric(10,2)"), of[string]("type:numeric(20,2)"),
		of[string]("type:decimal(10,2)", "postgres"), of[string]("type:numeric"), of[float64]("type:double precision"), of[float64]("type:float8", "postgres"),
		of[int64]("type:int", "postgres"), of[int32]("type:int4", "postgres"), of[int64]("type:bigint"), of[int16]("type:smallint"),
		of[time.Time]("type:timestamptz"), of[time.Time]("type:timestamp"), of[time.Time]("type:timestamp with time zone", "postgres"), of[time.Time]("type:timestamp(3)"),
		of[string]("type:time"), of[string]("type:interval", "postgres"), of[string]("type:tsvector", "postgres"), of[string]("type:int4range", "postgres"),
		of[string](",composite:pair", "postgres"), of[string]("type:feeling", "postgres"), of[[]string]("type:feeling[]", "postgres"), of[int]("type:percent", "postgres"),
		of[string]("type:int4multirange,multirange", "postgres"), of[string]("type:bit(3)", "postgres"), of[string]("type:serial", "postgres"),
		of[int](",default:0"), of[int](",default:-1"), of[float64](",default:0.50"), of[string](",default:''"), of[string](",default:'it''s'"),
		of[string](`,default:'a b'`), of[string](",default:NULL"), of[time.Time](",default:now()", "postgres"), of[string](",default:upper('x')", "postgres"),
		of[time.Time]("\",default:now() + interval '1 day'\"", "postgres"), of[string](",default:(1+1)"), of[string](",default:'x'::text", "postgres"),
		of[int64](",autoincrement", "postgres"), of[int32](",autoincrement", "postgres"), of[int64](",identity,autoincrement", "postgres"),
		of[int64](",identity", "postgres"), of[string](",unique"), of[string](",unique:t_v_key,notnull"), of[string]("column:other"), of[string]("other,notnull"),
		of[string](",alt:w,skipupdate"), of[string](`weird"col`), of[string]("order"), of[string]("CamelCase"),
	}
}

type base struct {
	ID        int64     `bun:",pk,autoincrement"`
	CreatedAt time.Time `bun:",nullzero,notnull,default:current_timestamp"`
}

type tenant struct {
	TenantID int64  `bun:",notnull,unique:tenant_slug"`
	Slug     string `bun:",unique:tenant_slug"`
}

type address struct {
	Street string `bun:"type:text"`
	City   string `bun:",notnull,unique"`
	Zip    string `bun:"type:varchar(10),unique:place"`
}

type withBase struct {
	bun.BaseModel `bun:"table:with_base,alias:wb"`
	base
	Name string
	tenant
	CreatedAt time.Time // hides the one of base
}

type withPointer struct {
	*base
	Name string
}

type withPrefix struct {
	ID   int64   `bun:",pk"`
	Home address `bun:"embed:home_"`
	Work address `bun:"embed:work_"`
}

type composite struct {
	A int64  `bun:",pk"`
	B string `bun:",pk,type:varchar(10)"`
	C string `bun:",unique:one,unique:two"`
	D string `bun:",unique:one"`
	E string `bun:",unique"`
	F string `bun:",unique"`
	G string `bun:",scanonly"`
	H string `bun:"-"`
}

type noBase struct{ Name string }

type inSchema struct {
	bun.BaseModel `bun:"table:app.things,select:app.things_view"`
	ID            int64 `bun:",pk,autoincrement"`
}

type inSchemaChild struct {
	bun.BaseModel `bun:"table:audit.children"`
	ID            int64     `bun:",pk,autoincrement"`
	ThingID       int64     `bun:",notnull"`
	Thing         *inSchema `bun:"rel:belongs-to,join:thing_id=id,on_delete:CASCADE"`
}

type publicOne struct {
	bun.BaseModel `bun:"table:public.plain"`
	ID            int64 `bun:",pk"`
}

type extended struct {
	inSchema `bun:",extend"`
	Count    int `bun:",scanonly"`
}

type identityKey struct {
	ID   int64 `bun:",pk,identity,nullzero"`
	Name string
}

type stringKey struct {
	Code string `bun:",pk,type:char(2)"`
}

type feelings struct {
	bun.BaseModel `bun:"table:feelings"`

	ID   int64   `bun:",pk,autoincrement"`
	Now  moodA   `bun:"type:mood,notnull,default:'ok'"`
	Then *moodA  `bun:"type:Mood"`
	All  []moodA `bun:"type:mood[]"`
	Far  moodC   `bun:"type:app.mood"`
}

type everything struct {
	bun.BaseModel `bun:"table:everything,alias:e"`
	ID            int64 `bun:"id,pk,autoincrement"`
	A             string
	B             *int `bun:"b"`
}

func tableCases() []oracle {
	return []oracle{
		{name: "embedded", models: []any{(*withBase)(nil)}},
		{name: "embedded pointer", models: []any{(*withPointer)(nil)}},
		{name: "embedded with a prefix", models: []any{(*withPrefix)(nil)}},
		{name: "composite keys and uniques", models: []any{(*composite)(nil)}},
		{name: "no BaseModel, no key", models: []any{(*noBase)(nil)}},
		{name: "schemas", models: []any{(*inSchema)(nil), (*inSchemaChild)(nil)}, only: "postgres"},
		{name: "the default schema by name", models: []any{(*publicOne)(nil)}, only: "postgres"},
		{name: "extend", models: []any{(*inSchema)(nil)}, extra: []any{(*extended)(nil)}, only: "postgres"},
		{name: "identity", models: []any{(*identityKey)(nil)}},
		{name: "key of text", models: []any{(*stringKey)(nil)}},
		{name: "enums", models: []any{(*feelings)(nil)}, only: "postgres", types: `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE app.mood AS ENUM ('sad')`},
		{name: "several", models: []any{(*everything)(nil), (*stringKey)(nil), (*noBase)(nil)}},
	}
}

type author struct {
	ID    int64   `bun:",pk,autoincrement"`
	Books []*book `bun:"rel:has-many,join:id=author_id"`
	Tags  []tag   `bun:"m2m:author_tags,join:Author=Tag"`
}

type book struct {
	ID       int64     `bun:",pk,autoincrement"`
	AuthorID int64     `bun:",notnull"`
	EditorID *int64    //
	CoverID  int64     //
	ParentID *int64    //
	Author   *author   `bun:"rel:belongs-to"`
	Editor   *author   `bun:"rel:belongs-to,join:editor_id=id,on_delete:SET NULL,on_update:CASCADE"`
	Cover    *cover    `bun:"rel:has-one,join:cover_id=id"`
	Parent   *book     `bun:"rel:belongs-to,join:parent_id=id,on_delete:RESTRICT"`
	Chapters []chapter `bun:"rel:has-many"`
	Notes    []note    `bun:"rel:has-many,join:id=owner_id,join:type=owner_type,polymorphic"`
}

type cover struct {
	ID   int64 `bun:",pk,autoincrement"`
	Book *book `bun:"rel:has-one,join:id=cover_id"`
}

type chapter struct {
	BookID int64 `bun:",pk"`
	Number int   `bun:",pk"`
	Book   *book `bun:"rel:belongs-to"`
}

type page struct {
	ID      int64 `bun:",pk"`
	BookID  int64
	Number  int
	Chapter *chapter `bun:"rel:belongs-to,join:book_id=book_id,join:number=number"`
}

type note struct {
	ID        int64  `bun:",pk"`
	OwnerID   int64  `bun:",notnull"`
	OwnerType string `bun:",notnull"`
}

type tag struct {
	Name    string    `bun:",pk"`
	Authors []*author `bun:"m2m:author_tags,join:Tag=Author"`
}

type authorTag struct {
	AuthorID int64   `bun:",pk"`
	TagName  string  `bun:",pk"`
	Author   *author `bun:"rel:belongs-to,join:author_id=id,on_delete:CASCADE"`
	Tag      *tag    `bun:"rel:belongs-to,join:tag_name=name"`
}

// owned is a mixin that brings a foreign key, and geo one inside another.
type owned struct {
	OwnerID int64     `bun:",notnull"`
	Owner   *keptCard `bun:"rel:belongs-to,join:owner_id=id,on_delete:CASCADE"`
}

type geo struct {
	Lat, Lng float64
}

type located struct {
	Name string `bun:",notnull"`
	At   geo    `bun:"embed:at_"`
}

type parcel struct {
	bun.BaseModel `bun:"table:parcels"`
	owned
	ID   int64   `bun:",pk,autoincrement"`
	From located `bun:"embed:from_"`
	To   located `bun:"embed:to_"`
}

// person has an m2m relation to itself.
type person struct {
	ID      int64    `bun:",pk,autoincrement"`
	Friends []person `bun:"m2m:friendships,join:Person=Friend"`
}

type friendship struct {
	PersonID int64   `bun:",pk"`
	Person   *person `bun:"rel:belongs-to,join:person_id=id"`
	FriendID int64   `bun:",pk"`
	Friend   *person `bun:"rel:belongs-to,join:friend_id=id,on_delete:CASCADE"`
}

// ring and stone refer to one another.
type ring struct {
	ID      int64  `bun:",pk"`
	StoneID int64  `bun:",notnull"`
	Stone   *stone `bun:"rel:belongs-to,join:stone_id=id"`
	Codes   string `bun:",scanonly"`
}

type stone struct {
	ID    int64   `bun:",pk"`
	Rings []*ring `bun:"rel:has-many,join:id=stone_id"`
}

func relationCases() []oracle {
	library := []any{(*author)(nil), (*cover)(nil), (*book)(nil), (*chapter)(nil), (*page)(nil), (*note)(nil), (*tag)(nil), (*authorTag)(nil)}
	return []oracle{
		{name: "relations", models: library, joins: []any{(*authorTag)(nil)}},
		{name: "a mixin with a relation, and prefixes in prefixes", models: []any{(*keptCard)(nil), (*parcel)(nil)}},
		{name: "m2m to itself", models: []any{(*person)(nil), (*friendship)(nil)}, joins: []any{(*friendship)(nil)}},
		{name: "both sides of a relation, and a column that is only read", models: []any{(*stone)(nil), (*ring)(nil)}},
	}
}
