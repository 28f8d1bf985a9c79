package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

const oldest = 14 // the oldest PostgreSQL that is tested

const probeServer = `SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000,
	pg_is_in_recovery(), current_setting('transaction_read_only')::bool`

// probeRights asks for the user, or the role that migrations run as: may it be
// taken on, and may it make tables in the schema, or the schema?
const probeRights = `SELECT
	coalesce((SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = %[1]s), false),
	to_regnamespace(quote_ident(%[2]s)) IS NOT NULL,
	coalesce((SELECT has_schema_privilege(r.oid, n.oid, 'CREATE') FROM pg_namespace n, pg_roles r WHERE n.nspname = %[2]s AND r.rolname = %[1]s), false),
	coalesce((SELECT has_database_privilege(r.oid, current_database(), 'CREATE') FROM pg_roles r WHERE r.rolname = %[1]s), false)`

// probeTable tells which rights on a table a role lacks, empty for none, and
// whether the table is there.
const probeTable = `SELECT to_regclass(%[1]s) IS NOT NULL, coalesce((SELECT string_agg(p, ', ' ORDER BY n)
	FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY AS u(p, n), pg_roles r
	WHERE r.rolname = %[2]s AND NOT has_table_privilege(r.oid, to_regclass(%[1]s), p)), '')`

// ProbeDatabase implements dialect.Prober.
func (d Dialect) ProbeDatabase(ctx context.Context, db *bun.DB, p dialect.Probe) []dialect.Check {
	if p.HistorySchema == "" {
		p.HistorySchema = "public"
	}
	checks := []dialect.Check{}
	for _, look := range []func(context.Context, *bun.DB, dialect.Probe) (dialect.Check, error){
		d.probeServer, d.probePooler, d.probeRights, d.probeHistory,
	} {
		check, err := look(ctx, db, p)
		if err != nil {
			check.Err = err
			return append(checks, check)
		}
		checks = append(checks, check)
	}
	return checks
}

// probeServer looks at the server's version and at whether it takes writes.
func (Dialect) probeServer(ctx context.Context, db *bun.DB, _ dialect.Probe) (dialect.Check, error) {
	check := dialect.Check{Name: "server"}
	var version string
	var major int
	var standby, readOnly bool
	err := db.QueryRowContext(ctx, probeServer).Scan(&version, &major, &standby, &readOnly)
	if err != nil {
		return check, err
	}
	version, _, _ = strings.Cut(version, " ")
	check.Detail = "PostgreSQL " + version
	switch {
	case standby:
		check.Err, check.Class = errors.New("it is a standby, which takes no writes"), dialect.ReadOnly
	case readOnly:
		check.Err, check.Class = errors.New("transactions are read-only for this user (default_transaction_read_only)"), dialect.ReadOnly
		check.Next = "connect as a user who may write, or switch default_transaction_read_only off for it"
	case major < oldest:
		check.Warning = fmt.Sprintf("older than PostgreSQL %d, the oldest that is tested", oldest)
		check.Next = "upgrade the server"
	default:
		check.Detail += ", takes writes"
	}
	return check, nil
}

func (d Dialect) probePooler(ctx context.Context, db *bun.DB, _ dialect.Probe) (dialect.Check, error) {
	check := dialect.Check{Name: "pooler", Detail: "none that shares sessions"}
	one, err := db.Conn(ctx)
	if err != nil {
		return check, err
	}
	defer one.Close()
	var other bun.Conn
	if limit := db.Stats().MaxOpenConnections; limit == 0 || limit > 1 {
		if second, err := db.Conn(ctx); err == nil {
			defer second.Close()
			other = second
		}
	}
	pooled, err := d.Pooled(ctx, one, other)
	if pooled {
		check.Detail = ""
		check.Warning = "a pooler hands out sessions by transaction: NoTx migrations cannot hold their lock through it"
		check.Next = "set DIRECT_DATABASE_URL to the server's own address; DATABASE_URL may stay as it is"
	}
	return check, err
}

func (d Dialect) probeRights(ctx context.Context, db *bun.DB, p dialect.Probe) (dialect.Check, error) {
	check := dialect.Check{Name: "rights"}
	who, err := d.actor(ctx, db, p)
	if err != nil {
		return check, err
	}
	var member, exists, mayTable, maySchema bool
	err = db.QueryRowContext(ctx, fmt.Sprintf(probeRights, d.Literal(who), d.Literal(p.HistorySchema))).Scan(&member, &exists, &mayTable, &maySchema)
	if err != nil {
		return check, err
	}
	schema := d.Quote(p.HistorySchema)
	switch {
	case !member:
		check.Err, check.Next = fmt.Errorf("role %s does not exist, or this user may not become it", who), "let an administrator run: GRANT "+d.Quote(who)+" TO the user that connects"
	case !exists && !maySchema:
		check.Err, check.Next = fmt.Errorf("schema %s does not exist, and %s may not create it", p.HistorySchema, who), "let an administrator run: CREATE SCHEMA "+schema+" AUTHORIZATION "+d.Quote(who)
	case exists && !mayTable:
		check.Err, check.Next = fmt.Errorf("%s may not create tables in schema %s", who, p.HistorySchema), "let its owner run: GRANT CREATE ON SCHEMA "+schema+" TO "+d.Quote(who)
	case !exists:
		check.Detail = who + " may create schema " + p.HistorySchema + ", which is not there yet"
	default:
		check.Detail = who + " may create tables in schema " + p.HistorySchema
	}
	if check.Err != nil {
		check.Class = dialect.NoPrivilege
	}
	return check, nil
}

// actor is as whom migrations run.
func (Dialect) actor(ctx context.Context, db *bun.DB, p dialect.Probe) (who string, err error) {
	if p.Role != "" {
		return p.Role, nil
	}
	err = db.QueryRowContext(ctx, "SELECT current_user::text").Scan(&who)
	return who, err
}

func (d Dialect) probeHistory(ctx context.Context, db *bun.DB, p dialect.Probe) (dialect.Check, error) {
	check := dialect.Check{Name: "table"}
	who, err := d.actor(ctx, db, p)
	if err != nil {
		return check, err
	}
	name := d.Quote(p.HistorySchema) + "." + d.Quote(p.HistoryTable)
	var exists bool
	var lacks string
	if err := db.QueryRowContext(ctx, fmt.Sprintf(probeTable, d.Literal(name), d.Literal(who))).Scan(&exists, &lacks); err != nil {
		return check, err
	}
	plain := p.HistorySchema + "." + p.HistoryTable
	switch {
	case !exists:
		check.Detail = plain + " is not there yet; the first run makes it"
	case lacks != "":
		check.Err, check.Class = fmt.Errorf("%s lacks %s on %s", who, lacks, plain), dialect.NoPrivilege
		check.Next = "let its owner run: GRANT SELECT, INSERT, UPDATE, DELETE ON " + name + ", " + d.Quote(p.HistorySchema) + "." + d.Quote(p.HistoryTable+"_log") + " TO " + d.Quote(who)
	default:
		check.Detail = who + " may read and write " + plain
	}
	return check, nil
}
