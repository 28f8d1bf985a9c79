package cli

import (
	"errors"
	"net"
	"os"
	"regexp"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
)

// hint is what we know about a fault beyond what the database says. {id} in next
// is the migration's ID.
type hint struct {
	why    string
	next   []string
	better bool // more exact than what the class of the fault tells
}

// hintFor knows the faults that beginners and operators meet.
func hintFor(f dialect.Fault, l link) hint {
	from := l.setting()
	switch f.Class {
	case dialect.Unavailable:
		if f.Code == "53300" {
			return hint{next: []string{"close connections, or raise max_connections of the server"}}
		}
		return hint{next: []string{"start the database, or correct the address in " + from, "to wait until it is up, run: {migrate} wait --for 60s"}}
	case dialect.ConnectionLost:
		return hint{next: []string{"run the same command again: what was committed is recorded, the rest was rolled back"}}
	case dialect.Auth:
		return hint{next: []string{"correct user and password in " + from}}
	case dialect.NoDatabase:
		if l.file() {
			return hint{next: []string{"make the folder of the file, or correct the path in " + from}}
		}
		return hint{next: []string{"create it (createdb NAME), or correct its name in " + from}}
	case dialect.TLS:
		return hint{next: []string{"for a server without TLS add sslmode=disable to the address in " + from, "else give the server a certificate that this machine trusts"}}
	case dialect.NoPrivilege:
		return hint{next: privilegeNext(f.Message)}
	case dialect.LockTimeout:
		return hint{why: "another session holds a lock that this statement needs", next: []string{"try longer: --lock-wait 30m"}}
	case dialect.Busy:
		return hint{why: "another program is writing to the file", next: []string{"when it is done, run the same command again"}}
	case dialect.Exists:
		return hint{why: "something else has made it before: code that creates tables at start, or another tool", next: []string{
			"to accept what exists when it is equal, set IfNotExists: true on the operation",
			"to record the migration as applied without running it, run: {migrate} stamp {id}",
		}}
	case dialect.Unique:
		return hint{why: "rows that are in the table already have the same value", next: []string{"correct those rows in a migration before this one"}}
	case dialect.NotNull:
		return hint{why: "rows that are in the table already have no value there", next: []string{"give the column a default, or fill it before it becomes NOT NULL"}}
	case dialect.Constraint:
		return hint{why: "rows that are in the table already break it", next: []string{"correct those rows in a migration before this one"}}
	case dialect.EnumUncommitted:
		return hint{why: "a new value of an enum can be used only after it was committed", next: []string{"add the value in a migration of its own, before this one"}}
	case dialect.ReadOnly:
		if l.file() {
			return hint{why: "this user may not write the file or its folder", next: []string{"let this user write both, or name another database in " + from}}
		}
		return hint{why: "it is a standby, or its user may only read", next: []string{"connect to the primary: correct the address in " + from}}
	case dialect.Full:
		return hint{next: []string{"free space where the database lives"}}
	case dialect.IdleTimeout:
		return hint{why: "the migration did nothing in the database for too long", next: []string{"set IdleTimeout in the migration, or do the slow work before it"}}
	}
	return hint{}
}

// ofTable finds the table in what PostgreSQL says of a missing right.
var ofTable = regexp.MustCompile(`permission denied for (?:table|relation) (\w+)`)

// privilegeNext says which right is missing.
func privilegeNext(message string) []string {
	if m := ofTable.FindStringSubmatch(message); m != nil {
		return []string{"let the owner grant it, as in: GRANT SELECT, INSERT, UPDATE, DELETE ON " + m[1] + " TO this_user", "or connect as its owner"}
	}
	return []string{"let the owner grant it, as in: GRANT CREATE ON SCHEMA public TO this_user", "or run as a role that may: --role OWNER", "or keep the history where you may write: --history-schema NAME"}
}

// hintForText knows errors that come from the network or the file system and not
// from a database.
func hintForText(err error, l link) hint {
	var (
		dns *net.DNSError
		op  *net.OpError
	)
	switch {
	case err == nil:
		return hint{}
	case errors.As(err, &dns):
		return hint{next: []string{"correct the host name in " + l.setting()}, better: true}
	case errors.As(err, &op):
		return hintFor(dialect.Fault{Class: dialect.Unavailable}, l)
	case errors.Is(err, os.ErrPermission) && l.file():
		return hint{next: []string{"let this user read and write the file and its folder"}}
	case strings.Contains(err.Error(), "tls:"), strings.Contains(err.Error(), "x509:"):
		return hintFor(dialect.Fault{Class: dialect.TLS}, l)
	}
	return hint{}
}
