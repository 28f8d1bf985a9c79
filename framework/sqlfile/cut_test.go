package sqlfile

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestStatements(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
		open       bool // something is not closed
	}{
		{name: "nothing", text: " \n-- only a comment\n/* and /* another */ one */"},
		{name: "two", text: "SELECT 1; SELECT 2;\n", want: []string{"SELECT 1", "SELECT 2"}},
		{name: "the last without a semicolon", text: "SELECT 1;\nSELECT 2", want: []string{"SELECT 1", "SELECT 2"}},
		{name: "empty ones", text: ";;SELECT 1;;", want: []string{"SELECT 1"}},
		{name: "in quotes", text: `INSERT INTO a VALUES ('x;y', 'it''s; here'); SELECT "a;b"`, want: []string{`INSERT INTO a VALUES ('x;y', 'it''s; here')`, `SELECT "a;b"`}},
		{name: "a backslash", text: `SELECT '\'; SELECT E'\';', 2`, want: []string{`SELECT '\'`, `SELECT E'\';', 2`}},
		{name: "in comments", text: "SELECT 1 -- a; b\n, 2 /* c; d */; SELECT 3", want: []string{"SELECT 1 -- a; b\n, 2 /* c; d */", "SELECT 3"}},
		{name: "in dollar quotes", text: "DO $$ BEGIN; $x$ ; $$; SELECT $1;", want: []string{"DO $$ BEGIN; $x$ ; $$", "SELECT $1"}},
		{name: "with a tag", text: "DO $b$ a; $$; b; $b$; SELECT 2", want: []string{"DO $b$ a; $$; b; $b$", "SELECT 2"}},
		{name: "a trigger", text: "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; DELETE FROM c; END; SELECT 1",
			want: []string{"CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; DELETE FROM c; END", "SELECT 1"}},
		{name: "a table with a column begin", text: "CREATE TABLE a (begin int); SELECT 1", want: []string{"CREATE TABLE a (begin int)", "SELECT 1"}},
		{name: "a transaction", text: "BEGIN; SELECT 1; END;", want: []string{"BEGIN", "SELECT 1", "END"}},
		{name: "an open quote", text: "SELECT 1;\nSELECT 'a; SELECT 2", want: []string{"SELECT 1", "SELECT 'a; SELECT 2"}, open: true},
		{name: "an open comment", text: "/* a; SELECT 2", want: []string{"/* a; SELECT 2"}, open: true},
		{name: "open dollars", text: "DO $$ a;", want: []string{"DO $$ a;"}, open: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := statements(c.text)
			var got []string
			for _, s := range found {
				got = append(got, s.text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || (err != nil) != c.open {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestParse(t *testing.T) {
	type lines map[string]int // statements and where they begin
	for _, c := range []struct {
		name, text string
		plain      bool
		up, down   lines
		noTx       bool
		err        string
	}{
		{name: "both ways", text: "-- a title\n-- +goose Up\nSELECT 1;\n\nSELECT\n2;\n-- +goose Down\nSELECT 3;",
			up: lines{"SELECT 1": 3, "SELECT\n2": 5}, down: lines{"SELECT 3": 8}},
		{name: "spelled differently", text: "--  +goose  UP\nSELECT 1\n--+goose down\n", up: lines{"SELECT 1": 2}, down: lines{}},
		{name: "a whole statement", text: "-- +goose Up\n-- +goose StatementBegin\n\nCREATE x; y;\n-- +goose StatementEnd\nSELECT 1;", up: lines{"CREATE x; y;": 4, "SELECT 1": 6}},
		{name: "no transaction", text: "-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1;", up: lines{"SELECT 1": 3}, noTx: true},
		{name: "no transaction, of sql-migrate", text: "-- +migrate Up notransaction\nSELECT 1;\n-- +migrate Down\nSELECT 2;", up: lines{"SELECT 1": 2}, down: lines{"SELECT 2": 4}, noTx: true},
		{name: "no transaction, of dbmate", text: "--migrate:up transaction:true\nSELECT 1;\n-- migrate:down transaction:false\nSELECT 2;", up: lines{"SELECT 1": 2}, down: lines{"SELECT 2": 4}, noTx: true},
		{name: "no transaction, of tern", text: "---- tern: disable-tx ----\nSELECT 1;\n---- create above / drop below ----\nSELECT 2;", up: lines{"SELECT 1": 2}, down: lines{"SELECT 2": 4}, noTx: true},
		{name: "dbmate's template", text: "-- migrate:up\nSELECT 1;\n\n-- migrate:down\n\n", up: lines{"SELECT 1": 2}},
		{name: "a comment on dbmate's word", text: "-- +goose Up\n-- migrate: the old users\nSELECT 1;", up: lines{"SELECT 1": 3}},
		{name: "tern's line in the middle", text: "-- +goose Up\nSELECT 1;\n---- create above / drop below ----\n", err: `x.sql:3: "---- create above / drop below ----" cannot stand here, or is not understood`},
		{name: "an option that is not known", text: "-- migrate:up transaction:maybe\n", err: `x.sql:1: "-- migrate:up transaction:maybe" cannot stand here, or is not understood`},
		{name: "after nothing", text: "-- leaven: after\n-- +goose Up\n", err: `x.sql:1: "-- leaven: after" cannot stand here, or is not understood`},
		{name: "a word of ours that is none", text: "-- +goose Up\n-- leaven: befor 0001_a", err: `x.sql:2: "-- leaven: befor 0001_a" cannot stand here, or is not understood`},
		{name: "a plain file", text: "\nSELECT 1;\n--bun:split\nSELECT 2;", plain: true, up: lines{"SELECT 1": 2, "SELECT 2": 4}},
		{name: "an empty plain file", text: "-- nothing", plain: true, up: lines{}},
		{name: "no annotation", text: "SELECT 1;", err: "x.sql:1: it has no line -- +goose Up: write one, or call the file NAME.up.sql"},
		{name: "down first", text: "-- +goose Down\n", err: `x.sql:1: "-- +goose Down" cannot stand here, or is not understood`},
		{name: "twice", text: "-- +goose Up\n\n-- +goose Up", err: `x.sql:3: "-- +goose Up" cannot stand here, or is not understood`},
		{name: "what we do not know", text: "-- +goose Up\n-- +goose ENVSUB ON", err: `x.sql:2: "-- +goose ENVSUB ON" cannot stand here, or is not understood`},
		{name: "no end", text: "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;", err: "x.sql:3: StatementBegin without a StatementEnd"},
		{name: "an open quote", text: "-- +goose Up\nSELECT 1;\nSELECT 'a;\n", err: "x.sql:3: a quote or comment is not closed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := parse(fstest.MapFS{"x.sql": {Data: []byte(c.text)}}, "x.sql", !c.plain)
			if c.err != "" {
				if err == nil || err.Error() != c.err {
					t.Errorf("got %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			placed := func(all []statement) lines {
				if all == nil {
					return nil
				}
				l := lines{}
				for _, s := range all {
					l[s.text] = s.line
				}
				return l
			}
			if diff := cmp.Diff([]any{c.up, c.down, c.noTx}, []any{placed(s.up), placed(s.down), s.noTx}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
