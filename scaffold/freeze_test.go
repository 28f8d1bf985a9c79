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
