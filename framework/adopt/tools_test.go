package adopt_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/adopt"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pgtest"
)

// What other tools leave, by the statements that make it.
var left = []struct {
	tool, name string
	make       []string
	want       []string        // versions; with + those that stand for all before
	faults     []adopt.Refusal // in order
	remarks    int
}{
	{tool: "dbmate", make: []string{
		"CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)",
		"INSERT INTO schema_migrations VALUES ('20240102000000'), ('20240101000000')",
	}, want: []string{"20240101000000", "20240102000000"}},
	{tool: "rails", make: []string{
		"CREATE TABLE schema_migrations (version varchar NOT NULL PRIMARY KEY)",
		"CREATE TABLE ar_internal_metadata (key varchar NOT NULL PRIMARY KEY, value varchar, created_at timestamp NOT NULL, updated_at timestamp NOT NULL)",
		"INSERT INTO schema_migrations VALUES ('20240101000000')",
	}, want: []string{"20240101000000"}},
	{tool: "tern", make: []string{
		"CREATE TABLE schema_version (version int4 NOT NULL)", "INSERT INTO schema_version VALUES (3)",
	}, want: []string{"3+"}},
	{tool: "tern", name: "none applied", make: []string{
		"CREATE TABLE schema_version (version int4 NOT NULL)", "INSERT INTO schema_version VALUES (0)",
	}},
	{tool: "alembic", make: []string{
		"CREATE TABLE alembic_version (version_num varchar(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
		"INSERT INTO alembic_version VALUES ('1975ea83b712')",
	}, want: []string{"1975ea83b712+"}, remarks: 1},
	{tool: "sql-migrate", make: []string{
		"CREATE TABLE gorp_migrations (id varchar(255) NOT NULL PRIMARY KEY, applied_at timestamp)",
		"INSERT INTO gorp_migrations VALUES ('0001_users.sql', current_timestamp), ('0002_orders.sql', NULL)",
	}, want: []string{"0001_users.sql", "0002_orders.sql"}},
	{tool: "gormigrate", make: []string{
		"CREATE TABLE migrations (id varchar(255) PRIMARY KEY)",
		"INSERT INTO migrations VALUES ('SCHEMA_INIT'), ('201608301400'), ('201608301430')",
	}, want: []string{"201608301400", "201608301430"}},
	{tool: "pgmigrate", make: []string{
		"CREATE TABLE pgmigrate_migrations (id text PRIMARY KEY, checksum text NOT NULL, execution_time_in_millis bigint NOT NULL, applied_at timestamp NOT NULL)",
		"INSERT INTO pgmigrate_migrations VALUES ('0001_users', 'x', 1, current_timestamp)",
	}, want: []string{"0001_users"}},
	{tool: "flyway", make: append(slices.Clone(flyway),
		"INSERT INTO flyway_schema_history VALUES (1, '1', 'base', 'BASELINE', '<< Flyway Baseline >>', NULL, 'me', current_timestamp, 0, true)",
		"INSERT INTO flyway_schema_history VALUES (2, '2', 'a', 'SQL', 'V2__a.sql', 7, 'me', current_timestamp, 0, true)",
		"INSERT INTO flyway_schema_history VALUES (3, NULL, 'views', 'SQL', 'R__views.sql', 7, 'me', current_timestamp, 0, true)",
		"INSERT INTO flyway_schema_history VALUES (4, '3', 'b', 'SQL', 'V3__b.sql', 7, 'me', current_timestamp, 0, true)",
		"INSERT INTO flyway_schema_history VALUES (5, '3', 'b', 'UNDO_SQL', 'U3__b.sql', 7, 'me', current_timestamp, 0, true)",
	), want: []string{"1+", "2"}, remarks: 1},
	{tool: "flyway", name: "a failure", make: append(slices.Clone(flyway),
		"INSERT INTO flyway_schema_history VALUES (1, '2', 'a', 'SQL', 'V2__a.sql', 7, 'me', current_timestamp, 0, false)",
	), faults: []adopt.Refusal{adopt.Dirty}},
	{tool: "atlas", make: append(slices.Clone(atlas),
		"INSERT INTO atlas_schema_revisions VALUES ('.atlas_cloud_identifier', '', 16, 0, 0, current_timestamp, 0, NULL, NULL, '', NULL, '')",
		"INSERT INTO atlas_schema_revisions VALUES ('20240101000000', 'base', 1, 0, 0, current_timestamp, 0, NULL, NULL, '', NULL, '')",
		"INSERT INTO atlas_schema_revisions VALUES ('20240102000000', 'a', 2, 3, 3, current_timestamp, 0, NULL, NULL, '', NULL, '')",
	), want: []string{"20240101000000+", "20240102000000"}},
	{tool: "atlas", name: "stopped", make: append(slices.Clone(atlas),
		"INSERT INTO atlas_schema_revisions VALUES ('20240102000000', 'a', 2, 1, 3, current_timestamp, 0, 'no', 'SELECT', '', NULL, '')",
	), faults: []adopt.Refusal{adopt.Dirty}},
	{tool: "goose", name: "of old, which kept rows of downs", make: []string{
		"CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp)",
		"INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (1, 0, true), (2, 1, true), (3, 2, true), (4, 2, false), (5, 2, true), (6, 1, false)",
	}, want: []string{"2"}},
}

var flyway = []string{"CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL, " +
	"script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL, execution_time int NOT NULL, success boolean NOT NULL)"}

var atlas = []string{"CREATE TABLE atlas_schema_revisions (version varchar NOT NULL PRIMARY KEY, description varchar NOT NULL, type bigint NOT NULL DEFAULT 2, applied bigint NOT NULL, total bigint NOT NULL, " +
	"executed_at timestamp NOT NULL, execution_time bigint NOT NULL, error text, error_stmt text, hash varchar NOT NULL, partial_hashes text, operator_version varchar NOT NULL)"}

