package cli

import (
	"cmp"
	"context"
	"errors"
	"net"
	"os"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pattern"
)

// hint is what we know about a fault beyond what the database says. {id} in next
// is the migration's ID.
type hint struct {
	key    string // its name among hints, for tests; empty: none
	why    string
	next   []string
	better bool // more exact than what the class of the fault tells
}

// hints are the keys of all hints. Each is provoked by a test with a real error.
var hints = []string{
	"too-many-connections", "refused", "connection-lost", "password", "no-file", "no-database", "tls", "privilege",
	"lock-timeout", "busy", "exists", "unique", "not-null", "constraint", "enum", "read-only-file", "read-only", "full",
	"idle", "host-name", "file-rights",
}

// notSQLite is SQLite's code for a file that is none of its databases.
const notSQLite = "26"

// hintFor knows the faults that beginners and operators meet.
func hintFor(f dialect.Fault, l link) hint {
	from := l.setting()
	switch f.Class {
	case dialect.Unavailable:
		if f.Code == "53300" {
			return hint{key: "too-many-connections", next: []string{"close connections, or raise max_connections of the server"}}
		}
		return hint{key: "refused", next: []string{"start the database, or correct the address in " + from, "to wait until it is up, run: {migrate} wait --for 60s"}}
	case dialect.ConnectionLost:
		return hint{key: "connection-lost", next: []string{"run the same command again: what was committed is recorded, the rest was rolled back"}}
	case dialect.Auth:
		return hint{key: "password", next: []string{"correct user and password in " + from}}
	case dialect.NoDatabase:
		if l.file() {
			why := ""
			if f.Code == notSQLite {
				why = "it holds something else, is encrypted or damaged"
			}
			return hint{key: "no-file", why: why, next: []string{"correct the path in " + from + "; a file that is not there is made, unless the address says mode=rw or mode=ro"}}
		}
		return hint{key: "no-database", next: []string{"create it (createdb " + l.database() + "), or correct its name in " + from}}
	case dialect.TLS:
		return hint{key: "tls", next: []string{"for a server without TLS add sslmode=disable to the address in " + from, "else give the server a certificate that this machine trusts"}}
	case dialect.NoPrivilege:
		return hint{key: "privilege", next: privilegeNext(f.Message, l.user())}
	case dialect.LockTimeout:
		return hint{key: "lock-timeout", why: "another session holds a lock that this statement needs", next: []string{"try longer: --lock-wait 30m"}}
	case dialect.Busy:
		return hint{key: "busy", why: "another program is writing to the file", next: []string{"when it is done, run the same command again"}}
	case dialect.Exists:
		return hint{key: "exists", why: "something else has made it before: code that creates tables at start, or another tool", next: []string{
			"to accept what exists when it is equal, set IfNotExists: true on the operation",
			"to record the migration as applied without running it, run: {migrate} stamp {id}",
		}}
	case dialect.Unique:
		return hint{key: "unique", why: "rows that are in the table already have the same value", next: []string{"correct those rows in a migration before this one"}}
	case dialect.NotNull:
		return hint{key: "not-null", why: "rows that are in the table already have no value there", next: []string{"give the column a default, or fill it before it becomes NOT NULL"}}
	case dialect.Constraint:
		return hint{key: "constraint", why: "rows that are in the table already break it", next: []string{"correct those rows in a migration before this one"}}
	case dialect.EnumUncommitted:
		return hint{key: "enum", why: "a new value of an enum can be used only after it was committed", next: []string{"add the value in a migration of its own, before this one"}}
	case dialect.ReadOnly:
		if l.file() {
			return hint{key: "read-only-file", why: "this user may not write the file or its folder", next: []string{"let this user write the file and its folder, or name another database in " + from}}
		}
		return hint{key: "read-only", why: "it is a standby, or its user may only read", next: []string{"connect to the primary: correct the address in " + from}}
	case dialect.Full:
		return hint{key: "full", next: []string{"free space where the database lives"}}
	case dialect.IdleTimeout:
		return hint{key: "idle", why: "the migration did nothing in the database for too long", next: []string{"set IdleTimeout in the migration, or do the slow work before it"}}
	}
	return hint{}
}

// ofTable finds the table in what PostgreSQL says of a missing right.
var ofTable = pattern.Lazy(`permission denied for (?:table|relation) (\w+)`)

// privilegeNext says which right is missing.
func privilegeNext(message, user string) []string {
	if user == "" {
		user = "this_user"
	}
	if m := ofTable().FindStringSubmatch(message); m != nil {
		return []string{"let the owner grant it, as in: GRANT SELECT, INSERT, UPDATE, DELETE ON " + m[1] + " TO " + user, "or run as a role that may, which MIGRATE_ROLE names to every command", "or connect as its owner"}
	}
	return []string{"let the owner grant it, as in: GRANT CREATE ON SCHEMA public TO " + user, "or run as a role that may: --role OWNER", "or keep the history where you may write: --history-schema NAME"}
}

// user is as whom we connect, where the address tells; else empty.
func (l link) user() string { return l.parameter("user") }

// database is the name of the database for a command line, where the address
// tells one that needs no quotes there; else a word that stands for it.
func (l link) database() string { return cmp.Or(l.parameter("database"), "NAME") }

// parameter is what the address says of the connection, where it is a plain name;
// else empty.
func (l link) parameter(name string) string {
	prober := l.prober()
	if prober == nil {
		return ""
	}
	parameters, _ := prober.Parameters(l.URL)
	for _, p := range parameters {
		if p.Name == name && plainName().MatchString(p.Value) {
			return p.Value
		}
	}
	return ""
}

// trouble is what the system says of the database's file or its folder, of which
// SQLite says only that it cannot open it; nil: nothing.
func (l link) trouble(ctx context.Context, f dialect.Fault) error {
	prober := l.prober()
	if f.Class != dialect.NoDatabase || !l.file() || prober == nil {
		return nil
	}
	for _, check := range prober.ProbeAddress(ctx, l.URL) {
		if check.Err != nil {
			return check.Err
		}
	}
	return nil
}

// prober looks closer at what the address says; nil: nothing does.
func (l link) prober() dialect.Prober {
	_, o, err := openerFor(l)
	if err != nil {
		return nil
	}
	prober, _ := o.(dialect.Prober)
	return prober
}

// plainName is a name that SQL takes without quotes.
var plainName = pattern.Lazy(`^[a-z_][a-z0-9_]*$`)

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
		return hint{key: "host-name", next: []string{"correct the host name in " + l.setting()}, better: true}
	case errors.As(err, &op):
		return hintFor(dialect.Fault{Class: dialect.Unavailable}, l)
	case errors.Is(err, os.ErrPermission) && l.file():
		return hint{key: "file-rights", next: []string{"let this user read and write the file and its folder, or name another database in " + l.setting()}}
	case strings.Contains(err.Error(), "tls:"), strings.Contains(err.Error(), "x509:"):
		return hintFor(dialect.Fault{Class: dialect.TLS}, l)
	}
	return hint{}
}
