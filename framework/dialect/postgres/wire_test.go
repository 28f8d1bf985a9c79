package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/driver/pgdriver"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pgtest"
)

// roundTrips counts how often a connection turns from writing to reading.
type roundTrips struct {
	net.Conn
	n     *atomic.Int64
	wrote bool
}

func (c *roundTrips) Write(p []byte) (int, error) { c.wrote = true; return c.Conn.Write(p) }

func (c *roundTrips) Read(p []byte) (int, error) {
	if c.wrote {
		c.n.Add(1)
		c.wrote = false
	}
	return c.Conn.Read(p)
}

// counted opens a pool of ours on one connection, with a count of its round trips.
func counted(t *testing.T, url string) (*bun.DB, *atomic.Int64) {
	t.Helper()
	return countedAs(t, url, func(c *connector) driver.Connector { return c })
}

func countedAs(t *testing.T, url string, as func(*connector) driver.Connector) (*bun.DB, *atomic.Int64) {
	t.Helper()
	config, err := ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	n := new(atomic.Int64)
	c := newConnector(config)
	c.dial = func(ctx context.Context, h Host, e encryption) (net.Conn, error) {
		conn, err := config.dial(ctx, h, e)
		if err != nil {
			return nil, err
		}
		return &roundTrips{Conn: conn, n: n}, nil
	}
	db := bun.NewDB(sql.OpenDB(as(c)), pgdialect.New())
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	n.Store(0)
	return db, n
}

// want compares the one text that a query returns.
func want(db bun.IDB, query, text string) error {
	var got string
	if err := db.QueryRowContext(context.Background(), query).Scan(&got); err != nil {
		return err
	}
	if got != text {
		return fmt.Errorf("%s: got %q, want %q", query, got, text)
	}
	return nil
}

func TestCopyPassesTheWire(t *testing.T) {
	_, url := pgtest.New(t)
	db, _ := counted(t, url)
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "CREATE TABLE t (n int)"); err != nil {
		t.Fatal(err)
	}
	if _, err := pgdriver.CopyFrom(ctx, conn, strings.NewReader("1\n2\n"), "COPY t FROM STDIN"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := pgdriver.CopyTo(ctx, conn, &out, "COPY t TO STDOUT"); err != nil || out.String() != "1\n2\n" {
		t.Errorf("%q %v", out.String(), err)
	}
}

func TestLargeResultsPassWhole(t *testing.T) {
	_, url := pgtest.New(t)
	db, _ := counted(t, url)
	err := db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
		for range 2 {
			rows, err := tx.Query("SELECT n, repeat('x', n % 3000) FROM generate_series(1, 5000) n")
			if err != nil {
				return err
			}
			sum := 0
			for rows.Next() {
				var n int
				var text string
				if err := rows.Scan(&n, &text); err != nil {
					return err
				}
				if len(text) != n%3000 {
					return fmt.Errorf("row %d has %d characters", n, len(text))
				}
				sum += n
			}
			if err := rows.Err(); err != nil || sum != 12502500 {
				return fmt.Errorf("%d %v", sum, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNoticesAndNotificationsBetweenMessages(t *testing.T) {
	_, url := pgtest.New(t)
	db, _ := counted(t, url)
	other, _ := counted(t, url)
	ctx := context.Background()
	if _, err := db.Exec("LISTEN c"); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if _, err := other.Exec("SELECT pg_notify('c', repeat('x', 7000))"); err != nil {
			t.Fatal(err)
		}
		err := db.RunInTx(ctx, nil, func(_ context.Context, tx bun.Tx) error {
			_, err := tx.Exec("DO $$ BEGIN RAISE WARNING 'hello'; END $$; DROP TABLE IF EXISTS nothing")
			return err
		})
		// pgdriver itself does not know notifications outside its listener: what
		// counts is that it gets them whole.
		if err != nil && !strings.Contains(err.Error(), "unexpected message 'A'") {
			t.Fatal(i, err)
		}
		if err != nil {
			return
		}
	}
}

func TestNetConnClosesAStuckStatement(t *testing.T) {
	_, url := pgtest.New(t)
	mine, _ := counted(t, url)
	pgxDB := bun.NewDB(sql.OpenDB(stdlib.GetConnector(pgxConfig(t, url))), pgdialect.New())
	t.Cleanup(func() { _ = pgxDB.Close() })
	for name, db := range map[string]*bun.DB{"ours": mine, "pgdriver": pgtest.Open(t, url), "pgx": pgxDB} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			conn, err := db.Conn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			var network net.Conn
			if err := conn.Raw(func(c any) error { network = NetConn(c); return nil }); err != nil || network == nil {
				t.Fatal(network, err)
			}
			var pid int
			if err := conn.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() {
				_, err := conn.ExecContext(ctx, "SELECT pg_sleep(60)")
				done <- err
			}()
			await(t, url, fmt.Sprintf("SELECT count(*)::text FROM pg_stat_activity WHERE pid = %d AND wait_event = 'PgSleep'", pid))
			_ = network.Close()
			err = <-done
			if f := (Dialect{}).Classify(err); f.Class != dialect.ConnectionLost {
				t.Errorf("%v is %+v", err, f)
			}
		})
	}
	if NetConn(nil) != nil || NetConn(7) != nil || NetConn((*pgdriver.Driver)(nil)) != nil {
		t.Error("what is no connection has no network connection")
	}
}

// What the server has answered at once is read at once, whatever it consists of; the
// words with which it ends the session are followed by what pgdriver waits for.
func TestAnswersAreReadWhole(t *testing.T) {
	t.Parallel()
	done, ready := message('C', []byte("SELECT 1\x00")), message('Z', []byte{'T'})
	answer := bytes.Repeat(done, 9)
	answer = append(answer, ready...)
	gone := message('E', []byte("SFATAL\x00VFATAL\x00C57P01\x00Mterminating connection\x00\x00"))
	server, client := net.Pipe()
	defer client.Close()
	go func() {
		defer server.Close()
		_, _ = server.Write(answer)
		_, _ = server.Write(append(bytes.Clone(done), gone...))
	}()
	w := newWire(client, &connector{})
	p := make([]byte, 4096)
	for _, want := range [][]byte{answer, done, append(bytes.Clone(gone), message('Z', []byte{'I'})...)} {
		n, err := w.Read(p)
		if err != nil || !bytes.Equal(p[:n], want) {
			t.Errorf("read %q, %v, want %q", p[:n], err, want)
		}
	}
}
