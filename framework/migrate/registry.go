package migrate

import (
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Registry holds a set of migrations: those of one history table. The zero value
// is empty and ready; it is safe for concurrent use.
type Registry struct {
	mu       sync.Mutex
	entries  []entry
	resolved *resolved // nil: to be computed again
}

// entry is a migration as it was registered.
type entry struct {
	Migration
	place
	source *Source // of RegisterFile; nil: to be found among Options.Sources
	err    error   // of RegisterFile
}

// place is where a migration was registered.
type place struct {
	path string // of the file, as the compiler recorded it
	line int
	pkg  string // import path of its package
	told bool   // by RegisterFile: the file need not have the ID's name
}

// String is the base name and line: "0001_initial.go:6".
func (p place) String() string {
	if p.path == "" {
		return ""
	}
	if p.line == 0 {
		return p.base()
	}
	return p.base() + ":" + strconv.Itoa(p.line)
}

// base is the base name of the file.
func (p place) base() string {
	if p.path == "" {
		return ""
	}
	return path.Base(p.path)
}

// Known is a registered migration with everything that follows from the others:
// what the plan and the runner work on.
type Known struct {
	*Migration // as registered

	File    string   // base name of the file that registered it
	Line    int      // and the line there
	Parents []string // the IDs it comes after, explicit or not; no unknown ones
	Named   bool     // it names its parents itself (After)
	Up      Func     // of Up or of Change; nil only where Problems tell so
	Down    Func     // of Down or of Change; nil: cannot be reverted
	NoDown  string   // why Down is nil; empty: it is not
	Source  *Source  // its file; nil: no source

	at place
}

// Where is the base name and line of the Register: "0001_initial.go:6".
func (k *Known) Where() string { return k.at.String() }

var defaultRegistry = NewRegistry()

// NewRegistry returns an empty registry, for a program with several databases
// and for tests; other programs use [Register].
func NewRegistry() *Registry { return &Registry{} }

// Register adds a migration to the default registry; see [Registry.Register].
func Register(m Migration) { defaultRegistry.add(entry{Migration: m, place: caller()}) }

// Register adds a migration, usually in the init function of its file. It never
// fails and never panics, so that a program with a faulty migration can still
// say what is wrong: see [Registry.Problems].
func (r *Registry) Register(m Migration) { r.add(entry{Migration: m, place: caller()}) }

func (r *Registry) add(e entry) {
	e.After = slices.Clone(e.After)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = append(r.entries, e)
	r.resolved = nil
}

// Problems lists every fault of what is registered, by ID and then by place; nil
// when there is none. Up and everything else that needs the migrations refuse to
// work while there is one.
func (r *Registry) Problems() []Problem {
	return slices.Clone(r.resolve().problems)
}

// Migrations returns the registered migrations in the order in which they run on
// an empty database. Where there are Problems, the order is as good as possible,
// and of several migrations with one ID it has the first.
func (r *Registry) Migrations() []Migration {
	known := r.resolve().known
	migrations := make([]Migration, len(known))
	for i, k := range known {
		migrations[i] = *k.Migration
		migrations[i].After = slices.Clone(k.After)
	}
	return migrations
}

// known returns the migrations in run order. The slice is shared between
// callers: they do not change it.
func (r *Registry) known() []Known { return r.resolve().known }

// heads returns the IDs of the migrations that are nobody's parent, in order of
// their IDs: none for an empty registry, one for a sound one.
func (r *Registry) heads() []string { return r.resolve().heads }

// resolve returns what follows from the entries; it computes only after a
// Register.
func (r *Registry) resolve() *resolved {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.resolved == nil {
		r.resolved = resolve(r.entries)
	}
	return r.resolved
}

// caller is the init function that called Register, directly or through a
// function of the app's own; without one it is Register's direct caller.
func caller() place {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	var direct place
	for {
		frame, more := frames.Next()
		if frame.PC == 0 {
			return direct
		}
		pkg, function := splitFunction(frame.Function)
		p := place{path: frame.File, line: frame.Line, pkg: pkg}
		if isInit(function) {
			return p
		}
		if direct.path == "" {
			direct = p
		}
		if !more {
			return direct
		}
	}
}

// splitFunction splits the name of a function as the runtime has it,
// "example.com/shop/migrations.init.0.func1", behind the package. The runtime
// escapes dots in the last element of an import path.
func splitFunction(full string) (pkg, function string) {
	slash := strings.LastIndexByte(full, '/') + 1
	last, function, _ := strings.Cut(full[slash:], ".")
	return full[:slash] + strings.ReplaceAll(last, "%2e", "."), function
}

// isInit reports whether a function is an init function ("init.0"), the
// initialisation of variables ("init"), or a function literal inside one.
func isInit(function string) bool {
	return function == "init" || strings.HasPrefix(function, "init.")
}
