package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/leavendb/leaven/scaffold"
	"github.com/leavendb/leaven/scaffold/project"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// joining is what the user says about the module that Leaven is added to; what is
// empty is found out, or asked.
type joining struct {
	writing

	name, models, migrations, server string
	dialects                         []string
	patch                            bool
}

func (g *generator) initCommand() *cobra.Command {
	j := joining{writing: writing{keep: true}}
	return g.verb(leaf{
		use:   "init",
		short: "Add Leaven to the module here",
		long: "Writes cmd/migrate, the embedding of the migrations, the list of the models, and what\n" +
			"it takes to run them: make targets, Dockerfile, Compose, Kubernetes, a workflow. It\n" +
			"finds the module, its models and its programs by reading the sources. What is there\n" +
			"is kept; called again, it writes only what is missing.\n\n" +
			"Your own sources it never writes. How they should change is shown: the server calls\n" +
			"migrate.Bootstrap, and calls that create tables at start go. --patch prints that alone.",
		example: "  leaven init\n  leaven init --patch | git apply\n  leaven init --dry-run --diff\n  leaven init --models internal/store --server cmd/api",
		flags: func(fs *pflag.FlagSet) {
			fs.StringVar(&j.models, "models", "", "the `folder` of the models (default: the one that has bun models)")
			fs.StringVar(&j.migrations, "migrations", "", "the `folder` of the migrations (default: migrations)")
			fs.StringVar(&j.server, "server", "", "the `folder` of the server's main package, or none (default: the one there is)")
			fs.StringVar(&j.name, "name", "", "how images and services are called (default: from the module)")
			fs.StringSliceVar(&j.dialects, "dialects", nil, "kinds of `databases`: postgres, sqlite (default: those that the module uses)")
			fs.BoolVar(&j.patch, "patch", false, "print only how your own sources should change, and write nothing")
			j.define(fs)
		},
		do: func([]string) error { return g.join(j) },
	})
}

// itself refuses to write into the framework.
func itself(next ...string) error {
	return &refusal{code: codeUsage, what: "this is Leaven itself", state: "nothing was written", next: next}
}

// join adds Leaven to the module here.
func (g *generator) join(j joining) error {
	if err := g.mayWrite("init"); err != nil {
		return err
	}
	m, err := project.FindModule(".")
	if err != nil {
		why := err.Error()
		if errors.Is(err, fs.ErrNotExist) {
			why = "there is no go.mod in this folder or above it"
		}
		return &refusal{code: codeUsage, what: "there is no Go module here", why: []string{why}, state: "nothing was written",
			next: []string{"go to the folder of your application, or make one: {leaven} new NAME"}}
	}
	if m.Path == project.LeavenModule {
		return itself("go to the folder of your application", "for a new one, run: {leaven} new NAME")
	}
	origin, err := j.origin()
	if err != nil {
		return err
	}
	found, err := project.Look(os.DirFS(m.Dir))
	if err != nil {
		return err
	}
	app, models, err := g.decide(j, m, found)
	if err != nil {
		return err
	}
	patch, err := app.Patch(os.DirFS(m.Dir), found.Creates)
	if err != nil {
		return err
	}
	if j.patch {
		g.showPatch(patch)
		return nil
	}
	app.Leaven = origin.ReplacePath(m.Dir)
	files, err := joined(app, models, m.Dir)
	if err != nil {
		return err
	}
	if err := g.write(m.Dir, files, origin, app, j.writing, "./cmd/migrate", "./"+app.Migrations); err != nil || j.dryRun {
		return err
	}
	g.tell(found, app, models, patch)
	first, err := firstOf(m.Dir, app, models)
	if err != nil {
		return err
	}
	if first {
		g.next(m.Dir, "go run ./cmd/migrate new initial", "go run ./cmd/migrate up --baseline=auto")
		g.note("the first writes the migration that makes what the models say; the second records it where the tables are there, and runs it where they are not")
		return nil
	}
	g.next(m.Dir, "go run ./cmd/migrate")
	return nil
}

// firstOf reports whether the models wait for the first migration.
func firstOf(dir string, app project.App, models project.ModelPackage) (bool, error) {
	folder, err := scaffold.ReadFolder(os.DirFS(filepath.Join(dir, filepath.FromSlash(app.Migrations))))
	return len(models.Models) > 0 && len(folder.Migrations) == 0, err
}

