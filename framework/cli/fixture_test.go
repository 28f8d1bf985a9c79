package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing/fstest"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// fixture is an application: the same migrations as "shop", or these with
// something wrong.
func fixture(name string) App {
	app := App{Name: "migrate", Version: "1.2.3", Registry: migrate.NewRegistry(), Models: modelSets[os.Getenv("MODELS")]}
	app.ModelOptions = readings[os.Getenv("MODELS")]
	set, ok := sets[name]
	if !ok {
		set = sets["shop"]
	}
	sources := fstest.MapFS{}
	for _, m := range set() {
		register(app.Registry, m)
		text := "package migrations // " + m.ID
		if name == "edited" && m.ID == posts {
			text += "\nvar edited = true"
		}
		sources[m.ID+".go"] = &fstest.MapFile{Data: []byte(text)}
	}
	app.Sources = []fs.FS{sources}
	return app
}

const (
	authors = "20260101090000_authors"
	posts   = "20260102090000_posts"
	likes   = "20260103090000_likes"
)

var sets = map[string]func() []migrate.Migration{
	"shop":   shop,
	"edited": shop,
	"older":  func() []migrate.Migration { return shop()[:2] },
	"empty":  func() []migrate.Migration { return nil },
	"twice":  func() []migrate.Migration { return append(shop(), shop()[1]) },
	"heads": func() []migrate.Migration {
		return append(shop(), then("20260104090000_ours", posts))
	},
	"late": func() []migrate.Migration {
		set := append(shop(), then("20260101120000_late", ""))
		for i := range set {
			set[i].After = nil // the previous ID
		}
		return set
	},
	"typo": func() []migrate.Migration {
		return append(shop(), change("20260104090000_typo", likes, op.SQL{All: "ALTER TABLE userz ADD COLUMN name text"}))
	},
	"again": func() []migrate.Migration {
		return append(shop(), change("20260104090000_again", likes, makes("authors")))
	},
	"notnull": func() []migrate.Migration {
		return append(shop(), change("20260104090000_notnull", likes,
			op.SQL{All: "INSERT INTO authors (id, name) VALUES (1, NULL)"}))
	},
	"unique": func() []migrate.Migration {
		return append(shop(), change("20260104090000_unique", likes, op.SQL{All: "INSERT INTO authors (id, name) VALUES (1, 'a')"},
			op.SQL{All: "INSERT INTO authors (id, name) VALUES (1, 'b')"}))
	},
	"panics": func() []migrate.Migration {
		m := then("20260104090000_panics", likes)
		m.Up = panics
		return append(shop(), m)
	},
	"fails": func() []migrate.Migration {
		m := then("20260104090000_fails", likes)
		m.Up = func(context.Context, bun.IDB) error { return errors.New("no key for postgres://app:canary@host/db") }
		return append(shop(), m)
	},
	"final": func() []migrate.Migration {
		m := then("20260104090000_final", likes)
		m.Irreversible = "the old numbers are gone"
		return append(shop(), m)
	},
	"takes": func() []migrate.Migration {
		taken := makes("authors").(op.CreateTable)
		taken.IfNotExists = true
		return []migrate.Migration{change(authors, "", taken, op.AddColumn{Table: "authors", Column: schema.Column{Name: "nickname", Type: schema.Text}})}
	},
	"halfway": func() []migrate.Migration {
		m := then("20260104090000_halfway", likes)
		m.NoTx = true
		m.Up = func(ctx context.Context, db bun.IDB) error {
			if _, err := db.ExecContext(ctx, "CREATE TABLE half (id bigint)"); err != nil {
				return err
			}
			return errors.New("the other half failed")
		}
		return append(shop(), m)
	},
	"reads": func() []migrate.Migration {
		m := then("20260104090000_reads", likes)
		m.Up = func(ctx context.Context, db bun.IDB) error {
			_, err := db.NewSelect().Table("likes").Count(ctx)
			return err
		}
		return append(shop(), m, then("20260105090000_after", "20260104090000_reads"))
	},
	"indexed": func() []migrate.Migration {
		return append(shop(), change("20260104090000_indexed", likes,
			op.CreateIndex{Table: "posts", Index: schema.Index{Name: "posts_name_idx", Parts: schema.Columns("name")}}))
	},
	"asks": func() []migrate.Migration {
		m := then("20260104090000_asks", likes)
		m.Down = func(ctx context.Context, db bun.IDB) error {
			_, err := db.NewSelect().Table("likes").Count(ctx)
			return err
		}
		return append(shop(), m)
	},
	"held": func() []migrate.Migration {
		m := then("20260104090000_slow", likes)
		m.Up = held
		return append(shop(), m, then("20260105090000_after", "20260104090000_slow"))
	},
	"slow": func() []migrate.Migration {
		m := then("20260104090000_slow", likes)
		m.Up = slow
		return append(shop(), m, then("20260105090000_after", "20260104090000_slow"))
	},
}

