package cli

import (
	"fmt"
	"go/token"
	"os"
	"path/filepath"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/scaffold"
)

// fromView is what baseline --from-db wrote.
type fromView struct {
	baselineView
	Models string `json:"models"` // path of the models' file
}

func (v *fromView) exitCode() int { return codeOK }

func (v *fromView) show(c *call) {
	c.out.line("Wrote " + v.Models)
	for _, f := range v.Files {
		c.out.line("Wrote " + f.File)
	}
	c.err.line(c.self("Pass models.All() to cli.Main in cmd/migrate/main.go, " + c.again() + "then run: {migrate} baseline"))
}

// fromDatabase writes models of what the database has, and the first migration
// that makes it. Nothing that is there is overwritten.
func (c *call) fromDatabase(dir, models string) (view, error) {
	if len(c.app.Models) > 0 {
		return nil, misuse("this program has models already", "for its first migration, run: {migrate} new")
	}
	folder, err := c.folder(dir)
	if err != nil {
		return nil, err
	}
	if n := len(folder.Migrations); n > 0 {
		return nil, misuse(fmt.Sprintf("there are migrations already: %s is the newest", folder.Migrations[n-1].ID), "to find out which of them the database has, run: {migrate} baseline")
	}
	m, err := c.migrator()
	if err != nil {
		return nil, err
	}
	live, err := autogen.Inspect(c.ctx, c.conn.dialect, c.conn.db, ownTables(m), "")
	if err != nil {
		return nil, err
	}
	if len(live.Tables) == 0 {
		return nil, misuse("the database has no tables", "name another in DATABASE_URL, or write models by hand")
	}
	name := filepath.Base(models)
	if !token.IsIdentifier(name) {
		name = "models"
	}
	text, err := autogen.GoModels(c.conn.dialect.Name(), name, live)
	if err != nil {
		return nil, err
	}
	first, err := autogen.Initial(c.conn.dialect.Name(), live)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(models, 0o755); err != nil {
		return nil, notWritten(models, err)
	}
	path := filepath.Join(models, "models.go")
	if err := scaffold.Create(path, text); err != nil {
		return nil, notWritten(path, err)
	}
	g := &generatedView{Files: []newView{}, found: &autogen.Comparison{Result: first}}
	if err := c.writeGenerated(&newFlags{dir: dir}, folder, "initial", g); err != nil {
		_ = os.Remove(path)
		return nil, err
	}
	v := &fromView{Models: filepath.ToSlash(path)}
	v.Done, v.Pending, v.Changes, v.Objects, v.Files = []string{}, []string{}, []changeView{}, []string{}, g.Files
	return v, nil
}
