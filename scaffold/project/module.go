package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// Module is a Go module on disk.
type Module struct {
	Path string // as go.mod declares it
	Dir  string // where its go.mod is, absolute
}

// FindModule finds the module that a folder belongs to: the nearest go.mod in it
// or above it. The error is an fs.ErrNotExist where there is none.
func FindModule(dir string) (Module, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return Module{}, err
	}
	for {
		text, err := os.ReadFile(filepath.Join(at, "go.mod"))
		switch {
		case err == nil:
			path := modfile.ModulePath(text)
			if path == "" {
				return Module{}, fmt.Errorf("%s declares no module", filepath.Join(at, "go.mod"))
			}
			return Module{Path: path, Dir: at}, nil
		case !errors.Is(err, fs.ErrNotExist):
			return Module{}, err
		case filepath.Dir(at) == at:
			return Module{}, fmt.Errorf("there is no go.mod in %s or above it: %w", dir, fs.ErrNotExist)
		}
		at = filepath.Dir(at)
	}
}

// IsFolder reports whether there is a folder of that path.
func IsFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
