package models

import (
	"time"

	"github.com/leavendb/leaven/framework/schema"
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

// Values lists the roles in their order.
func (UserRole) Values() []string {
	return []string{string(RoleMember), string(RoleLead), string(RoleAccountant), string(RoleOwner)}
}

// User is a person who tracks time.
type User struct {
	bun.BaseModel `bun:"table:users"`

	ID          int64     `bun:",pk,autoincrement"`
	CompanyID   int64     `bun:",notnull"                                    leaven:"index"`
	Email       string    `bun:",notnull"` // unique without regard to case
	FirstName   string    `bun:",notnull"`
	LastName    string    `bun:",notnull"`
	DisplayName string    `bun:",notnull,default:''"`
	Nickname    *string   `bun:"type:varchar(80)"                            leaven:"check:nickname <> ''"`
	Role        UserRole  `bun:"type:user_role,notnull,default:'member'"`
	CreatedAt   time.Time `bun:",nullzero,notnull,default:current_timestamp"`
	DeletedAt   time.Time `bun:",soft_delete,nullzero"`

	Company  *Company   `bun:"rel:belongs-to,join:company_id=id,on_delete:CASCADE"`
	Projects []*Project `bun:"m2m:project_members,join:User=Project"`
}

// Define says what the tags cannot: an address is one user's, without regard to
// case, until that user is gone.
func (*User) Define() schema.Extras {
	return schema.Extras{Indexes: []schema.Index{{Name: "users_email_idx", Unique: true,
		Parts: []schema.Part{{Expr: schema.Expr("lower(email)")}}, Where: schema.Expr("deleted_at IS NULL")}}}
}

// Invitation is a person whom a company has asked to become a user.
type Invitation struct {
	bun.BaseModel `bun:"table:invitations"`

	ID        int64     `bun:",pk,autoincrement"`
	CompanyID int64     `bun:",notnull"`
	Email     string    `bun:",notnull"` // one of a company, without regard to case
	SentAt    time.Time `bun:",nullzero,notnull,default:current_timestamp"`
	TakenAt   time.Time `bun:",nullzero"` // zero: not yet

	Company *Company `bun:"rel:belongs-to,join:company_id=id,on_delete:CASCADE"`
}

// Define says what the tags cannot.
func (*Invitation) Define() schema.Extras {
	return schema.Extras{Indexes: []schema.Index{{Name: "invitations_email_idx", Unique: true,
		Parts: []schema.Part{{Column: "company_id"}, {Expr: schema.Expr("lower(email)")}}}}}
}
