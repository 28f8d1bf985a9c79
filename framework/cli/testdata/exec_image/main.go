// Command exec_image is what an image holds in the tests of exec, in one file: the
// migrations of the release that RELEASE numbers, and with the word serve the
// application itself.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/leavendb/leaven/framework/cli"
	"github.com/leavendb/leaven/framework/dialect"
	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

type effect struct {
	bun.BaseModel `bun:"effects"`

	ID int64 `bun:",pk,autoincrement"`
	V  int   `bun:",notnull"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		serve(os.Args[2:])
	}
	app := cli.App{Registry: release(os.Getenv("RELEASE")), Models: []any{(*effect)(nil)}}
	if log := os.Getenv("STATEMENTS"); log != "" {
		app.Open = func(ctx context.Context) (*bun.DB, error) {
			db, err := dialect.Open(ctx, os.Getenv("OPEN"))
			if err == nil {
				db = db.WithQueryHook(statements(log))
			}
			return db, err
		}
	}
	cli.Main(app)
}

// statements is a file that gets every statement, each with a zero byte behind it.
type statements string

func (s statements) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (s statements) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	f, err := os.OpenFile(string(s), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := f.WriteString(e.Query + "\x00"); err != nil {
		panic(err)
	}
}

// release are the migrations of a release: so many, and "broken" one that fails.
func release(word string) *migrate.Registry {
	number, broken := strings.CutSuffix(word, "broken")
	n, _ := strconv.Atoi(number)
	r := migrate.NewRegistry()
	if n > 0 {
		r.Register(migrate.Migration{ID: "0001_effects", Change: migrate.Reversible(op.CreateTable{
			Name: "effects", PrimaryKey: []string{"id"}, Columns: []schema.Column{
				{Name: "id", Type: schema.BigInt, AutoIncrement: true, NotNull: true},
				{Name: "v", Type: schema.Integer, NotNull: true},
			}})})
	}
	for i := 2; i <= n; i++ {
		r.Register(migrate.Migration{ID: fmt.Sprintf("%04d_effect", i), Up: func(ctx context.Context, db bun.IDB) error {
			step := op.CreateTable{Name: fmt.Sprintf("step_%d", i), PrimaryKey: []string{"id"}, Columns: []schema.Column{{Name: "id", Type: schema.BigInt, NotNull: true}}}
			if err := op.Run(ctx, db, step); err != nil {
				return err
			}
			_, err := db.ExecContext(ctx, "INSERT INTO effects (v) VALUES (?)", i)
			return err
		}})
	}
	if broken {
		r.Register(migrate.Migration{ID: "9999_broken", Up: func(ctx context.Context, db bun.IDB) error {
			_, err := db.ExecContext(ctx, "INSERT INTO nothing VALUES (1)")
			return err
		}})
	}
	return r
}

// serve tells who it is, and with the word --on waits for a SIGTERM.
func serve(words []string) {
	fmt.Printf("serving as process %d of user %d: %q\n", os.Getpid(), os.Getuid(), words)
	if len(words) > 0 && words[0] == "--on" {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		fmt.Println("listening")
		fmt.Println("stopped by", <-signals)
		os.Exit(7)
	}
	os.Exit(0)
}
