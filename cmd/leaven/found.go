package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/scaffold/project"
)

// tell says what the module has that files alone do not settle, and shows how its
// own sources should change.
func (g *generator) tell(found project.Found, app project.App, models project.ModelPackage, patch project.Patch) {
	if len(models.Models) > 0 && !models.Listed {
		g.note(fmt.Sprintf("%s.All in %s lists the models (%s): keep it complete", models.Name, models.Dir, strings.Join(models.Models, ", ")))
	}
	for _, p := range found.Models {
		if p.Dir != models.Dir && p.Name != "main" {
			g.note(fmt.Sprintf("%s has models too (%s): add them to the list that cmd/migrate passes on", p.Dir, strings.Join(p.Models, ", ")))
		}
	}
	for _, h := range found.Histories {
		g.note(fmt.Sprintf("%s has migrations of %s: they stay as they are, and Leaven's go to %s; both at once make the same tables twice, so see first how to switch: framework/docs/adopt.md", h.Dir, h.Tool, app.Migrations))
	}
	if len(patch.Changes) > 0 {
		g.showPatch(patch)
	}
	for _, p := range found.Creates {
		if slices.Contains(patch.Left, p) {
			g.note(p.String() + " creates tables while the program runs, and the code around it needs it: take it out by hand, once migrations make them")
		} else {
			g.note(p.String() + " creates tables while the program runs: the change above takes it out, once migrations make them")
		}
	}
	if patch.Opens != (project.Place{}) {
		g.note(patch.Opens.String() + " opens the database: the change above calls migrate.Bootstrap behind it")
	} else if app.Server != "" && !patch.Uses {
		g.note("where " + app.Server + " opens its database could not be told: call migrate.Bootstrap behind it, before anything is served")
	}
	if len(patch.Changes) > 0 {
		g.note("none of your own sources was written; to make that change, run: {leaven} init --patch | git apply")
	}
}

// showPatch prints how the sources should change.
func (g *generator) showPatch(patch project.Patch) {
	if diff := strings.TrimRight(patch.Diff(), "\n"); diff != "" {
		g.say(g.colored(diff))
	}
}
