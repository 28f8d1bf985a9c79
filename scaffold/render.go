package scaffold

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"go/format"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template"
)

//go:embed templates
var files embed.FS

// templates are parsed when the first file is written: every program links them.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(files, "templates/*.tmpl"))
})

// Wiring is what cmd/migrate/main.go depends on.
type Wiring struct {
	Name       string   // of the command and its folder; empty: "migrate"
	Module     string   // the application's module path
	Dialects   []string // folders below framework/dialect, in order; nil: postgres, sqlite
	Models     string   // folder of the models, below the module; empty: "models"
	Migrations string   // likewise; empty: "migrations"
}

// Import is how main.go imports a folder of the module under a name.
func (w Wiring) Import(folder, name string) string {
	spec := strconv.Quote(path.Join(w.Module, folder))
	if path.Base(folder) != name {
		return name + " " + spec
	}
	return spec
}

// Main renders cmd/migrate/main.go.
func Main(w Wiring) ([]byte, error) {
	if w.Name == "" {
		w.Name = "migrate"
	}
	if w.Module == "" {
		return nil, fmt.Errorf("the module path of the application is not known: is there a go.mod?")
	}
	if w.Dialects == nil {
		w.Dialects = []string{"postgres", "sqlite"}
	}
	w.Models, w.Migrations = cmp.Or(w.Models, "models"), cmp.Or(w.Migrations, "migrations")
	return render("main.go.tmpl", w)
}

// Sources renders migrations/sources.go.
func Sources() ([]byte, error) { return render("sources.go.tmpl", nil) }

// Models renders models/models.go, the list of the given types.
func Models(names ...string) ([]byte, error) {
	return render("models.go.tmpl", struct{ Models []string }{names})
}

// Migration is what the file of a new migration depends on.
type Migration struct {
	ID      string
	After   []string // its parents
	Package string   // empty: "migrations"
	Frozen  Frozen   // models to write into it; zero: none

	// Of a migration that is not empty: comments above its registration, and the
	// operations as arguments of op.Run, one or several lines each, with commas.
	About      []string
	Up, Down   []string
	UsesSchema bool   // the operations name package schema
	NoTx       bool   // outside a transaction, and then Rerunnable, too
	Final      string // why there is no Down; empty: there is
}

// Imports is what the file imports, as written there: the standard library first.
func (m Migration) Imports() [2][]string {
	var groups [2][]string
	more := m.Frozen.Imports
	if m.UsesSchema {
		more = append([]string{`"github.com/leavendb/leaven/framework/schema"`}, more...)
	}
	for _, spec := range append([]string{
		`"context"`, `"github.com/leavendb/leaven/framework/migrate"`, `"github.com/leavendb/leaven/framework/op"`,
	}, append(more, `"github.com/uptrace/bun"`)...) {
		group := 0
		if first, _, _ := strings.Cut(spec[strings.IndexByte(spec, '"'):], "/"); strings.Contains(first, ".") {
			group = 1
		}
		if !slices.Contains(groups[group], spec) {
			groups[group] = append(groups[group], spec)
		}
	}
	return groups
}

// File renders the file of a migration; its name is the ID and ".go".
func (m Migration) File() ([]byte, error) {
	if m.Package == "" {
		m.Package = "migrations"
	}
	return render("migration.go.tmpl", m)
}

func render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := templates().ExecuteTemplate(&b, name, data); err != nil {
		return nil, err
	}
	text, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}
