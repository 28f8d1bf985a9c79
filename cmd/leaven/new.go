package main

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/leavendb/leaven/scaffold"
	"github.com/leavendb/leaven/scaffold/project"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (g *generator) newCommand() *cobra.Command {
	var module string
	var w writing
	return g.verb(leaf{
		use: "new NAME", min: 1, max: 1, missing: "a name, as in: new shop",
		short: "Write a whole small application",
		long: "Writes an HTTP server with a model, its migration and cmd/migrate, and what it takes\n" +
			"to run them: make targets, Dockerfile, Compose, Kubernetes, Swarm, ECS, a workflow.\n" +
			"NAME is a folder here (beside the checkout of Leaven, when called in it), or a path.",
		example: "  leaven new shop\n  leaven new ../shop --module example.com/shop",
		flags: func(fs *pflag.FlagSet) {
			fs.StringVar(&module, "module", "", "the `path` of its module (default: the name)")
			w.define(fs)
		},
		do: func(words []string) error { return g.newApp(words[0], module, w) },
	})
}

// appName is what images, services and clusters accept.
var appName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// newApp writes an application into a folder of its own.
func (g *generator) newApp(where, module string, w writing) error {
	if err := g.mayWrite("new"); err != nil {
		return err
	}
	name := path.Base(filepath.ToSlash(where))
	if !appName.MatchString(name) {
		return misuse(fmt.Sprintf("%q cannot be the name of an application", name), "use lower-case letters, digits and \"-\", as in: {leaven} new my-shop")
	}
	origin, err := w.origin()
	if err != nil {
		return err
	}
	dir, err := besideCheckout(where, origin.Checkout)
	if err != nil {
		return err
	}
	if m, err := project.FindModule(dir); err == nil && m.Dir == dir && m.Path == project.LeavenModule {
		return itself("name another folder, as in: {leaven} new ../my-shop")
	}
	app := project.App{Name: name, Module: cmp.Or(module, name), Leaven: origin.ReplacePath(dir)}
	if app.First, err = g.firstID(filepath.Join(dir, "migrations")); err != nil {
		return err
	}
	files, err := app.New()
	if err != nil {
		return err
	}
	if err := g.write(dir, files, origin, app, w, "./..."); err != nil || w.dryRun {
		return err
	}
	g.next(dir, "go run .")
	g.note("it migrates ./data/app.db and serves http://localhost:8080/products, and README.md there says more")
	return nil
}

// besideCheckout is the absolute folder of a new application. A bare name that is
// given inside the checkout of Leaven means a folder beside it: an application is
// no part of the framework.
func besideCheckout(where, checkout string) (string, error) {
	dir, err := filepath.Abs(where)
	if err != nil {
		return "", err
	}
	if checkout == "" || strings.ContainsAny(where, `/\`) {
		return dir, nil
	}
	if below, err := filepath.Rel(checkout, dir); err == nil && filepath.IsLocal(below) {
		return filepath.Join(filepath.Dir(checkout), where), nil
	}
	return dir, nil
}

// firstID is the ID of the application's first migration: the one that is there
// from an earlier call, or a new one.
func (g *generator) firstID(dir string) (string, error) {
	const name = "products"
	folder, err := scaffold.ReadFolder(os.DirFS(dir))
	if err != nil {
		return "", err
	}
	for _, m := range folder.Migrations {
		if strings.HasSuffix(m.ID, "_"+name) {
			return m.ID, nil
		}
	}
	return scaffold.ID(g.now(), name, nil)
}
