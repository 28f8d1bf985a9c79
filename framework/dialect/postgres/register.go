package postgres

import "github.com/leavendb/leaven/framework/dialect"

var (
	_ dialect.Dialect = Dialect{}
	_ dialect.Binder  = Dialect{}
	_ dialect.Opener  = Dialect{}
)

func init() { dialect.Register(Dialect{}) }
