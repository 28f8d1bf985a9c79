package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

var _ dialect.Prober = Dialect{}

// Parameters implements dialect.Prober.
func (Dialect) Parameters(address string) ([]dialect.Parameter, error) {
	at, err := ParseURL(address)
	if err != nil {
		return nil, err
	}
	if at.InMemory() {
		return []dialect.Parameter{{Name: "file", Value: "none: in memory"}}, nil
	}
	path, err := filepath.Abs(at.Path)
	if err != nil {
		path = at.Path
	}
	return []dialect.Parameter{{Name: "file", Value: path}}, nil
}

// ProbeAddress implements dialect.Prober: the file, and its folder, into which
// SQLite writes too. Whether the folder takes files is tried with an empty one,
// which is removed.
func (Dialect) ProbeAddress(_ context.Context, address string) []dialect.Check {
	at, err := ParseURL(address)
	switch {
	case err != nil:
		return []dialect.Check{{Name: "address", Err: err}}
	case at.InMemory():
		return []dialect.Check{{Name: "file", Warning: "the database is in memory: nothing is kept", Next: "name a file: sqlite:./data/app.db"}}
	}
	file := dialect.Check{Name: "file", Detail: at.Path}
	f, err := os.OpenFile(at.Path, os.O_RDWR, 0)
	switch {
	case err == nil:
		_ = f.Close()
	case errors.Is(err, fs.ErrNotExist) && at.Params.Get("mode") != "rw" && at.writes():
		file.Detail += " does not exist yet; the first run makes it"
	case errors.Is(err, fs.ErrPermission) && !at.writes():
	default:
		file.Err, file.Class = err, dialect.NoDatabase
		if errors.Is(err, fs.ErrPermission) {
			file.Class = dialect.ReadOnly
		}
		return []dialect.Check{file}
	}
	if !at.writes() {
		file.Err, file.Class = errors.New("the address opens the file for reading only"), dialect.ReadOnly
		file.Next = "leave mode=ro and immutable out of the address"
		return []dialect.Check{file}
	}
	return []dialect.Check{file, probeFolder(filepath.Dir(at.Path))}
}

func probeFolder(dir string) dialect.Check {
	check := dialect.Check{Name: "folder", Detail: dir}
	existing := dir
	for { // the folder may have to be made
		if _, err := os.Stat(existing); !errors.Is(err, fs.ErrNotExist) || existing == filepath.Dir(existing) {
			break
		}
		existing = filepath.Dir(existing)
	}
	f, err := os.CreateTemp(existing, ".leaven-doctor-*")
	if err != nil {
		check.Err, check.Class = fmt.Errorf("no files can be made in %s: %w", existing, err), dialect.ReadOnly
		return check
	}
	_ = f.Close()
	_ = os.Remove(f.Name())
	check.Detail += " takes files"
	if existing != dir {
		check.Detail = dir + " is not there yet, and can be made"
	}
	return check
}

// ProbeDatabase implements dialect.Prober.
func (d Dialect) ProbeDatabase(ctx context.Context, db *bun.DB, _ dialect.Probe) []dialect.Check {
	server := dialect.Check{Name: "server"}
	s, err := d.Describe(ctx, db)
	server.Detail, server.Err = s.Product+" "+s.Version, err
	switch {
	case err != nil:
		return []dialect.Check{server}
	case s.ReadOnly:
		server.Err, server.Class = errors.New("the database takes no writes"), dialect.ReadOnly
	default:
		server.Detail += ", takes writes"
	}
	if s.Database == "" { // in memory: there is no journal
		return []dialect.Check{server}
	}
	journal := dialect.Check{Name: "journal"}
	var mode string
	journal.Err = db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode)
	journal.Detail = "mode " + mode
	if journal.Err == nil && mode != "wal" {
		journal.Warning = "without a write-ahead log, readers wait for a migration to end"
		journal.Next = "leave _journal_mode out of the address; write-ahead logging is the default"
	}
	return []dialect.Check{server, journal}
}
