package migrations

import (
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// The first page asks for the projects of a user, so the key of the members
// begins with the user; an index serves those who ask the other way.
func init() {
	byProject := schema.PrimaryKey{Columns: []string{"project_id", "user_id"}}
	migrate.Register(migrate.Migration{
		ID:    "20260413113000_projects_of_users",
		After: []string{"20260406090000_project_names"},
		Change: migrate.Reversible(
			op.DropPrimaryKey{Table: "project_members", Was: &byProject},
			op.AddPrimaryKey{Table: "project_members", Columns: []string{"user_id", "project_id"}},
			op.CreateIndex{Table: "project_members", Index: schema.Index{Name: "project_members_project_id_idx", Parts: schema.Columns("project_id")}},
		),
	})
}
