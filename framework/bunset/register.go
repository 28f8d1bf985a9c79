package bunset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
	bunmigrate "github.com/uptrace/bun/migrate"
)

// Options go with Register. The zero value is right unless the set needs more.
type Options struct {
	// Sources hold the set's files (embed *.go and *.sql beside them), for
	// checksums and for the names in messages.
	Sources []fs.FS

	// Migrator are the options that the app gives to bun's NewMigrator: template
	// data and hooks count, names of tables do not.
	Migrator []bunmigrate.MigratorOption
}

// Register adds each migration of the set to the registry; nil means that of
// migrate.Register. Call it where the whole set is known: in main, or in an init
// function below which no file registers more. The ID is the file's name, with
// underscores for hyphens; the order is by name, as bun's own.
//
// They run as NoTx migrations that are not Rerunnable, because they open
// transactions as they like: one that fails is interrupted, and somebody decides
// what of it is there. Each gets a real *migrate.Migrator, whose database is the
// one connection of the runner: what it does dies with the lock, PRAGMAs reach
// its statements, and a SQLite file has no second writer. It can hence not use its
// database beside a transaction that it has open, and is told so. Rows that are read
// outside a transaction are read at once.
//
// A migration without a down file cannot be reverted, and a down that sends no
// statement is an error: bun would count it as reverted.
func Register(r *migrate.Registry, set *bunmigrate.Migrations, o Options) {
	if r == nil {
		r = migrate.DefaultRegistry()
	}
	for _, b := range set.Sorted() {
		name := b.Name
		if b.Comment != "" {
			name += "_" + b.Comment
		}
		m := migrate.Migration{ID: strings.ReplaceAll(name, "-", "_"), NoTx: true}
		if b.Up != nil {
			m.Up = run(set, b, o, false)
		}
		if b.Down != nil {
			m.Down = run(set, b, o, true)
		}
		f := fileOf(name, o.Sources)
		if b.Up == nil {
			f.Err = errors.New("bun knows no up of it: is its .up.sql file embedded?")
		}
		r.RegisterFile(m, f)
	}
}

// run makes one direction of a migration.
func run(set *bunmigrate.Migrations, b bunmigrate.Migration, o Options, down bool) migrate.Func {
	return func(ctx context.Context, db bun.IDB) (err error) {
		conn, ok := db.(bun.Conn)
		if !ok {
			return fmt.Errorf("a migration of bun needs a connection of its own, not a %T", db)
		}
		borrowed, err := borrow(conn)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, borrowed.giveBack()) }()
		m := bunmigrate.NewMigrator(borrowed.db, set, o.Migrator...)
		if !down {
			return b.Up(ctx, m, &b)
		}
		if err = revert(ctx, b, m, borrowed); err == nil && borrowed.statements.Load() == 0 {
			err = errors.New("its down has sent no statement: nothing was reverted")
		}
		return err
	}
}

// revert calls the down of a migration. bun wraps functions, so that one that is
// nil is seen by what it does: it panics before it has sent anything.
func revert(ctx context.Context, b bunmigrate.Migration, m *bunmigrate.Migrator, borrowed *lent) (err error) {
	defer func() {
		if borrowed.statements.Load() > 0 {
			return // the runner tells what a panic is
		}
		if p := recover(); p != nil {
			err = fmt.Errorf("its down panicked before it sent a statement, as one that is nil does: nothing was reverted (%v)", p)
		}
	}()
	return b.Down(ctx, m, &b)
}

// fileOf finds the files of a migration: those of its name, in any folder. Without
// them it is known by the name that a Go file of it would have.
func fileOf(name string, sources []fs.FS) migrate.File {
	for _, fsys := range sources {
		var found []string
		err := fs.WalkDir(fsys, ".", func(at string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasPrefix(path.Base(at), name+".") {
				found = append(found, at)
			}
			return err
		})
		if err != nil {
			return migrate.File{Path: name, Err: fmt.Errorf("the files of the set cannot be listed: %w", err)}
		}
		if len(found) > 0 {
			slices.SortFunc(found, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b)) })
			return migrate.File{FS: fsys, Path: found[0], Line: 1, More: found[1:]}
		}
	}
	return migrate.File{Path: name + ".go"}
}

// rank puts the file first that people look into.
func rank(name string) int {
	switch {
	case strings.HasSuffix(name, ".go"):
		return 0
	case strings.HasSuffix(name, ".up.sql"):
		return 1
	}
	return 2
}
