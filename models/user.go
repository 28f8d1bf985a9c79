package models

import (
	"time"

	"github.com/uptrace/bun"
)

// UserRole says what a user may do. It is the enum user_role.
type UserRole string

// The roles of users.
const (
	RoleMember     UserRole = "member"
	RoleLead       UserRole = "lead"
	RoleAccountant UserRole = "accountant"
	RoleOwner      UserRole = "owner"
)

// User is a person who tracks time.
type User struct {
	bun.BaseModel `bun:"table:users"`

	ID          int64     `bun:",pk,autoincrement"`
	CompanyID   int64     `bun:",notnull"`
	Email       string    `bun:",notnull"` // unique without regard to case
	FirstName   string    `bun:",notnull"`
	LastName    string    `bun:",notnull"`
	DisplayName string    `bun:",notnull,default:''"`
	Nickname    *string   `bun:"type:varchar(80)"`
	Role        UserRole  `bun:"type:user_role,notnull,default:'member'"`
	CreatedAt   time.Time `bun:",nullzero,notnull,default:current_timestamp"`
	DeletedAt   time.Time `bun:",soft_delete,nullzero"`

	Company  *Company   `bun:"rel:belongs-to,join:company_id=id"`
	Projects []*Project `bun:"m2m:project_members,join:User=Project"`
}

// Invitation is a person whom a company has asked to become a user.
type Invitation struct {
	bun.BaseModel `bun:"table:invitations"`

	ID        int64     `bun:",pk,autoincrement"`
	CompanyID int64     `bun:",notnull"`
	Email     string    `bun:",notnull"` // one of a company, without regard to case
	SentAt    time.Time `bun:",nullzero,notnull,default:current_timestamp"`
	TakenAt   time.Time `bun:",nullzero"` // zero: not yet

	Company *Company `bun:"rel:belongs-to,join:company_id=id"`
}
