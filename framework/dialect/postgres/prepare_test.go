package postgres

import (
	"strconv"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/uptrace/bun"
)

// What differs between two statements is a parameter of the third.
func TestStatementsArePreparedByWhatDiffers(t *testing.T) {
	for _, c := range []struct {
		name, first, second, third string
		prepared, executed         string // "": the third is sent as it is
	}{
		{
			"one text", "SELECT 'a', 'x'", "SELECT 'b', 'x'", "SELECT 'c', 'x'",
			"PREPARE p_1 AS SELECT $1, 'x'; EXECUTE p_1('b')", "EXECUTE p_1('c')",
		},
		{
			"nothing", "SELECT 'a'", "SELECT 'a'", "SELECT 'a'",
			"PREPARE p_1 AS SELECT 'a'; EXECUTE p_1", "EXECUTE p_1",
		},
		{
			"one more later", "SELECT 'a', 1", "SELECT 'b', 1", "SELECT 'b', 2",
			"PREPARE p_1 AS SELECT $1, 1; EXECUTE p_1('b')", "PREPARE p_2 AS SELECT $1, $2; EXECUTE p_2('b', 2)",
		},
		{
			"quotes in texts", `SELECT 'it''s', E'a\\''b'`, `SELECT ''',', 'plain'`, `SELECT '', ''''`,
			`PREPARE p_1 AS SELECT $1, $2; EXECUTE p_1(''',', 'plain')`, `EXECUTE p_1('', '''')`,
		},
		{
			"quotes in names", `UPDATE "a'b""c'" SET n = 1`, `UPDATE "a'b""c'" SET n = 2`, `UPDATE "a'b""c'" SET n = 33`,
			`PREPARE p_1 AS UPDATE "a'b""c'" SET n = $1; EXECUTE p_1(2)`, "EXECUTE p_1(33)",
		},
		{"another table", `SELECT 'a' FROM "t1"`, `SELECT 'a' FROM "t2"`, `SELECT 'a' FROM "t3"`, "", ""},
		{"a number that belongs to it", "SELECT 'a' LIMIT 1", "SELECT 'a' LIMIT 2", "SELECT 'a' LIMIT 3", "", ""},
		{"more of them", "SELECT 'a'", "SELECT 'a', 'b'", "SELECT 'a', 'b', 'c'", "", ""},
		{"rows, whose values have no types", "SELECT * FROM (VALUES ('a', 1), ('b', 1)) v", "SELECT * FROM (VALUES ('a', 2), ('c', 2)) v", "SELECT * FROM (VALUES ('a', 3), ('d', 3)) v", "", ""},
		{"none at its place", "SELECT 'a', 'b'", "SELECT 'a', x", "SELECT 'a', 'b'", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPrepared()
			p.prefix = "p_"
			if c.prepared == "" {
				c.prepared, c.executed = c.second, c.third
			}
			for _, s := range []struct{ give, want string }{{c.first, c.first}, {c.second, c.prepared}, {c.third, c.executed}} {
				if got := p.text("here", s.give); got != s.want {
					t.Errorf("for %s it sends\n%s\ninstead of\n%s", s.give, got, s.want)
				}
			}
		})
	}
}

// What is known to differ needs no second statement to tell it.
func TestStatementsArePreparedAtOnce(t *testing.T) {
	p := newPrepared()
	p.prefix = "p_"
	send := func(want, place, statement string, differing ...string) {
		t.Helper()
		if got := p.text(place, statement, differing...); got != want {
			t.Errorf("for %s it sends\n%s\ninstead of\n%s", statement, got, want)
		}
	}
	if r := p.replaced(); len(r) != 0 {
		t.Errorf("%q is replaced in a place that nothing was sent for", r)
	}
	send("SELECT 'one', 'all'", "claim", "SELECT 'one', 'all'")
	if r := p.replaced(); len(r) != 0 {
		t.Errorf("%q is replaced by the first", r)
	}
	send("PREPARE p_1 AS SELECT $1, 'all'; EXECUTE p_1('two')", "claim", "SELECT 'two', 'all'")
	of := p.replaced()
	if strings.Join(of, " ") != "'one'" {
		t.Errorf("%q is replaced", of)
	}
	send("PREPARE p_2 AS SELECT 'all', $1, $2; EXECUTE p_2('one', 7)", "settle", "SELECT 'all', 'one', 7", of...)
	send("EXECUTE p_2('two', 8)", "settle", "SELECT 'all', 'two', 8")
	send("PREPARE p_3 AS SELECT $1, $2, $3; EXECUTE p_3('some', 'three', 5)", "settle", "SELECT 'some', 'three', 5")
	send("PREPARE p_4 AS SELECT '', 0; EXECUTE p_4", "left", "SELECT '', 0", of...)
	send("EXECUTE p_4", "left", "SELECT '', 0")
}

