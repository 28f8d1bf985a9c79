package migrate

import "io/fs"

// File says where a migration stands that no Go file of its name registers: an
// SQL file, or a migration of another tool.
type File struct {
	FS   fs.FS    // holds the files; nil: there are no checksums
	Path string   // the file, in FS; people see its base name
	Line int      // where the migration begins; 0: unknown
	More []string // its other files in FS, which count in the checksum
	Err  error    // why it is no migration, which is then one of the Problems
}

// RegisterFile adds a migration that stands in a file. Like Register it never
// fails: see [Registry.Problems].
func (r *Registry) RegisterFile(m Migration, f File) {
	e := entry{Migration: m, place: place{path: f.Path, line: f.Line, told: true}, err: f.Err}
	if f.FS != nil {
		e.source = &Source{fsys: f.FS, path: f.Path, more: f.More}
	}
	r.add(e)
}
