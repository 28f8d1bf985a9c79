package models

import (
	"time"

	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// TimeEntry is a piece of work: who, on what, from when to when.
type TimeEntry struct {
	bun.BaseModel `bun:"table:time_entries"`

	ID        int64     `bun:",pk,autoincrement"`
	UserID    int64     `bun:",notnull"`
	ProjectID int64     `bun:",notnull"`
	Note      string    `bun:"type:text,notnull,default:''"`
	StartedAt time.Time `bun:",notnull"`
	EndedAt   time.Time `bun:",nullzero"` // zero: the clock is running
	Billable  bool      `bun:",notnull,default:true"`
	CreatedAt time.Time `bun:",nullzero,notnull,default:current_timestamp"`
	DeletedAt time.Time `bun:",soft_delete,nullzero"`

	User    *User    `bun:"rel:belongs-to,join:user_id=id,on_delete:CASCADE"`
	Project *Project `bun:"rel:belongs-to,join:project_id=id,on_delete:RESTRICT"`
}

// Define says what the tags cannot: one clock of a user may run at a time, and
// lists show the newest first.
func (*TimeEntry) Define() schema.Extras {
	newest := schema.Part{Column: "started_at", Desc: true}
	return schema.Extras{
		Checks: []schema.Check{{Name: "time_entries_period_check", Expr: schema.Expr("ended_at > started_at")}},
		Indexes: []schema.Index{
			{Name: "time_entries_running_idx", Unique: true, Parts: schema.Columns("user_id"), Where: schema.Expr("ended_at IS NULL AND deleted_at IS NULL")},
			{Name: "time_entries_project_id_idx", Parts: []schema.Part{{Column: "project_id"}, newest}},
			{Name: "time_entries_user_id_idx", Parts: []schema.Part{{Column: "user_id"}, newest}},
		},
	}
}

// Activity is a change that somebody made, for those who are told of it.
type Activity struct {
	bun.BaseModel `bun:"table:activities"`

	ID        int64          `bun:",pk,autoincrement"`
	CompanyID int64          `bun:",notnull"`
	UserID    *int64         // nil: the system, or a user who is gone
	Action    string         `bun:",notnull"`
	Details   map[string]any `bun:"type:jsonb"`
	CreatedAt time.Time      `bun:",nullzero,notnull,default:current_timestamp"`

	User *User `bun:"rel:belongs-to,join:user_id=id,on_delete:SET NULL"`
}

// Define says what the tags cannot.
func (*Activity) Define() schema.Extras {
	return schema.Extras{
		ForeignKeys: []schema.ForeignKey{{Name: "audit_events_company_id_fkey", // older than the table's name
			Columns: []string{"company_id"}, RefTable: "companies", RefColumns: []string{"id"}, OnDelete: schema.Cascade}},
		Indexes: []schema.Index{{Name: "activities_company_id_idx", Parts: []schema.Part{{Column: "company_id"}, {Column: "created_at", Desc: true}}}},
	}
}
