package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// Cancel implements dialect.Fence.
func (d Dialect) Cancel(ctx context.Context, control bun.IDB, pid int64) error {
	_, err := control.ExecContext(ctx, "SELECT pg_cancel_backend("+strconv.FormatInt(pid, 10)+")")
	return err
}

// Blockers implements dialect.Fence.
func (d Dialect) Blockers(ctx context.Context, control bun.IDB, pid int64) ([]dialect.Session, error) {
	return sessions(ctx, control, fmt.Sprintf("a.pid = ANY (pg_blocking_pids(%d))", pid))
}

// BlockedBy implements dialect.Fence.
func (d Dialect) BlockedBy(ctx context.Context, control bun.IDB, pid int64) ([]dialect.Session, error) {
	return sessions(ctx, control, fmt.Sprintf("a.wait_event_type = 'Lock' AND %[1]d = ANY (pg_blocking_pids(a.pid)) AND EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity o "+
		"WHERE o.pid = %[1]d AND o.state = 'idle in transaction' AND o.client_addr IS NOT DISTINCT FROM a.client_addr AND a.query_start > o.xact_start)", pid))
}

// Holders implements dialect.Fence.
func (d Dialect) Holders(ctx context.Context, control bun.IDB, key dialect.LockKey) ([]dialect.Session, error) {
	return sessions(ctx, control, fmt.Sprintf("a.pid IN (SELECT l.pid FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "+
		"AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) AND ((l.classid::bigint << 32) | l.objid::bigint) = %d)", key.Number))
}

func sessions(ctx context.Context, control bun.IDB, where string) ([]dialect.Session, error) {
	rows, err := control.QueryContext(ctx, "SELECT a.pid, coalesce(a.application_name, ''), coalesce(a.usename::text, ''), coalesce(a.state, ''), coalesce(left(a.query, 200), ''), "+
		"coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::float8 FROM pg_catalog.pg_stat_activity a WHERE "+where+" ORDER BY a.xact_start NULLS LAST, a.pid")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []dialect.Session
	for rows.Next() {
		var s dialect.Session
		var age float64
		if err := rows.Scan(&s.PID, &s.Application, &s.User, &s.State, &s.Query, &age); err != nil {
			return nil, err
		}
		s.Age = time.Duration(age * float64(time.Second))
		out = append(out, s)
	}
	return out, rows.Err()
}
