package models

import (
	"time"

	"github.com/uptrace/bun"
)

// Image is a picture of a company, a user or a project. Its table is older than
// the migrations: code that created tables at start made it.
type Image struct {
	bun.BaseModel `bun:"table:images"`

	ID          int64     `bun:",pk,autoincrement"`
	OwnerType   string    `bun:",notnull"                      leaven:"index:images_owner_idx"` // company, user, project
	OwnerID     int64     `bun:",notnull"                      leaven:"index:images_owner_idx"`
	Path        string    `bun:",notnull"                      leaven:"unique_index"`
	FileName    string    `bun:"type:varchar(255),notnull"`
	ContentType string    `bun:",notnull,default:'image/jpeg'"`
	ByteSize    int64     `bun:",notnull"`
	Width       *int32    // nil: not measured yet
	Height      *int32    //
	Checksum    []byte    //
	AltText     string    `bun:"type:text,nullzero"`
	Position    int32     `bun:",notnull,default:0"`
	Public      bool      `bun:",notnull,default:false"`
	CreatedAt   time.Time `bun:",nullzero,notnull,default:current_timestamp" leaven:"index"`
}
