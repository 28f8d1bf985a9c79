package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// copyFirst copies a database that is a file, beside it, before steps that drop or
// delete data, or of which that cannot be told.
func (h *hooks) copyFirst(ctx context.Context, db bun.IDB, steps []migrate.Step) error {
	copier, ok := h.conn.dialect.(dialect.Copier)
	if !ok || h.flags.hooks.copies == 0 {
		return nil
	}
	server, err := h.conn.dialect.Describe(ctx, db)
	if err != nil || server.Database == "" {
		return err
	}
	lose, err := h.lose(ctx, db, steps)
	if err != nil || !lose {
		return err
	}
	path, err := h.copyTo(ctx, copier, db, server.Database)
	if err != nil {
		return &refusal{code: codeFailed, what: "the database could not be copied before data is lost, so nothing was changed", why: []string{err.Error()},
			next: []string{"make room beside the file, or go on without a copy: --copies 0"}}
	}
	h.say("  copied    " + path)
	return removeOldCopies(server.Database, h.flags.hooks.copies)
}

// lose reports whether steps lose data, or may. A table that nobody has made yet
// has none.
func (h *hooks) lose(ctx context.Context, db bun.IDB, steps []migrate.Step) (bool, error) {
	have, err := h.store.Read(ctx, db)
	if err != nil || len(have.Records) == 0 {
		return false, err
	}
	r := &rehearsal{dialect: h.conn.dialect, steps: steps, direction: steps[0].Direction}
	if err := h.record(r, have.Records, h.flags.apply); err != nil {
		return false, err
	}
	lost, unclear := r.losses()
	return len(lost) > 0 || unclear != "", nil
}

// copyTo makes the copy under a name with the time, for the same readers. Its name
// is only there when it is whole.
func (h *hooks) copyTo(ctx context.Context, copier dialect.Copier, db bun.IDB, path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	part := path + ".copying"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return "", err
	}
	if err := errors.Join(file.Close(), copier.Copy(ctx, db, part)); err != nil {
		return "", errors.Join(err, os.Remove(part))
	}
	name := path + "." + h.now().UTC().Format("20060102T150405.000Z") + ".bak"
	return name, os.Rename(part, name)
}

var copyName = regexp.MustCompile(`^\.\d{8}T\d{6}\.\d{3}Z\.bak$`)

// removeOldCopies leaves the newest copies of a database.
func removeOldCopies(path string, keep int) error {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return err
	}
	var copies []string
	for _, e := range entries {
		if name := e.Name(); len(name) > len(base) && name[:len(base)] == base && copyName.MatchString(name[len(base):]) {
			copies = append(copies, name)
		}
	}
	slices.Sort(copies)
	for i := range max(0, len(copies)-keep) {
		err = errors.Join(err, os.Remove(filepath.Join(dir, copies[i])))
	}
	return err
}
