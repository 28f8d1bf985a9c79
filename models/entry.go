package models

import (
	"time"

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

	User    *User    `bun:"rel:belongs-to,join:user_id=id"`
	Project *Project `bun:"rel:belongs-to,join:project_id=id"`
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

	User *User `bun:"rel:belongs-to,join:user_id=id"`
}
