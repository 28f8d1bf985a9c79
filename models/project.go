package models

import (
	"time"

	"github.com/uptrace/bun"
)

// Client is who a company works for.
type Client struct {
	bun.BaseModel `bun:"table:clients"`

	ID        int64     `bun:",pk,autoincrement"`
	CompanyID int64     `bun:",notnull,unique:clients_name_key"`
	Name      string    `bun:",notnull,unique:clients_name_key"`
	Address   string    `bun:"type:text,nullzero"`
	CreatedAt time.Time `bun:",nullzero,notnull,default:current_timestamp"`
	DeletedAt time.Time `bun:",soft_delete,nullzero"`

	Company *Company `bun:"rel:belongs-to,join:company_id=id,on_delete:CASCADE"`
}

// Project is what time is spent on; a project may be part of another one.
type Project struct {
	bun.BaseModel `bun:"table:projects"`

	ID         int64     `bun:",pk,autoincrement"`
	CompanyID  int64     `bun:",notnull,unique:projects_name_key" leaven:"index"`
	ClientID   *int64    // nil: the company's own
	ParentID   *int64    // nil: not part of another one
	Name       string    `bun:",notnull,unique:projects_name_key"`
	HourlyRate string    `bun:"type:numeric(14,4),nullzero"                 leaven:"check:hourly_rate >= 0,comment:in the currency of the company"` // exact, so not a float
	Tags       []string  `bun:",array"`
	Billable   bool      `bun:",notnull,default:true"`
	StartsOn   time.Time `bun:"type:date,nullzero"`
	CreatedAt  time.Time `bun:",nullzero,notnull,default:current_timestamp"`
	DeletedAt  time.Time `bun:",soft_delete,nullzero"`

	Company *Company   `bun:"rel:belongs-to,join:company_id=id,on_delete:CASCADE"`
	Client  *Client    `bun:"rel:belongs-to,join:client_id=id,on_delete:SET NULL"`
	Parent  *Project   `bun:"rel:belongs-to,join:parent_id=id,on_delete:SET NULL"`
	Parts   []*Project `bun:"rel:has-many,join:id=parent_id"`
	Members []*User    `bun:"m2m:project_members,join:Project=User"`
}

// ProjectMember is a user of a project. Register it with bun (RegisterModel)
// before the models that name it.
type ProjectMember struct {
	bun.BaseModel `bun:"table:project_members"`

	UserID    int64     `bun:",pk"`
	ProjectID int64     `bun:",pk"                                         leaven:"index"`
	AddedAt   time.Time `bun:",nullzero,notnull,default:current_timestamp"`

	Project *Project `bun:"rel:belongs-to,join:project_id=id,on_delete:CASCADE"`
	User    *User    `bun:"rel:belongs-to,join:user_id=id,on_delete:CASCADE"`
}
