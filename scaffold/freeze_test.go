package scaffold_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/scaffold"
)

const frozenModels = `package models

import (
	"database/sql"
	"database/sql/driver"
	when "time"

	"github.com/uptrace/bun"
)

type Status string

type Money int64

func (m Money) Value() (driver.Value, error) { return int64(m), nil }

type Stamps struct {
	CreatedAt when.Time ` + "`bun:\",nullzero\"`" + `
	secret    int
}

type Address struct{ Street, City string }

type APIKey struct {
	ID int64
}

type LineItem struct {
	bun.BaseModel ` + "`bun:\"table:lines,alias:l\"`" + `
	Stamps
	Home  Address ` + "`bun:\"type:jsonb\"`" + `
	ID    int64 ` + "`bun:\",pk\" json:\"id\"`" + `
	A, B  *Status
	Price Money
	Tags  []Status ` + "`bun:\",array\"`" + `
	Seen  sql.Null[when.Time]
	Extra map[string]any
	Skip  string ` + "`bun:\"-\"`" + `
	Key   *APIKey ` + "`bun:\"rel:belongs-to\"`" + `
}
`

func freeze(t *testing.T, names ...string) (scaffold.Frozen, error) {
	t.Helper()
	return scaffold.Freeze(fstest.MapFS{"m.go": {Data: []byte(frozenModels)}, "m_test.go": {Data: []byte("package")}}, names...)
}

func TestFreeze(t *testing.T) {
	for _, name := range []string{"lines", "LineItem", "lineitem"} {
		f, err := freeze(t, name)
		if err != nil {
			t.Fatal(err)
		}
		want := "type lineItem struct {\n" +
			"\tbun.BaseModel `bun:\"table:lines\"`\n\n" +
			"\tCreatedAt     when.Time                     `bun:\",nullzero\"`\n" +
			"\tHome struct {\n\t\tStreet, City string\n\t} `bun:\"type:jsonb\"`\n" +
			"\tID            int64                         `bun:\",pk\" json:\"id\"`\n" +
			"\tA             *string\n" +
			"\tB             *string\n" +
			"\tPrice         int64\n" +
			"\tTags          []string `bun:\",array\"`\n" +
			"\tSeen          sql.Null[when.Time]\n" +
			"\tExtra         map[string]any\n}\n"
		if squeeze(f.Types) != squeeze(want) {
			t.Errorf("got\n%s\nwant\n%s", f.Types, want)
		}
		if diff := cmp.Diff([]string{`"database/sql"`, `"github.com/uptrace/bun"`, `when "time"`}, f.Imports); diff != "" {
			t.Error(diff)
		}
		if len(f.Remarks) != 1 || !strings.Contains(f.Remarks[0], "type Money, whose method Value") {
			t.Errorf("%q", f.Remarks)
		}
	}
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestFreezeNames(t *testing.T) {
	f, err := freeze(t, "api_keys", "lines")
	if err != nil || !strings.Contains(f.Types, "type apiKey struct {\n\tbun.BaseModel `bun:\"table:api_keys\"`") || !strings.Contains(f.Types, "type lineItem struct") {
		t.Errorf("%v\n%s", err, f.Types)
	}
	if _, err := freeze(t, "customers"); err == nil || !strings.Contains(err.Error(), `no model is called "customers": there are addresses, api_keys, lines, stamps`) {
		t.Error(err)
	}
	if _, err := scaffold.Freeze(fstest.MapFS{"m.go": {Data: []byte("package m\ntype X struct {")}}, "X"); err == nil || !strings.Contains(err.Error(), "m.go:2") {
		t.Error(err)
	}
}

const entangledModels = `package models

import (
	"database/sql"

	"example.com/opt"
)

type Mood string

type Pair[K comparable, V any] struct {
	Key   K
	Value []V
}

func (Pair[K, V]) Value() {}

type List[T any] []T

type Paged[T any] struct {
	Item T ` + "`bun:\"type:jsonb\"`" + `
}

type Geo struct{ Lat, Lon float64 }

type Place struct {
	Geo
	Mood  Mood
	Named Geo
}

type Node struct {
	Mood Mood
	Kids []*Node
}

type Room struct {
	ID    int64
	*Paged[Mood]
	Pair  Pair[Mood, List[Mood]] ` + "`bun:\"type:jsonb\"`" + `
	Moods List[Mood]             ` + "`bun:\",array\"`" + `
	Maybe sql.Null[Mood]
	Two   opt.Of[Mood, int]
	Place Place ` + "`bun:\"type:jsonb\"`" + `
	Tree  Node  ` + "`bun:\"type:jsonb\"`" + `
	Loose struct {
		Mood *Mood
	} ` + "`bun:\"type:jsonb\"`" + `
}
`

// Types that stand inside of others are written out, too: generic ones, structs
// without names and embedded ones, and those that hold themselves as far as Go can.
func TestFreezeWhatStandsInside(t *testing.T) {
	f, err := scaffold.Freeze(fstest.MapFS{"m.go": {Data: []byte(entangledModels)}}, "rooms")
	if err != nil {
		t.Fatal(err)
	}
	want := "type room struct {\n" +
		"\tbun.BaseModel `bun:\"table:rooms\"`\n\n" +
		"\tID int64\n" +
		"\tItem string `bun:\"type:jsonb\"`\n" +
		"\tPair struct {\n\t\tKey string\n\t\tValue [][]string\n\t} `bun:\"type:jsonb\"`\n" +
		"\tMoods []string `bun:\",array\"`\n" +
		"\tMaybe sql.Null[string]\n" +
		"\tTwo opt.Of[string, int]\n" +
		"\tPlace struct {\n\t\tLat, Lon float64\n\t\tMood string\n\t\tNamed struct {\n\t\t\tLat, Lon float64\n\t\t}\n\t} `bun:\"type:jsonb\"`\n" +
		"\tTree struct {\n\t\tMood string\n\t\tKids []*any\n\t} `bun:\"type:jsonb\"`\n" +
		"\tLoose struct {\n\t\tMood *string\n\t} `bun:\"type:jsonb\"`\n}\n"
	if squeeze(f.Types) != squeeze(want) {
		t.Errorf("got\n%s\nwant\n%s", f.Types, want)
	}
	remarks := []string{
		"Room has a field of type Pair, whose method Value the copy does not have",
		"Room has a field of type Node, which holds itself: the copy has any there",
	}
	if diff := cmp.Diff(remarks, f.Remarks); diff != "" {
		t.Error(diff)
	}
}
