package sqlfile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/sqlfile"
	"github.com/uptrace/bun"
)

// ofTools are files as the documents of four tools show them.
var ofTools = map[string]string{
	"20151127184807_create_users_table.sql": `-- migrate:up
create table users (
  id integer,
  name varchar(255),
  email varchar(255) not null
);

-- migrate:down
drop table users;
`,
	"20151127184808_users_by_email.sql": `-- migrate:up transaction:false
CREATE INDEX users_by_email ON users (email);

-- migrate:down transaction:false
DROP INDEX users_by_email;
`,
	"20160101000000-people.sql": `-- +migrate Up
-- SQL in section 'Up' is executed when this migration is applied
CREATE TABLE people (id int);

-- +migrate StatementBegin
INSERT INTO people (id)
VALUES (1);
-- +migrate StatementEnd

-- +migrate Down
-- SQL section 'Down' is executed when this migration is rolled back
DROP TABLE people;
`,
	"20160102000000-people-unique.sql": `-- +migrate Up notransaction
CREATE UNIQUE INDEX people_unique_id_idx ON people (id);

-- +migrate Down
DROP INDEX people_unique_id_idx;
`,
	"20170101000000_post.sql": `-- +goose Up
CREATE TABLE post (
    id int NOT NULL,
    title text,
    body text,
    PRIMARY KEY(id)
);

-- +goose Down
DROP TABLE post;
`,
	"20180101000000_create_widgets.sql": `create table widgets(
  id integer primary key,
  name varchar not null unique
);

---- create above / drop below ----

drop table widgets;
`,
}

// The files of other tools run as they are, up and down.
func TestFilesOfTools(t *testing.T) {
	both(t, func(t *testing.T, db *bun.DB) {
		r := migrate.NewRegistry()
		sqlfile.Register(r, tree(ofTools))
		m, err := migrate.New(db, migrate.Options{Registry: r})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Up(t.Context(), migrate.Head); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"users", "people", "post", "widgets"} {
			want := map[string]int64{"people": 1}[table]
			if n, err := db.NewSelect().Table(table).Count(t.Context()); n != want || err != nil {
				t.Errorf("%s: %d rows, %v", table, n, err)
			}
		}
		var outside []string
		for _, known := range r.Migrations() {
			if known.NoTx {
				outside = append(outside, known.ID)
			}
		}
		if diff := cmp.Diff([]string{"20151127184808_users_by_email", "20160102000000_people_unique"}, outside); diff != "" {
			t.Errorf("outside a transaction (-want +got):\n%s", diff)
		}
		if _, err := m.Down(t.Context(), migrate.Base); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Up(t.Context(), migrate.Head); err != nil {
			t.Errorf("down has left something: %v", err)
		}
	})
}