func shop() []migrate.Migration {
	return []migrate.Migration{
		change(authors, "", makes("authors")),
		change(posts, authors, makes("posts")),
		change(likes, posts, makes("likes"),
			op.CreateIndex{Table: "likes", Index: schema.Index{Name: "likes_name_idx", Parts: schema.Columns("name")}}),
	}
}

func makes(name string) op.Op {
	return op.CreateTable{Name: name, PrimaryKey: []string{"id"}, Columns: []schema.Column{
		{Name: "id", Type: schema.BigInt, NotNull: true}, {Name: "name", Type: schema.Text, NotNull: true}}}
}

func change(id, after string, ops ...op.Op) migrate.Migration {
	m := migrate.Migration{ID: id, Down: nothing, Up: func(ctx context.Context, db bun.IDB) error { return op.Run(ctx, db, ops...) }}
	if after != "" {
		m.After = []string{after}
	}
	var back []op.Op
	for i := range ops {
		if r, err := ops[len(ops)-1-i].Reversed(); err == nil {
			back = append(back, r)
		}
	}
	m.Down = func(ctx context.Context, db bun.IDB) error { return op.Run(ctx, db, back...) }
	return m
}

func then(id, after string) migrate.Migration {
	return migrate.Migration{ID: id, After: []string{after}, Up: nothing, Down: nothing}
}

func nothing(context.Context, bun.IDB) error { return nil }

// held works until the file in HELD exists.
func held(context.Context, bun.IDB) error {
	for range 3000 {
		if _, err := os.Stat(os.Getenv("HELD")); err == nil {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("nobody let go")
}

// slow works in the database until it is cancelled, for a minute at most.
func slow(ctx context.Context, db bun.IDB) error {
	if strings.Contains(db.Dialect().Name().String(), "pg") {
		_, err := db.ExecContext(ctx, "SELECT pg_sleep(60)")
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Minute):
		return nil
	}
}

// register registers a migration from a file of its name, line 10.
func register(r *migrate.Registry, m migrate.Migration) {
	switch m.ID {
	case "20260101090000_authors":
//line 20260101090000_authors.go:10
		r.Register(m)
	case "20260101120000_late":
//line 20260101120000_late.go:10
		r.Register(m)
	case "20260102090000_posts":
//line 20260102090000_posts.go:10
		r.Register(m)
	case "20260103090000_likes":
//line 20260103090000_likes.go:10
		r.Register(m)
	case "20260104090000_ours":
//line 20260104090000_ours.go:10
		r.Register(m)
	case "20260104090000_typo":
//line 20260104090000_typo.go:10
		r.Register(m)
	case "20260104090000_again":
//line 20260104090000_again.go:10
		r.Register(m)
	case "20260104090000_notnull":
//line 20260104090000_notnull.go:10
		r.Register(m)
	case "20260104090000_unique":
//line 20260104090000_unique.go:10
		r.Register(m)
	case "20260104090000_panics":
//line 20260104090000_panics.go:10
		r.Register(m)
	case "20260104090000_fails":
//line 20260104090000_fails.go:10
		r.Register(m)
	case "20260104090000_final":
//line 20260104090000_final.go:10
		r.Register(m)
	case "20260104090000_halfway":
//line 20260104090000_halfway.go:10
		r.Register(m)
	case "20260104090000_reads":
//line 20260104090000_reads.go:10
		r.Register(m)
	case "20260104090000_indexed":
//line 20260104090000_indexed.go:10
		r.Register(m)
	case "20260104090000_asks":
//line 20260104090000_asks.go:10
		r.Register(m)
	case "20260104090000_slow":
//line 20260104090000_slow.go:10
		r.Register(m)
	case "20260105090000_after":
//line 20260105090000_after.go:10
		r.Register(m)
//line fixture_test.go:1000
	default:
		panic("a fixture without a file: " + m.ID)
	}
}

// panics does so in a file of the migration's name, behind the line at which the
// migration is registered.
//
//line 20260104090000_panics.go:24
func panics(context.Context, bun.IDB) error {
	panic("this is bad")
}