// The statements of the fence are planned once, and those of migrations as the
// session has it: also what a migration has deferred to the COMMIT, and where a claim
// came with one.
func TestPlansOfMigrationsAreTheSessions(t *testing.T) {
	t.Parallel()
	db, url := pgtest.New(t)
	if _, err := db.Exec("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET plan_cache_mode = force_custom_plan', current_database()); END $$; " +
		"CREATE TABLE modes (n serial, v text); " +
		"CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE modes SET v = v || ' ' || current_setting('plan_cache_mode') WHERE n = NEW.n; RETURN NULL; END $$; " +
		"CREATE CONSTRAINT TRIGGER late AFTER INSERT ON modes INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION look()"); err != nil {
		t.Fatal(err)
	}
	const look = "INSERT INTO public.modes (v) VALUES (current_setting('plan_cache_mode'))"
	ours, _ := countedJoined(t, url)
	for name, db := range map[string]*bun.DB{"app": joinedTo(t, url), "app, not joined": pgtest.Open(t, url), "URL": ours} {
		t.Run(name, func(t *testing.T) {
			d, conn, claim := bracketing(t, db, 1)
			// one does the work in a bracket, to which the claim of the next belongs.
			one := func(n, next string, work ...string) {
				t.Helper()
				tx, err := conn.BeginTx(t.Context(), d.TxOptions())
				if err != nil {
					t.Fatal(err)
				}
				defer tx.Rollback() // after a commit it has nothing to do
				claim.Write = claimOf(name + n)
				c, err := d.Claim(t.Context(), tx, claim)
				if err != nil || c.Rows != 1 {
					t.Fatalf("%s: claimed %+v, %v", n, c, err)
				}
				claim.Session = c.Session
				for _, q := range append([]string{look}, work...) {
					if _, err := tx.ExecContext(t.Context(), q); err != nil {
						t.Fatal(err)
					}
				}
				settle := settleOf(name + n)
				if next != "" {
					following := claim
					following.Write = claimOf(name + next)
					settle.Next = &following
				}
				s, err := d.Settle(t.Context(), tx, c, settle)
				if err == nil {
					err = tx.Commit()
				}
				if err != nil || !s.Ours {
					t.Fatalf("%s: settled %+v, %v", n, s, err)
				}
			}
			seen := func(mode string, n int) {
				t.Helper()
				if err := want(conn, "SELECT string_agg(DISTINCT v, ', ') || count(*) FROM modes", mode+" "+mode+strconv.Itoa(n)); err != nil {
					t.Error(err)
				}
				if err := want(conn, "SHOW plan_cache_mode", mode); err != nil {
					t.Error(err)
				}
				if _, err := conn.ExecContext(t.Context(), "TRUNCATE modes"); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 7 {
				one(strconv.Itoa(i), strconv.Itoa(i+1))
			}
			one("7", "", "SET search_path = pg_catalog")
			one("8", "")
			seen("force_custom_plan", 9)
			// What was left behind, the end, the claim; the lock in front of it is planned as the session has it.
			plans := "4 of 5"
			if name == "app, not joined" { // where nothing is settled in one message
				plans = "1 of 2"
			}
			if err := want(conn, "SELECT count(*) FILTER (WHERE custom_plans = 0) || ' of ' || count(*) FROM pg_prepared_statements", plans); err != nil {
				t.Error(err)
			}
			one("9", "10", "SET plan_cache_mode = auto") // which is of the session from then on
			if _, err := conn.ExecContext(t.Context(), "TRUNCATE modes"); err != nil {
				t.Fatal(err)
			}
			one("10", "11")
			// It is not as the claim before has found it, so that the next one asks again.
			if _, err := conn.ExecContext(t.Context(), "SET search_path = public, pg_catalog"); err != nil {
				t.Fatal(err)
			}
			one("11", "")
			one("12", "")
			seen("auto", 3)
		})
	}
}

// An app's own pool has no wire of ours, and its driver keeps the name of the
// session to itself. When an update of the driver renames the field, this is where
// it shows.
func TestSessionIsKnownByItsLogin(t *testing.T) {
	t.Parallel()
	app, url := pgtest.New(t)
	ours, err := Dialect{}.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	pooled := pgtest.Open(t, pgtest.Pooler(t, url))
	for _, c := range []struct {
		name  string
		db    *bun.DB
		knows bool
	}{
		{"an app's pool", app, true},
		{"a pool opened by URL", ours, true},
		{"behind PgBouncer", pooled, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := c.db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			var known, joined acquaintance
			look := func(dc any) error {
				known, joined = Dialect{}.Know(dc).(acquaintance), Dialect{}.Know(Dialect{}.Join(dc)).(acquaintance)
				return nil
			}
			if err := conn.Raw(look); err != nil {
				t.Fatal(err)
			}
			var pid int64
			if err := conn.QueryRowContext(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
				t.Fatal(err)
			}
			if known.pid == 0 || (known.pid == pid) != c.knows || known.conn != nil || joined.pid != known.pid || joined.conn == nil {
				t.Errorf("known is %+v, joined %+v, the session is %d", known, joined, pid)
			}
		})
	}
	if got := (Dialect{}).Know(struct{}{}); got != (acquaintance{}) {
		t.Errorf("of another driver it knows %+v", got)
	}
}

