package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// visits are the migrations of a small application; there, each is in a file of
// its own and is registered with migrate.Register.
func visits() *migrate.Registry {
	r := migrate.NewRegistry()
	r.Register(migrate.Migration{
		ID: "0001_visits",
		Change: migrate.Reversible(op.CreateTable{Name: "visits", PrimaryKey: []string{"id"}, Columns: []schema.Column{
			{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
			{Name: "page", Type: schema.Text, NotNull: true},
		}}),
	})
	return r
}

// database opens a fresh SQLite file.
func database(ctx context.Context) (db *bun.DB, remove func()) {
	dir, err := os.MkdirTemp("", "visits-")
	if err != nil {
		panic(err)
	}
	db, err = dialect.Open(ctx, "sqlite:"+filepath.Join(dir, "app.db"))
	if err != nil {
		panic(err)
	}
	return db, func() { _, _ = db.Close(), os.RemoveAll(dir) }
}

// count is a handler of the application: it counts the visits of a page.
func count(db *bun.DB) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, err := db.ExecContext(r.Context(), "INSERT INTO visits (page) VALUES (?)", r.URL.Path); err != nil {
			http.Error(w, "something is wrong here", http.StatusInternalServerError)
			return
		}
		n, _ := db.NewSelect().Table("visits").Where("page = ?", r.URL.Path).Count(r.Context())
		_, _ = fmt.Fprintf(w, "visit %d", n)
	}
}

// A server answers from its first moment: it is alive while migrations run, and
// ready when they have. A signal during a migration lets the running one finish or
// rolls it back; afterwards it lets the running requests finish.
func ExampleBootstrap() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	db, remove := database(ctx) // in an application, from its settings
	defer remove()

	ready := &migrate.Readiness{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(http.ResponseWriter, *http.Request) {})
	mux.Handle("GET /readyz", ready)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		if !ready.Ready() {
			ready.ServeHTTP(w, r)
			return
		}
		count(db)(w, r)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	err = migrate.Bootstrap(ctx, db, migrate.BootstrapOptions{
		Mode:      migrate.Mode(os.Getenv("MIGRATE_ON_START")), // apply, wait, require or off
		Readiness: ready,
		Options:   migrate.Options{Registry: visits()},
	})
	if err != nil {
		panic(err)
	}

	for _, path := range []string{"/tea", "/tea"} { // somebody else does this
		answer, err := http.Get("http://" + listener.Addr().String() + path)
		if err != nil {
			panic(err)
		}
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		fmt.Println(answer.StatusCode, string(text))
	}
	stop() // in a program: <-ctx.Done()

	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	fmt.Println(server.Shutdown(last), errors.Is(<-served, http.ErrServerClosed))
	// Output:
	// 200 visit 1
	// 200 visit 2
	// <nil> true
}

// Tests of an application need no mock of migrations: a fresh database, made by
// the migrations themselves, costs some milliseconds.
func ExampleBootstrap_tests() {
	ctx := context.Background() // in a test: t.Context()
	db, remove := database(ctx) // in a test: a file in t.TempDir()
	defer remove()
	err := migrate.Bootstrap(ctx, db, migrate.BootstrapOptions{Options: migrate.Options{Registry: visits()}})
	fmt.Println(err)

	_, err = db.ExecContext(ctx, "INSERT INTO visits (page) VALUES (NULL)")
	fmt.Println("a visit without a page is refused:", err != nil)
	_, err = db.ExecContext(ctx, "INSERT INTO visits (page) VALUES ('/tea')")
	n, _ := db.NewSelect().Table("visits").Count(ctx)
	fmt.Println(n, err)
	// Output:
	// <nil>
	// a visit without a page is refused: true
	// 1 <nil>
}
