package scaffold

import (
	"errors"
	"io/fs"
	"time"
)

// Draft returns an empty migration that comes after everything in the folder:
// its ID is the time and the words of name, and its parents are the heads. The
// error is about the name, and says what is wrong with it.
func (f Folder) Draft(now time.Time, name string) (Migration, error) {
	taken := make([]string, len(f.Migrations))
	for i, n := range f.Migrations {
		taken[i] = n.ID
	}
	id, err := ID(now, name, taken)
	if err != nil {
		return Migration{}, err
	}
	return Migration{ID: id, After: f.Heads(), Package: f.Package}, nil
}

// Create writes a file that must not exist yet; the error says why it cannot be,
// without the path. Nothing is left of a file that could not be written whole.
func Create(path string, text []byte) error {
	err := createFile(path, text, 0o644)
	if p := (*fs.PathError)(nil); errors.As(err, &p) && p.Path == path {
		return p.Err
	}
	return err
}