// bracketing makes the tables that brackets write to, and takes a connection for
// claims under a key.
func bracketing(t *testing.T, db *bun.DB, key int64) (Dialect, bun.Conn, dialect.Claim) {
	t.Helper()
	if _, err := db.Exec("CREATE TABLE IF NOT EXISTS rows (id text PRIMARY KEY, state text); CREATE TABLE IF NOT EXISTS log (id text)"); err != nil {
		t.Fatal(err)
	}
	d := Dialect{}.Bind(db).(Dialect)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	claim := dialect.Claim{Key: dialect.LockKey{Number: key}}
	if err := conn.Raw(func(dc any) error { claim.Known = d.Know(dc); return nil }); err != nil {
		t.Fatal(err)
	}
	return d, conn, claim
}

// claimOf is what a claim of row n writes, and settleOf what its settling does.
func claimOf(n string) string {
	return "INSERT INTO public.rows SELECT '" + n + "', 'running' WHERE 1 = 1"
}

func settleOf(n string) dialect.Settle {
	return dialect.Settle{
		Write: "UPDATE public.rows SET state = 'applied' WHERE id = '" + n + "'", Log: "INSERT INTO public.log SELECT '" + n + "' WHERE 1 = 1", CommitIf: 1,
	}
}

// bracketed is one claim and one settling of row n on conn.
func bracketed(t *testing.T, d Dialect, conn bun.Conn, claim *dialect.Claim, n string, work ...string) (dialect.Settled, error) {
	t.Helper()
	tx, err := conn.BeginTx(t.Context(), d.TxOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() // after a commit it has nothing to do
	claim.Write = claimOf(n)
	c, err := d.Claim(t.Context(), tx, *claim)
	if err != nil {
		return dialect.Settled{}, err
	}
	if claim.Session = c.Session; c.Rows != 1 {
		t.Fatalf("claimed %+v", c)
	}
	for _, sql := range work {
		if _, err := tx.ExecContext(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	s, err := d.Settle(t.Context(), tx, c, settleOf(n))
	if err == nil && s.Ours {
		err = tx.Commit()
	}
	return s, err
}

func TestWhatIsPreparedIsForgotten(t *testing.T) {
	t.Parallel()
	_, url := pgtest.New(t)
	ours, _ := countedJoined(t, url)
	for name, db := range map[string]*bun.DB{"app": joinedTo(t, url), "URL": ours} {
		t.Run(name, func(t *testing.T) {
			d, conn, claim := bracketing(t, db, 1)
			count := func(n string) {
				t.Helper()
				if err := want(conn, "SELECT count(*)::text FROM pg_prepared_statements", n); err != nil {
					t.Error(err)
				}
			}
			sound := func(s dialect.Settled, err error) {
				t.Helper()
				if err != nil || !s.Ours || s.Rows != 1 || len(s.Restored) > 0 {
					t.Fatalf("settled %+v, %v", s, err)
				}
			}
			sound(bracketed(t, d, conn, &claim, name+"1"))
			count("0")
			sound(bracketed(t, d, conn, &claim, name+"2"))
			sound(bracketed(t, d, conn, &claim, name+"3"))
			count("4") // the lock, the claim, what was left behind, the end

			s, err := bracketed(t, d, conn, &claim, name+"4", "CREATE SCHEMA x"+name, "SET search_path = x"+name+"; RESET ALL; SET search_path = x"+name)
			if err != nil || !s.Ours || strings.Join(s.Restored, " ") != "search_path" {
				t.Errorf("after a changed search_path: %+v, %v", s, err)
			}
			if s, err := bracketed(t, d, conn, &claim, name+"5", "COMMIT"); err != nil || s.Ours {
				t.Errorf("after its own COMMIT: %+v, %v", s, err)
			}
			if err := want(conn, "SELECT state FROM rows WHERE id = '"+name+"5'", "running"); err != nil {
				t.Error(err)
			}
			if err := d.Forget(t.Context(), conn, claim.Session); err != nil {
				t.Error(err)
			}
			count("0")
		})
	}
}

// A migration may make the server forget what we have prepared. Its transaction is
// lost then, and the same again does.
func TestForgottenStatementsAreRetried(t *testing.T) {
	t.Parallel()
	_, url := pgtest.New(t)
	d, conn, claim := bracketing(t, joinedTo(t, url), 1)
	for _, n := range []string{"1", "2", "3"} {
		if _, err := bracketed(t, d, conn, &claim, n); err != nil {
			t.Fatal(err)
		}
	}
	_, err := bracketed(t, d, conn, &claim, "4", "DEALLOCATE ALL")
	if f := d.Classify(err); !f.Retryable() || f.Code != noSuchStatement {
		t.Errorf("the fault is %+v", f)
	}
	for _, n := range []string{"4", "5", "6"} {
		if s, err := bracketed(t, d, conn, &claim, n); err != nil || !s.Ours {
			t.Errorf("afterwards: %+v, %v", s, err)
		}
	}
	if err := d.Forget(t.Context(), conn, claim.Session); err == nil {
		t.Error("a session with statements that nobody knows may be used by others")
	}
	if _, err := conn.ExecContext(t.Context(), "EXECUTE nothing"); d.Classify(err).Retryable() {
		t.Error("a user's own mistake would be retried")
	}
}
