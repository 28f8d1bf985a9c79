package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/uptrace/bun"
)

// copyFirst copies a database that is a file, beside it, before a run changes what
// earlier ones have made. What a step will lose is known only by calling it, and
// a rehearsal before each run would call everything twice.
func (h *hooks) copyFirst(ctx context.Context, db bun.IDB) error {
	copier, ok := h.conn.dialect.(dialect.Copier)
	if !ok || h.flags.hooks.copies == 0 {
		return nil
	}
	server, err := h.conn.dialect.Describe(ctx, db)
	if err != nil || server.Database == "" {
		return err
	}
	have, err := h.store.Read(ctx, db)
	if err != nil || len(have.Records) == 0 { // nothing of ours is in it
		return err
	}
	path, err := h.copyTo(ctx, copier, db, server.Database)
	if err != nil {
		e := &refusal{code: codeFailed, what: "the database could not be copied before it is changed, so nothing was changed", why: []string{err.Error()},
			next: []string{"make room beside the file, or go on without a copy: --copies 0"}}
		if errors.Is(err, fs.ErrPermission) { // SQLite could not keep its journal there either
			e.code, e.next = codeDatabase, []string{"make the folder writable for this user"}
		}
		return e
	}
	h.say("  copied    " + path)
	return removeOldCopies(server.Database, h.flags.hooks.copies)
}

// copyTo makes the copy under a name with the time, for the same readers. Its name
// is only there when it is whole. Other programs may be copying too.
func (h *hooks) copyTo(ctx context.Context, copier dialect.Copier, db bun.IDB, path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.copying")
	if err != nil {
		return "", err
	}
	err = errors.Join(part.Chmod(info.Mode().Perm()), part.Close())
	if err == nil {
		err = copier.Copy(ctx, db, part.Name())
	}
	name := path + "." + h.now().UTC().Format("20060102T150405.000Z") + ".bak"
	if err == nil {
		err = os.Rename(part.Name(), name)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(part.Name()))
	}
	return name, nil
}

// The names of copies, and of what is to be one, behind the database's.
var (
	copyName = pattern.Lazy(`^\.\d{8}T\d{6}\.\d{3}Z\.bak$`)
	partName = pattern.Lazy(`^\.\d+\.copying$`)
)

// deadAfter is how long after its last write half a copy is taken for that of a
// program that was killed.
const deadAfter = time.Hour

// removeOldCopies leaves the newest copies of a database, and no dead halves.
func removeOldCopies(path string, keep int) error {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return err
	}
	var copies, old []string
	for _, e := range entries {
		after, ours := strings.CutPrefix(e.Name(), base)
		switch {
		case !ours:
		case copyName().MatchString(after):
			copies = append(copies, e.Name())
		case partName().MatchString(after):
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > deadAfter {
				old = append(old, e.Name())
			}
		}
	}
	slices.Sort(copies)
	old = append(old, copies[:max(0, len(copies)-keep)]...)
	for _, name := range old {
		if e := os.Remove(filepath.Join(dir, name)); !errors.Is(e, fs.ErrNotExist) { // or another program has removed it
			err = errors.Join(err, e)
		}
	}
	return err
}
