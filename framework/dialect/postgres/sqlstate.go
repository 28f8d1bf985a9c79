package postgres

import (
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
)

// byCode tells the class of each SQLSTATE that means something to a runner or a
// message. Codes that are not here fall back to their first two characters.
var byCode = map[string]dialect.Class{
	"55P03": dialect.LockTimeout,
	"40P01": dialect.Deadlock,
	"40001": dialect.Serialization,
	"57014": dialect.Cancelled,
	"25P04": dialect.Cancelled, // transaction_timeout

	// These end the session. What was sent last, a COMMIT perhaps, may or may not
	// have happened.
	"57P01": dialect.ConnectionLost, // admin shutdown, pg_terminate_backend
	"57P02": dialect.ConnectionLost, // crash of another session
	"40003": dialect.ConnectionLost, // statement completion unknown
	"08000": dialect.ConnectionLost,
	"08003": dialect.ConnectionLost,
	"08006": dialect.ConnectionLost,
	"08007": dialect.ConnectionLost,

	// These answer a connection attempt: nothing was sent yet.
	"57P03": dialect.Unavailable, // starting up, shutting down, in recovery
	"53300": dialect.Unavailable, // too many connections
	"08001": dialect.Unavailable,
	"08004": dialect.Unavailable,

	"25P03": dialect.IdleTimeout, // of an open transaction
	"57P05": dialect.IdleTimeout, // of a session
	"25P02": dialect.Aborted,
	"25006": dialect.ReadOnly,

	"42P01": dialect.NoTable,
	"42703": dialect.NoColumn,
	"3F000": dialect.NoSchema,
	"42501": dialect.NoPrivilege,
	"28000": dialect.Auth,
	"28P01": dialect.Auth,
	"3D000": dialect.NoDatabase,
	"57P04": dialect.NoDatabase, // dropped under us
	"53100": dialect.Full,
	"55P04": dialect.EnumUncommitted,

	"42P04": dialect.Exists, // database
	"42P06": dialect.Exists, // schema
	"42P07": dialect.Exists, // table, index, view, sequence
	"42701": dialect.Exists, // column
	"42710": dialect.Exists, // constraint, type, extension, role
	"42723": dialect.Exists, // function

	"23502": dialect.NotNull,
	"23505": dialect.Unique,
	"40002": dialect.Constraint,
	"44000": dialect.Constraint, // a view's WITH CHECK OPTION
}

// class returns the class of a server's answer.
func class(code, message string) dialect.Class {
	if c, ok := byCode[code]; ok {
		return c
	}
	switch {
	case code == "08P01":
		return poolerClass(message)
	case code == "22023" && strings.HasPrefix(message, "role "):
		return dialect.NoPrivilege // SET ROLE to one that does not exist
	case strings.HasPrefix(code, "23"):
		return dialect.Constraint
	}
	return dialect.Other
}

// poolerClass reads the text of a protocol violation: PgBouncer sends most of
// what it has to say under this code. Whatever it is, the connection is over.
func poolerClass(message string) dialect.Class {
	for _, p := range []struct {
		text  string
		class dialect.Class
	}{
		{"no such database", dialect.NoDatabase},
		{"no such user", dialect.Auth},
		{"authentication failed", dialect.Auth},
		{"auth failed", dialect.Auth},
		{"unsupported startup parameter", dialect.Other},
		{"SSL required", dialect.TLS},
		{"no more connections allowed", dialect.Unavailable},
		{"cannot connect to server", dialect.Unavailable},
		{"login has been failing", dialect.Unavailable},
		{"query_wait_timeout", dialect.Unavailable},
	} {
		if strings.Contains(message, p.text) {
			return p.class
		}
	}
	return dialect.ConnectionLost
}
