package cli

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/leavendb/leaven/framework/migrate"
)

// registry returns the application's migrations.
func (p *program) registry() *migrate.Registry {
	if p.app.Registry != nil {
		return p.app.Registry
	}
	return migrate.DefaultRegistry()
}

func (p *program) known() []migrate.Migration  { return p.registry().Migrations() }
func (p *program) problems() []migrate.Problem { return p.registry().Problems() }

// inDir makes a file that people can click of a base name with a line.
func (p *program) inDir(file string) string {
	if file == "" || strings.ContainsRune(file, '/') {
		return file
	}
	name, _, _ := strings.Cut(file, ":")
	if _, err := os.Stat(filepath.Join(p.app.Dir, name)); err != nil {
		return file
	}
	return filepath.ToSlash(filepath.Join(p.app.Dir, file))
}
