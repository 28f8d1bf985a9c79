package strict

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// load reads a file as Compose does, with its schema and its checks.
func load(t *testing.T, name string) *types.Project {
	t.Helper()
	dir := os.Getenv("APPLICATION")
	p, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  dir,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(dir, name)}},
		Environment: types.Mapping{"IMAGE": "registry.example.com/app:1"},
	}, func(o *loader.Options) { o.Profiles = []string{"*"}; o.SetProjectName("app", false) })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestComposeForDevelopment(t *testing.T) {
	p := load(t, "compose.yaml")
	migrate := p.Services["migrate"]
	if len(migrate.Volumes) != 1 || migrate.Volumes[0].Type != "bind" || migrate.Volumes[0].Target != migrate.WorkingDir {
		t.Errorf("`run --rm migrate new` writes nowhere: %+v", migrate.Volumes)
	}
	if migrate.User != "1000:1000" {
		t.Errorf("it writes as %q", migrate.User)
	}
	if db := p.Services["db"]; len(db.Volumes) != 1 || db.Volumes[0].Type != "volume" || db.HealthCheck == nil {
		t.Errorf("the database: %+v", db)
	}
}

func TestComposeForProduction(t *testing.T) {
	p := load(t, "compose.migrate.yaml")
	if got := p.Services["migrate"].DependsOn["database"].Condition; got != types.ServiceConditionCompletedSuccessfully {
		t.Errorf("migrate waits for %q", got)
	}
	app, ok := p.Services["app"]
	if !ok {
		return // there is no server
	}
	if got := app.DependsOn["migrate"].Condition; got != types.ServiceConditionCompletedSuccessfully {
		t.Errorf("app waits for %q", got)
	}
	if v := app.Environment["MIGRATE_ON_START"]; v == nil || *v != "require" {
		t.Error("app migrates too")
	}
	for _, s := range p.Services {
		if s.Environment["DATABASE_URL"] != nil || len(s.Secrets) != 1 {
			t.Errorf("%s does not get its database from a secret", s.Name)
		}
	}
}

func TestSwarm(t *testing.T) {
	p := load(t, "deploy/swarm.yaml")
	if got := p.Services["migrate"].Deploy; got == nil || got.Mode != "replicated-job" || got.RestartPolicy == nil || got.RestartPolicy.MaxAttempts == nil {
		t.Errorf("migrate does not end: %+v", got)
	}
	if app, ok := p.Services["app"]; ok && (app.Environment["MIGRATE_ON_START"] == nil || *app.Environment["MIGRATE_ON_START"] != "wait") {
		t.Error("app does not wait")
	}
	if !bool(p.Secrets["database_url"].External) {
		t.Error("the secret is not the cluster's")
	}
}
