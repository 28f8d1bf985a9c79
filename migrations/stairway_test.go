package migrations_test

import (
	"os"
	"testing"

	_ "github.com/leavendb/leaven/framework/dialect/postgres"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/migratetest"
	_ "github.com/leavendb/leaven/migrations"
	"github.com/leavendb/leaven/models"
)

// rows are what people have entered by the time that a migration is followed by
// the next one.
var rows = map[string][]string{
	"20260112100000_companies_and_users": {
		"INSERT INTO companies (name, slug, parent_id) VALUES ('Acme', 'acme', NULL), ('Acme East', 'east', 1)",
		"INSERT INTO users (company_id, email, first_name, last_name) VALUES (1, 'ann@acme.example', 'Ann', 'Lee'), (2, 'cem@acme.example', 'Çem', 'O''Hara')",
	},
	"20260126140000_clients_and_projects": {
		"INSERT INTO clients (company_id, name) VALUES (1, 'Brick')",
		"INSERT INTO projects (company_id, client_id, parent_id, name, hourly_rate) VALUES (1, 1, NULL, 'Site', 99.5)",
		"INSERT INTO project_members (project_id, user_id) VALUES (1, 1)",
	},
	"20260202110000_time_entries": {
		"INSERT INTO time_entries (user_id, project_id, started_at, ended_at, billable) VALUES (1, 1, '2026-02-02 09:00:00', '2026-02-02 10:30:00', true)",
	},
}

// changes are the tables whose rows a migration changes for good.
var changes = map[string][]string{
	"20260323140000_activities_of_users": {"activities"},
	"20260406090000_project_names":       {"projects"},
}

// On SQLite, and where TEST_DATABASE_URL names a server, on PostgreSQL.
func TestMigrations(t *testing.T) {
	addresses := map[string]string{"sqlite": ""}
	if address := os.Getenv("TEST_DATABASE_URL"); address != "" {
		addresses["postgres"] = address
	}
	for kind, address := range addresses {
		set := &migratetest.Set{Address: address, Rows: rows, Changes: changes, Models: models.All()}
		t.Run(kind+"/each", func(t *testing.T) { t.Parallel(); set.Stairway(t) })
		t.Run(kind+"/all", func(t *testing.T) { t.Parallel(); set.UpDownUp(t) })
		t.Run(kind+"/drift", func(t *testing.T) { t.Parallel(); set.NoDrift(t) })
	}
}