// joined are the files that the application gets.
func joined(app project.App, models project.ModelPackage, dir string) ([]project.File, error) {
	files, err := app.Deployment()
	if err != nil {
		return nil, err
	}
	var list []string
	if len(models.Models) == 0 && !models.Listed {
		list = []string{} // there is no model yet, and a list that waits for them
	}
	wiring, err := app.Wiring(list...)
	if err != nil {
		return nil, err
	}
	files = append(files, wiring...)
	if models.Listed || list != nil {
		return files, nil
	}
	registry, err := app.Registry(models, func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(models.Dir), name))
		return err == nil
	})
	if err != nil {
		return nil, &refusal{code: codeUsage, what: "the list of the models cannot be written", why: []string{err.Error()}, state: "nothing was written",
			next: []string{"write func All() []any in " + models.Dir + ", and try again"}}
	}
	return append(files, registry), nil
}

// decide settles what the user has not said.
func (g *generator) decide(j joining, m project.Module, found project.Found) (project.App, project.ModelPackage, error) {
	app := project.App{Name: j.name, Module: m.Path, Dialects: j.dialects, Migrations: slashed(j.migrations)}
	if app.Name == "" {
		app.Name = nameOf(m.Path)
	}
	if !appName.MatchString(app.Name) {
		return app, project.ModelPackage{}, misuse(fmt.Sprintf("%q cannot be the name of images and services", app.Name), "name them with lower-case letters, digits and \"-\": --name NAME")
	}
	if app.Dialects == nil && len(found.Dialects) > 0 {
		app.Dialects = found.Dialects
	}
	for _, d := range app.Dialects {
		if d != "postgres" && d != "sqlite" {
			return app, project.ModelPackage{}, misuse(fmt.Sprintf("there is no dialect %q", d), "use one or both: --dialects postgres,sqlite")
		}
	}
	if app.Migrations == "" {
		app.Migrations = "migrations"
		if found.Occupied(app.Migrations) {
			app.Migrations = "migrations/leaven"
		}
	}
	models, err := g.chooseModels(j.models, found)
	if err != nil {
		return app, models, err
	}
	app.Models = models.Dir
	server, err := g.chooseServer(j.server, app.Name, found)
	if server != "" {
		app.Server = "./" + server
		if server == "." {
			app.Server = "."
		}
	}
	return app, models, err
}

func slashed(dir string) string {
	if dir == "" {
		return ""
	}
	return path.Clean(filepath.ToSlash(dir))
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// nameOf makes a name of a module's path: "example.com/Big_Shop/v2" is big-shop.
func nameOf(module string) string {
	return strings.Trim(notInName.ReplaceAllString(strings.ToLower(project.LastElement(module)), "-"), "-")
}

// chooseModels finds the package of the models: the one that is named, the only
// one, or the one that the user picks.
func (g *generator) chooseModels(named string, found project.Found) (project.ModelPackage, error) {
	var dirs []string
	for _, p := range found.Models {
		dirs = append(dirs, p.Dir)
	}
	dir := slashed(named)
	if dir == "" {
		switch len(dirs) {
		case 0:
			return project.ModelPackage{Dir: "models", Name: "models"}, nil
		case 1:
			dir = dirs[0]
		default:
			var err error
			if dir, err = g.pick("Which folder has the models?", "several packages have models: "+strings.Join(dirs, ", "), "--models", dirs); err != nil {
				return project.ModelPackage{}, err
			}
		}
	}
	i := slices.Index(dirs, dir)
	if i < 0 {
		return project.ModelPackage{Dir: dir, Name: path.Base(dir)}, nil
	}
	p := found.Models[i]
	if p.Name == "main" {
		return p, &refusal{code: codeUsage, what: "the models are in package main, in the folder " + dir, why: []string{"cmd/migrate is a program of its own and cannot import another one"},
			state: "nothing was written", next: []string{"move " + strings.Join(p.Models, ", ") + " into a package, such as models, and try again"}}
	}
	return p, nil
}

// chooseServer finds the server's main package; empty: there is none.
func (g *generator) chooseServer(named, name string, found project.Found) (string, error) {
	dir := slashed(named)
	switch {
	case dir == "none", dir == "" && len(found.Programs) == 0:
		return "", nil
	case dir != "":
		if !slices.Contains(found.Programs, dir) {
			return "", misuse(fmt.Sprintf("there is no main package in %q", named), "name one of these, or none: --server "+strings.Join(append(found.Programs, "none"), ", --server "))
		}
		return dir, nil
	case len(found.Programs) == 1:
		return found.Programs[0], nil
	}
	for _, likely := range []string{".", "cmd/" + name} {
		if slices.Contains(found.Programs, likely) {
			return likely, nil
		}
	}
	picked, err := g.pick("Which program is the server?", "several packages are programs: "+strings.Join(found.Programs, ", "), "--server", append(found.Programs, "none"))
	if picked == "none" {
		picked = ""
	}
	return picked, err
}
