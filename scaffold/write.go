package scaffold

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
)

// Write puts the edits into the folder. Where one cannot be written, those before
// it are taken back. It never overwrites a file that is not in Edits.
func (r Rebased) Write(dir string) error {
	var done []func() error
	for _, e := range r.Edits {
		undo, err := e.write(dir)
		if err != nil {
			for _, v := range slices.Backward(done) {
				err = errors.Join(err, v())
			}
			return err
		}
		done = append(done, undo)
	}
	return nil
}

// write replaces one file at once, and returns how to take that back.
func (e Edit) write(dir string) (undo func() error, err error) {
	from, to := filepath.Join(dir, e.Name), filepath.Join(dir, e.To)
	before, err := os.ReadFile(from)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(from)
	if err != nil {
		return nil, err
	}
	if from == to {
		return func() error { return Overwrite(to, before, info.Mode()) }, Overwrite(to, e.Text, info.Mode())
	}
	if err := createFile(to, e.Text, info.Mode()); err != nil {
		return nil, err
	}
	if err := os.Remove(from); err != nil {
		return nil, errors.Join(err, os.Remove(to))
	}
	return func() error { return errors.Join(createFile(from, before, info.Mode()), os.Remove(to)) }, nil
}

// createFile writes a file that must not exist yet.
func createFile(path string, text []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode.Perm())
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// Overwrite gives a file another text, all of it or none. The name of what it
// writes first does not end in ".go", so that no build takes it.
func Overwrite(path string, text []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".leaven-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Chmod(mode.Perm()), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
