package sqlfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// Register makes a migration of each SQL file in fsys, in all its folders, and
// adds it to the registry; nil means that of migrate.Register. fsys is usually an
// embed.FS, and the call stands in an init function.
//
// NAME.up.sql applies and NAME.down.sql reverts; NAME.tx.up.sql and its kin, as
// bun writes them, are the same. NAME.sql has both, below the lines of a tool:
//
//	             up                   down
//	goose        -- +goose Up         -- +goose Down
//	sql-migrate  -- +migrate Up       -- +migrate Down
//	dbmate       -- migrate:up        -- migrate:down
//	tern                              ---- create above / drop below ----
//
// Their other words hold too: "-- +goose NO TRANSACTION", "-- +migrate Up
// notransaction", "-- migrate:up transaction:false" and "---- tern: disable-tx ----"
// run the statements of both directions outside a transaction, one by one, and what
// stands between StatementBegin and StatementEnd is one statement. Elsewhere a
// semicolon ends one, unless it stands in quotes, a comment, a body in dollar quotes
// or one from BEGIN to END.
//
// The migration's ID is NAME, with underscores for hyphens and at least four digits:
// 10_b comes after 9_a. It comes after the previous ID, or after what the file names:
//
//	-- leaven: after 20260101090000_users, 20260102090000_orders
//
// A file that cannot be read, or is no migration, is one of the registry's Problems:
// Register never fails. The files count in its checksum.
func Register(r *migrate.Registry, fsys fs.FS) {
	if r == nil {
		r = migrate.DefaultRegistry()
	}
	found := map[string]*files{}
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".sql") {
			return err
		}
		key, side := split(name)
		if found[key] == nil {
			found[key] = &files{}
			names = append(names, key)
		}
		found[key].add(name, side)
		return nil
	})
	if err != nil {
		r.RegisterFile(migrate.Migration{}, migrate.File{Err: fmt.Errorf("the SQL files cannot be listed: %w", err)})
	}
	slices.Sort(names)
	for _, name := range names {
		m, f := found[name].migration(fsys, path.Base(name))
		r.RegisterFile(m, f)
	}
}

// split cuts the name of a file into that of the migration, with its folder, and
// what the file holds: up, down, or both.
func split(name string) (key, side string) {
	key = strings.TrimSuffix(name, ".sql")
	for _, side := range []string{".up", ".down"} {
		if before, ok := strings.CutSuffix(key, side); ok {
			return strings.TrimSuffix(before, ".tx"), side
		}
	}
	return key, ""
}

// files are those of one migration.
type files struct {
	up, down, both string
	twice          string
}

func (f *files) add(name, side string) {
	slot := map[string]*string{".up": &f.up, ".down": &f.down, "": &f.both}[side]
	if *slot != "" {
		f.twice = *slot
	}
	*slot = name
}

// migration reads the files.
func (f *files) migration(fsys fs.FS, name string) (migrate.Migration, migrate.File) {
	m := migrate.Migration{ID: idOf(name)}
	at := migrate.File{FS: fsys, Path: f.up + f.both, Line: 1}
	switch {
	case f.both != "" && f.up+f.down != "":
		at.Path = f.both
		return m, failed(at, errors.New("there are "+path.Base(f.both)+" and "+path.Base(f.up+f.down)+" for one migration: keep one"))
	case f.twice != "":
		return m, failed(at, errors.New("there are two files for one direction: keep "+path.Base(f.up)+" or "+path.Base(f.twice)))
	case at.Path == "":
		at.Path = f.down
		return m, failed(at, errors.New("there is no "+name+".up.sql beside it"))
	case f.both != "":
		s, err := parse(fsys, f.both, true)
		m.NoTx, m.After, m.Up, m.Down = s.noTx, s.after, run(s.up), run(s.down)
		return m, failed(at, err)
	}
	up, err := parse(fsys, f.up, false)
	m.NoTx, m.After, m.Up = up.noTx, up.after, run(up.up)
	if f.down != "" {
		at.More = []string{f.down}
		down, downErr := parse(fsys, f.down, false)
		m.NoTx, m.Down = m.NoTx || down.noTx, run(down.up)
		if len(down.after) > 0 && downErr == nil {
			downErr = &Error{path.Base(f.down), 1, errors.New("-- leaven: after belongs in " + path.Base(f.up))}
		}
		err = errors.Join(err, downErr)
	}
	return m, failed(at, err)
}

// idOf is the ID of the file of a migration. IDs are compared as strings, and tools
// that count from 1 compare numbers.
func idOf(name string) string {
	id := strings.ReplaceAll(name, "-", "_")
	digits := len(id) - len(strings.TrimLeft(id, "0123456789"))
	if digits == 0 {
		return id
	}
	return strings.Repeat("0", max(0, 4-digits)) + id
}

// failed puts what is wrong with a file beside where it is.
func failed(f migrate.File, err error) migrate.File {
	f.Err = err
	var place *Error
	if errors.As(err, &place) {
		f.Path, f.Line, f.Err = path.Join(path.Dir(f.Path), place.File), place.Line, place.Err
	}
	return f
}

// run makes one direction of a migration; nil: there is none.
func run(statements []statement) migrate.Func {
	if statements == nil {
		return nil
	}
	return func(ctx context.Context, db bun.IDB) error {
		for _, s := range statements {
			if err := s.run(ctx, db); err != nil {
				return err
			}
		}
		return nil
	}
}