func TestEachTool(t *testing.T) {
	both(t, func(w world) {
		ids := []string{"0001_users", "201608301400_first", "20240101000000_x"}
		tried := map[string]bool{}
		for _, c := range left {
			tried[c.tool] = true
			var tables []string
			for _, s := range c.make {
				if rest, ok := strings.CutPrefix(s, "CREATE TABLE "); ok {
					name, _, _ := strings.Cut(rest, " ")
					tables = append(tables, name)
				}
			}
			w.exec(c.make...)
			h := w.find(adopt.Query{IDs: ids})
			named := w.find(adopt.Query{Tool: c.tool})
			if diff := cmp.Diff(h, named, cmp.AllowUnexported(adopt.Version{})); diff != "" {
				w.Errorf("%s %s: found by itself and by name:\n%s", c.tool, c.name, diff)
			}
			var got []string
			for _, v := range h.Versions {
				got = append(got, v.Text+map[bool]string{true: "+"}[v.Through])
			}
			var faults []adopt.Refusal
			for _, f := range h.Faults {
				faults = append(faults, f.Kind)
			}
			if h.Tool != c.tool || !slices.Equal(got, c.want) || !slices.Equal(faults, c.faults) || len(h.Remarks) != c.remarks {
				w.Errorf("%s %s: got %s %q, %v, %q", c.tool, c.name, h.Tool, got, faults, h.Remarks)
			}
			for _, name := range tables {
				w.exec("DROP TABLE " + name)
			}
		}
		for _, name := range adopt.Tools() {
			if !tried[name] && !slices.Contains([]string{"bun", "golang-migrate"}, name) { // by the tools themselves
				w.Errorf("%s is not tried", name)
			}
		}
	})
}

// Of a table of one's own those rows count that meet all conditions.
func TestWhere(t *testing.T) {
	both(t, func(w world) {
		w.exec("CREATE TABLE ours (version text, done boolean, ended timestamp)",
			"INSERT INTO ours VALUES ('1', true, '2026-01-01'), ('2', false, '2026-01-01'), ('3', true, NULL), ('4', NULL, NULL)")
		for where, want := range map[string]string{
			"": "1 2 3 4", "done=true": "1 3", "done = 1": "1 3", "done!=true": "2 4", "done=": "4",
			"ended=": "3 4", "ended!=": "1 2", "done=true and ended!=": "1", "version=2": "2",
		} {
			q := adopt.Query{Tool: adopt.Custom, Table: "ours", Column: "version"}
			if where != "" {
				q.Where = strings.Split(where, " and ")
			}
			var got []string
			for _, v := range w.find(q).Versions {
				got = append(got, v.Text)
			}
			if strings.Join(got, " ") != want {
				w.Errorf("%q: got %q, want %q", where, got, want)
			}
		}
		for _, where := range []string{"done", "finished=1", "1=1; DROP TABLE ours"} {
			_, err := adopt.Find(w.Context(), w.db, w.d, adopt.Query{Tool: adopt.Custom, Table: "ours", Column: "version", Where: []string{where}})
			if err == nil || !strings.HasSuffix(err.Error(), "is no condition on a column of ours: it has done, ended, version") {
				w.Errorf("%q: %v", where, err)
			}
		}
	})
}

// Tables that only look like a history are none, unless somebody says so.
func TestLookalikes(t *testing.T) {
	both(t, func(w world) {
		w.exec("CREATE TABLE tags (id varchar(20) PRIMARY KEY)", "INSERT INTO tags VALUES ('red')",
			"CREATE TABLE releases (version text)", "CREATE TABLE settings (version integer)",
			"CREATE TABLE goose_db_version (id integer, version_id bigint, is_applied boolean, tstamp timestamp, max_counter int)")
		var missing *adopt.SearchError
		if _, err := adopt.Find(w.Context(), w.db, w.d, adopt.Query{IDs: []string{"0001_users"}}); !errors.As(err, &missing) || len(missing.Found) > 0 {
			w.Errorf("got %v", err)
		}
		w.exec("INSERT INTO releases VALUES ('0001')")
		if h := w.find(adopt.Query{IDs: []string{"0001_users"}}); h.Table.Name != "releases" || h.Tool != "dbmate" {
			w.Errorf("a renamed table of dbmate with our version: got %+v", h)
		}
		if h := w.find(adopt.Query{Tool: adopt.Custom, Table: "goose_db_version", Column: "version_id"}); len(h.Versions) > 0 {
			w.Errorf("got %+v", h)
		}
	})
}

// All schemas of the search path are looked through, and Atlas's own.
func TestSchemas(t *testing.T) {
	db, _ := pgtest.New(t)
	d, err := dialect.For(db)
	if err != nil {
		t.Fatal(err)
	}
	w := world{T: t, db: db, d: d}
	w.exec("CREATE SCHEMA other", "CREATE SCHEMA hidden", "CREATE TABLE other.t (version bigint, dirty boolean)",
		"CREATE TABLE hidden.t (version bigint, dirty boolean)", "INSERT INTO other.t VALUES (1, false)")
	w.db.SetMaxOpenConns(1)
	w.exec("SET search_path = public, other")
	if h := w.find(adopt.Query{}); h.Table.String() != "other.t" {
		w.Errorf("got %+v", h)
	}
	w.exec("DROP TABLE other.t", "CREATE SCHEMA atlas_schema_revisions")
	w.exec(strings.Replace(atlas[0], "atlas_schema_revisions", "atlas_schema_revisions.atlas_schema_revisions", 1))
	if h := w.find(adopt.Query{}); h.Tool != "atlas" {
		w.Errorf("got %+v", h)
	}
}
