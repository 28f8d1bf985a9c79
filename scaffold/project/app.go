package project

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/leavendb/leaven/scaffold"
)

// App is what the files of an application depend on.
type App struct {
	Name       string   // of the application: of its image, its services
	Module     string   // path of its module
	Dialects   []string // folders below framework/dialect; nil: postgres, sqlite
	Models     string   // folder of the models, below the module; empty: "models"
	Migrations string   // folder of the migrations; empty: "migrations"
	Server     string   // the server's main package, as in "./cmd/api"; empty: there is none
	Bootstraps bool     // the server migrates by itself, and answers /livez and /readyz
	Leaven     string   // path of a checkout, as go.mod's replace has it; empty: Leaven comes from its module
	First      string   // ID of the first migration
}

// WithDefaults fills in what is empty and has a default.
func (a App) WithDefaults() App {
	if a.Dialects == nil {
		a.Dialects = []string{"postgres", "sqlite"}
	}
	a.Models = cmp.Or(a.Models, "models")
	a.Migrations = cmp.Or(a.Migrations, "migrations")
	return a
}

// Binary is the name of the server's binary, as `go build -o folder/` calls it.
func (a App) Binary() string {
	if a.Server == "." {
		return LastElement(a.Module)
	}
	return path.Base(a.Server)
}

// LeavenInImage is where the checkout of Leaven lies while an image is built.
func (a App) LeavenInImage() string {
	if path.IsAbs(a.Leaven) {
		return a.Leaven
	}
	return path.Join("/src", a.Name, a.Leaven)
}

// LastElement is the last element of a module's path that is no version.
func LastElement(module string) string {
	dir, last := path.Split(module)
	if dir != "" && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		return path.Base(dir)
	}
	return last
}

// page is a template.
type page struct {
	path    string // below the application; its template has the same, with ".tmpl"
	section bool   // has a part that is added to a file which is there already
	when    func(App) bool
}

func always(App) bool       { return true }
func bootstraps(a App) bool { return a.Bootstraps }

// pages are what every application gets, and what a whole new one gets besides.
var (
	deployment = []page{
		{".dockerignore", true, always},
		{".env.example", true, always},
		{".github/workflows/migrations.yml", false, always},
		{".gitignore", true, always},
		{"Dockerfile", false, always},
		{"Makefile", true, always},
		{"README.md", true, always},
		{"compose.migrate.yaml", false, always},
		{"compose.yaml", false, always},
		{"deploy/ecs-task.json", false, always},
		{"deploy/swarm.yaml", false, always},
		{"k8s/deployment.yaml", false, bootstraps},
		{"k8s/migrate-job.yaml", false, always},
		{"k8s/variants/helm-hook.yaml", false, always},
		{"k8s/variants/init-container.yaml", false, bootstraps},
	}
	shop = []string{"database.go", "main.go", "server.go", "server_test.go", "models/product.go"}
)

// New renders a whole small application: a server, a model and its migration,
// cmd/migrate, and the files of [App.Deployment].
func (a App) New() ([]File, error) {
	a = a.WithDefaults()
	a.Server, a.Bootstraps = ".", true
	files, err := a.Deployment()
	if err != nil {
		return nil, err
	}
	wiring, err := a.Wiring("Product")
	if err != nil {
		return nil, err
	}
	files = append(files, wiring...)
	for _, name := range shop {
		text, err := render(name+".tmpl", a)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Path: name, Text: text})
	}
	first, err := render("migrations/first.go.tmpl", a)
	if err != nil {
		return nil, err
	}
	files = append(files, File{Path: a.Migrations + "/" + a.First + ".go", Text: first})
	return files, nil
}

// Import is how a Go file imports a folder of the module.
func (a App) Import(folder string) string { return strconv.Quote(path.Join(a.Module, folder)) }

// ImportModels is how a Go file imports the models, as models.
func (a App) ImportModels() string {
	return scaffold.Wiring{Module: a.Module}.Import(a.Models, "models")
}

// On reports whether the application uses a dialect.
func (a App) On(dialect string) bool { return slices.Contains(a.Dialects, dialect) }

// Wiring renders cmd/migrate, the embedding of the migrations' sources, their test,
// and, for given models, their list.
func (a App) Wiring(models ...string) ([]File, error) {
	a = a.WithDefaults()
	program, err := scaffold.Main(scaffold.Wiring{Module: a.Module, Dialects: a.Dialects, Models: a.Models, Migrations: a.Migrations})
	if err != nil {
		return nil, err
	}
	sources, err := scaffold.Sources()
	if err != nil {
		return nil, err
	}
	test, err := render("migrations/migrations_test.go.tmpl", a)
	if err != nil {
		return nil, err
	}
	files := []File{{Path: "cmd/migrate/main.go", Text: program}, {Path: a.Migrations + "/sources.go", Text: sources}, {Path: a.Migrations + "/migrations_test.go", Text: test}}
	if models == nil {
		return files, nil
	}
	list, err := scaffold.Models(models...)
	return append(files, File{Path: a.Models + "/models.go", Text: list}), err
}

// Registry renders the function All of a package of models that has none, in a
// file of one of the names that are not taken there.
func (a App) Registry(p ModelPackage, taken func(name string) bool) (File, error) {
	text, err := render("all.go.tmpl", p)
	for _, name := range []string{"all.go", "models.go", "leaven.go"} {
		if !taken(name) {
			return File{Path: path.Join(p.Dir, name), Text: text}, err
		}
	}
	return File{}, fmt.Errorf("%s has no function All, and its files all.go, models.go and leaven.go are something else: write the function yourself", p.Dir)
}

// Deployment renders what is beside the Go files: settings, make targets,
// container and cluster files, a workflow, and words about them.
func (a App) Deployment() ([]File, error) {
	a = a.WithDefaults()
	var files []File
	for _, p := range deployment {
		if !p.when(a) {
			continue
		}
		f, err := a.file(p)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// file renders a page. Of those that are added to a file, the first line tells
// whether it was done.
func (a App) file(p page) (File, error) {
	f := File{Path: p.path, Section: p.section}
	var err error
	if f.Text, err = render(p.path+".tmpl", a); err != nil || !p.section {
		return f, err
	}
	if templates.Lookup(p.path+".section.tmpl") != nil {
		f.Head = append(bytes.TrimRight(f.Text, "\n"), "\n\n"...)
		f.Text, err = render(p.path+".section.tmpl", a)
	}
	return f, err
}

// GoMod is the go.mod of a new application, as it is without Leaven.
func (a App) GoMod() []byte {
	return []byte("module " + a.Module + "\n\ngo 1.25.0\n")
}
