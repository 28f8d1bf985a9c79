package migrations

import (
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// The report of a month tells what can be billed, too. A view is changed by
// making it anew.
func init() {
	billable := schema.Expr(`
		SELECT user_id, project_id, date_trunc('month', started_at) AS month,
			sum(extract(epoch FROM ended_at - started_at)) / 3600 AS hours,
			sum(CASE WHEN billable THEN extract(epoch FROM ended_at - started_at) ELSE 0 END) / 3600 AS billable_hours
		FROM time_entries WHERE ended_at IS NOT NULL AND deleted_at IS NULL
		GROUP BY user_id, project_id, date_trunc('month', started_at)`).On("sqlite", `
		SELECT user_id, project_id, strftime('%Y-%m-01', started_at) AS month,
			sum(julianday(ended_at) - julianday(started_at)) * 24 AS hours,
			sum(CASE WHEN billable THEN julianday(ended_at) - julianday(started_at) ELSE 0 END) * 24 AS billable_hours
		FROM time_entries WHERE ended_at IS NOT NULL AND deleted_at IS NULL
		GROUP BY user_id, project_id, strftime('%Y-%m-01', started_at)`)
	migrate.Register(migrate.Migration{
		ID:    "20260420090000_billable_hours",
		After: []string{"20260413113000_projects_of_users"},
		Change: migrate.Reversible(
			op.DropView{Name: monthlyHours.Name, Was: &monthlyHours},
			op.CreateView{Name: monthlyHours.Name, Query: billable},
		),
	})
}
