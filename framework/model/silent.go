package model

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/uptrace/bun"
	bunschema "github.com/uptrace/bun/schema"
)

// silent is a bun.DB that builds queries and connects to nothing.
func silent(d bunschema.Dialect) *bun.DB { return bun.NewDB(sql.OpenDB(nowhere{}), d) }

type nowhere struct{}

var errNowhere = errors.New("there is no database while models are read")

func (nowhere) Connect(context.Context) (driver.Conn, error) { return nil, errNowhere }
func (n nowhere) Driver() driver.Driver                      { return n }
func (nowhere) Open(string) (driver.Conn, error)             { return nil, errNowhere }
