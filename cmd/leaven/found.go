package main

import (
	"fmt"
	"strings"

	"github.com/leavendb/leaven/scaffold/project"
)

// tell says what the module has that files alone do not settle.
func (g *generator) tell(found project.Found, app project.App, models project.ModelPackage) {
	if len(models.Models) > 0 && !models.Listed {
		g.note(fmt.Sprintf("%s.All in %s lists the models (%s): keep it complete", models.Name, models.Dir, strings.Join(models.Models, ", ")))
	}
	for _, p := range found.Models {
		if p.Dir != models.Dir && p.Name != "main" {
			g.note(fmt.Sprintf("%s has models too (%s): add them to the list that cmd/migrate passes on", p.Dir, strings.Join(p.Models, ", ")))
		}
	}
	for _, p := range found.Creates {
		g.note(p.String() + " creates tables while the program runs: once migrations make them, delete it")
	}
	for _, h := range found.Histories {
		g.note(fmt.Sprintf("%s has migrations of %s: they stay as they are, and Leaven's go to %s", h.Dir, h.Tool, app.Migrations))
	}
	if app.Server != "" && len(found.Creates)+len(found.Histories) == 0 {
		g.note("to migrate when the server starts, call migrate.New and Up in its main before it serves")
	}
}
