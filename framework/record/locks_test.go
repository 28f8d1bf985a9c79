package record_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/uptrace/bun"
)

// The locks that are told are those that a server takes.
func TestLockModesAreTheServers(t *testing.T) {
	db, _ := pgtest.New(t)
	for _, sql := range []string{
		"CREATE TABLE a (id bigint PRIMARY KEY, n integer, note text)",
		"CREATE TABLE b (id bigint PRIMARY KEY, a bigint)",
		"CREATE INDEX a_n ON a (n)",
		"ALTER TABLE b ADD CONSTRAINT b_n CHECK (a > 0) NOT VALID",
		"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
	} {
		if _, err := db.ExecContext(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	// Weaker modes come with a stronger one, and are those of reading and writing.
	var oids []int64
	if err := db.NewRaw("SELECT oid::bigint FROM pg_class WHERE relname IN ('a', 'b', 'a_n')").Scan(t.Context(), &oids); err != nil {
		t.Fatal(err)
	}
	const held = `SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation IN ?
		AND mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')`
	modes := map[string]string{
		"SHARE UPDATE EXCLUSIVE": "ShareUpdateExclusiveLock", "SHARE": "ShareLock",
		"SHARE ROW EXCLUSIVE": "ShareRowExclusiveLock", "ACCESS EXCLUSIVE": "AccessExclusiveLock",
	}
	for _, sql := range []string{
		"ALTER TABLE a ADD COLUMN x integer",
		"alter\n table a\n drop column note",
		"ALTER TABLE a ALTER COLUMN n TYPE bigint",
		"ALTER TABLE a RENAME COLUMN n TO m",
		"ALTER TABLE a RENAME TO c",
		"ALTER TABLE a ADD CONSTRAINT a_check CHECK (n > 0)",
		"ALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (a) REFERENCES a (id)",
		"ALTER TABLE b VALIDATE CONSTRAINT b_n",
		"ALTER TABLE b DROP CONSTRAINT b_n",
		"ALTER INDEX a_n RENAME TO a_m",
		"CREATE INDEX a_m ON a (n, id)",
		"CREATE UNIQUE INDEX a_u ON a (id, n)",
		"DROP INDEX a_n",
		"DROP TABLE a",
		"CREATE TABLE c (a bigint REFERENCES a (id))",
		"CREATE TABLE c (a bigint)",
		"CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()",
		"COMMENT ON TABLE a IS 'of it'",
		"COMMENT ON COLUMN a.n IS 'of it'",
		"TRUNCATE b",
		"CREATE INDEX a_m ON a (n, id);\nALTER TABLE a ADD COLUMN x integer;\nCOMMENT ON TABLE a IS 'of it'",
		"INSERT INTO a VALUES (1)",
		"UPDATE a SET n = 1",
		"CREATE VIEW v AS SELECT * FROM a",
	} {
		undo := errors.New("undo")
		err := db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(ctx, sql); err != nil {
				return err
			}
			var got []string
			if err := tx.NewRaw(held, bun.Tuple(oids)).Scan(ctx, &got); err != nil {
				return err
			}
			want := modes[postgres.Dialect{}.LockMode(sql)]
			if want == "" && len(got) > 0 || want != "" && !slices.Contains(got, want) {
				t.Errorf("%s: the server takes %q, not %q", sql, got, want)
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
