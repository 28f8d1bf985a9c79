package models

import (
	"time"

	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// Company is a customer of the product: everything else belongs to one.
type Company struct {
	bun.BaseModel `bun:"table:companies"`

	ID        int64     `bun:",pk,autoincrement"`
	Name      string    `bun:",notnull"`
	Slug      string    `bun:"type:varchar(63),notnull"` // unique without regard to case
	TimeZone  string    `bun:",notnull,default:'UTC'"`
	ParentID  *int64    // the company that pays, in a group
	CreatedAt time.Time `bun:",nullzero,notnull,default:current_timestamp"`
	DeletedAt time.Time `bun:",soft_delete,nullzero"`

	Parent   *Company         `bun:"rel:belongs-to,join:parent_id=id,on_delete:SET NULL"`
	Settings *CompanySettings `bun:"rel:has-one,join:id=company_id"`
	Users    []*User          `bun:"rel:has-many,join:id=company_id"`
}

// Define says what the tags cannot.
func (*Company) Define() schema.Extras {
	return schema.Extras{
		Checks:  []schema.Check{{Name: "companies_parent_check", Expr: schema.Expr("parent_id <> id")}},
		Indexes: []schema.Index{{Name: "companies_slug_idx", Unique: true, Parts: []schema.Part{{Expr: schema.Expr("lower(slug)")}}}},
	}
}

// CompanySettings is what a company has chosen: one row for each company.
type CompanySettings struct {
	bun.BaseModel `bun:"table:company_settings"`

	CompanyID   int64          `bun:",pk"`
	WeekStart   int16          `bun:",notnull,default:1"                          leaven:"check:week_start BETWEEN 0 AND 6"` // 0 is Sunday
	RoundTo     int32          `bun:",notnull,default:1"                          leaven:"check:round_to > 0"`               // minutes
	Preferences map[string]any `bun:"type:jsonb,notnull,default:'{}'"`
	UpdatedAt   time.Time      `bun:",nullzero,notnull,default:current_timestamp"`

	Company *Company `bun:"rel:belongs-to,join:company_id=id,on_delete:CASCADE" leaven:"foreign_key"`
}
